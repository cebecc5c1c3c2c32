"""A small shop with a bit of everything: purchases, returns, points, rewards, tiers, members who are one."""

import datetime as dt
import random
from typing import Any

import pyarrow as pa

FIRST = dt.date(2025, 1, 1)
AS_OF = dt.date(2025, 12, 31)
MEMBERS = 48
MERGED, SURVIVOR = 47, 46
REWARDS = ((1, 100, None), (2, 300, 5), (3, 5000, None))


def at(day: dt.date, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC)


def make_table(rows: list[dict[str, Any]], **types: Any) -> pa.Table:
    """Rows as Arrow, instants as UTC; `types` name the type of columns that may be null throughout."""
    columns = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        columns[name] = pa.array(values, types.get(name))
    return pa.table(columns)


def make_orders(rng: random.Random) -> list[dict[str, Any]]:
    """Members of different pace; some leave; some buy twice a day; some once."""
    orders = []
    for member in range(1, MEMBERS):
        pace = 3 + member % 9 * 4
        day = FIRST + dt.timedelta(days=rng.randrange(60 if member % 3 else 300))
        leaves = AS_OF - dt.timedelta(days=200) if member % 7 == 0 else AS_OF
        while day <= leaves:
            for _basket in range(2 if rng.random() < 0.1 else 1):
                orders.append(
                    {
                        "order_id": len(orders) + 1,
                        "member_id": member,
                        "occurred_at": at(day, 9 + len(orders) % 10),
                        "occurred_on": day,
                        "currency": "EUR",
                        "amount": rng.randrange(100, 9000) * (1 + member % 3),
                        "lines_count": 2,
                        "store": "",
                        "channel": "",
                    }
                )
            if member % 11 == 0:
                break
            day += dt.timedelta(days=max(1, round(rng.expovariate(1 / pace))))
    return orders


def make_lines(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "order_id": order["order_id"],
            "line_no": number,
            "member_id": order["member_id"],
            "occurred_at": order["occurred_at"],
            "occurred_on": order["occurred_on"],
            "sku": f"sku {(order['order_id'] + number) % 4}",
            "kind": "product",
            "quantity": number,
            "amount": order["amount"] // 2,
            "discount": 0,
        }
        for order in orders
        for number in (1, 2)
    ]


def make_returns(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "return_id": order["order_id"],
            "order_id": order["order_id"],
            "member_id": order["member_id"],
            "occurred_at": order["occurred_at"] + dt.timedelta(days=3),
            "occurred_on": order["occurred_on"] + dt.timedelta(days=3),
            "amount": order["amount"] // 3,
        }
        for order in orders[::9]
    ]


class Wallets:
    """Wallets as the ledger keeps them: lots are spent earliest expiry first, and named by their entry."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self._seq: dict[int, int] = {}
        self._lots: dict[int, list[list[Any]]] = {}

    def balance(self, member: int) -> int:
        return sum(left for _expires, _seq, left in self._lots.get(member, []))

    def earn(self, member: int, day: dt.date, amount: int, expires: dt.date | None) -> None:
        seq = self._write(
            member, day, "earn", debit="issued", credit="active", amount=amount, expires=expires
        )
        self._lots.setdefault(member, []).append([expires or dt.date.max, seq, amount])

    def take(self, member: int, day: dt.date, amount: int, kind: str, credit: str) -> list[tuple[int, int]]:
        taken, left = [], amount
        for lot in sorted(self._lots.get(member, [])):
            part = min(lot[2], left)
            if part:
                taken.append((lot[1], part))
                for mine in self._lots[member]:
                    if mine[1] == lot[1]:
                        mine[2] -= part
                left -= part
        assert not left
        self._write(member, day, kind, debit="active", credit=credit, amount=amount, lots=taken)
        return taken

    def give_back(self, member: int, day: dt.date, taken: list[tuple[int, int]]) -> None:
        total = sum(amount for _lot, amount in taken)
        self._write(member, day, "refund", debit="spent", credit="active", amount=total, lots=taken)
        for lot, amount in taken:
            for mine in self._lots[member]:
                if mine[1] == lot:
                    mine[2] += amount

    def _write(
        self,
        member: int,
        day: dt.date,
        kind: str,
        *,
        debit: str,
        credit: str,
        amount: int,
        expires: dt.date | None = None,
        lots: list[tuple[int, int]] | None = None,
    ) -> int:
        seq = self._seq[member] = self._seq.get(member, 0) + 1
        moved = {"active": amount}.get(credit, 0) - {"active": amount}.get(debit, 0)
        self.entries.append(
            {
                "member_id": member,
                "currency": "points",
                "seq": seq,
                "occurred_at": at(day),
                "occurred_on": day,
                "recorded_at": at(day, 13),
                "kind": kind,
                "debit": debit,
                "credit": credit,
                "amount": amount,
                "balance_after": self.balance(member) + (moved if kind in {"earn", "refund"} else 0),
                "expires_at": at(expires) if expires else None,
                "activates_at": None,
                "programme_version": 1,
                "rule": "",
                "refers_to": None,
                "lots": [lot for lot, _n in lots] if lots else None,
                "lot_amounts": [n for _lot, n in lots] if lots else None,
            }
        )
        return seq


def live(rng: random.Random, orders: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """Points for each order, rewards now and then, some cancelled, some points that lapse."""
    wallets, redemptions = Wallets(), []
    for order in sorted(orders, key=lambda one: one["occurred_at"]):
        member, day = order["member_id"], order["occurred_on"]
        expires = day + dt.timedelta(days=120) if member % 2 else None
        wallets.earn(member, day, max(1, order["amount"] // 100), expires)
        if rng.random() < 0.06 and wallets.balance(member) >= 100:
            taken = wallets.take(member, day, 100, "spend", "spent")
            cancelled = len(redemptions) % 4 == 3
            redemptions.append(_redeem(len(redemptions) + 1, member, day, cancelled))
            if cancelled:
                wallets.give_back(member, day, taken)
        elif rng.random() < 0.05:
            wallets.take(member, day, 1, "expire", "expired")
    return wallets.entries, redemptions


def _redeem(number: int, member: int, day: dt.date, cancelled: bool) -> dict[str, Any]:
    return {
        "redemption_id": number,
        "member_id": member,
        "occurred_at": at(day),
        "occurred_on": day,
        "reward_id": 1 + number % 2,
        "state": "cancelled" if cancelled else "fulfilled",
        "units": 1,
        "points": 100,
        "money": 0,
        "refunded_points": 100 if cancelled else 0,
        "fulfilled_at": None if cancelled else at(day),
        "cancelled_at": at(day) if cancelled else None,
    }


def make_tier_changes() -> list[dict[str, Any]]:
    return [
        {
            "change_id": member * 10 + step,
            "member_id": member,
            "occurred_at": at(FIRST + dt.timedelta(days=90 * step + member)),
            "occurred_on": FIRST + dt.timedelta(days=90 * step + member),
            "from_tier": before,
            "to_tier": after,
            "reason": "",
        }
        for member in range(1, MEMBERS, 3)
        for step, (before, after) in enumerate((("", "silver"), ("silver", "gold"), ("gold", "silver")), 1)
    ]


def make_members(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    firsts: dict[int, dt.datetime] = {}
    for order in orders:
        firsts[order["member_id"]] = min(
            order["occurred_at"], firsts.get(order["member_id"], order["occurred_at"])
        )
    return [
        {
            "member_id": member,
            "joined_at": firsts.get(member, at(FIRST)),
            "joined_on": firsts.get(member, at(FIRST)).date(),
            "erased": member == 5,
            "merged_into": SURVIVOR if member == MERGED else None,
            "tier": "silver" if member % 3 == 1 else "",
            "language": "",
        }
        for member in range(1, MEMBERS + 2)
    ]


def make_rewards() -> list[dict[str, Any]]:
    return [
        {
            "reward_id": number,
            "code": f"r{number}",
            "name": f"Reward {number}",
            "kind": "voucher",
            "category": "",
            "price_points": price,
            "price_money": 0,
            "stock": stock,
            "taken": 5,
            "per_member_max": None,
            "active_from": None,
            "active_to": None,
            "created_at": at(FIRST),
            "published": True,
        }
        for number, price, stock in REWARDS
    ]


def make_shop(seed: int = 7) -> dict[str, pa.Table]:
    """All tables of the shop."""
    rng = random.Random(seed)
    orders = make_orders(rng)
    ledger, redemptions = live(rng, orders)
    instant, whole = pa.timestamp("us", "UTC"), pa.int64()
    return {
        "orders": make_table(orders),
        "order_lines": make_table(make_lines(orders)),
        "returns": make_table(make_returns(orders)),
        "ledger": make_table(
            ledger,
            expires_at=instant,
            activates_at=instant,
            refers_to=whole,
            lots=pa.list_(whole),
            lot_amounts=pa.list_(whole),
        ),
        "redemptions": make_table(redemptions, fulfilled_at=instant, cancelled_at=instant),
        "tier_changes": make_table(make_tier_changes()),
        "members": make_table(make_members(orders), merged_into=whole),
        "products": make_table(
            [
                {
                    "sku": f"sku {n}",
                    "name": f"Product {n}",
                    "brand": "",
                    "categories": ["food"],
                    "price": 500,
                    "cost": None if n == 3 else 100 * n,
                }
                for n in range(4)
            ],
            cost=whole,
        ),
        "rewards": make_table(
            make_rewards(), stock=whole, per_member_max=whole, active_from=instant, active_to=instant
        ),
    }
