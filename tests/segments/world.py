"""A small shop: rows as plain values, which are written to the database and asked of a plain evaluator."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from regulars.activity.models import Event, Order, OrderLine, Return
from regulars.catalogue.models import Product
from regulars.kit.actor import SYSTEM
from regulars.members.models import Member
from regulars.rules import facade as rules
from regulars.segments import facade as segments
from regulars.segments.facade import SegmentInput, SegmentView

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 6, 15, 16, tzinfo=UTC)
TODAY = date(2026, 6, 15)
PROGRAMME = """
[programme]
name = "Corner shop"
time_zone = "America/New_York"
currency = "EUR"

[[earn]]
id = "base"
name = "Every purchase"
type = "per_amount"
points = 1
per = 1.00
"""
PRODUCTS = {
    "milk": ("Alm", ("Dairy", "Milk")),
    "brie": ("Alm", ("Dairy", "Cheese")),
    "soap": ("Lux", ("Care",)),
}


def days_ago(days: int, hour: int = 12) -> datetime:
    """That hour of the day so many days before today, in the shop's zone."""
    return datetime.combine(TODAY - timedelta(days=days), time(hour), tzinfo=ZONE)


@dataclass
class Person:
    """A member. An order is (days ago, amount, returned, store, lines of (sku, quantity))."""

    joined: int = 400
    orders: list[tuple[int, int, int, str, tuple[tuple[str, int], ...]]] = field(default_factory=list)
    events: list[tuple[int, str]] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    balance: int | None = None
    expiring: list[tuple[int, int]] = field(default_factory=list)
    id: int = 0


class World:
    """People who are in the database."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self.people: dict[int, Person] = {}
        self.numbers = 0
        for sku, (brand, path) in PRODUCTS.items():
            Product.objects.get_or_create(
                sku=sku, defaults={"name": sku, "brand": brand, "categories": list(path), "updated_at": NOW}
            )
        for person in people:
            self.add(person)

    def add(self, person: Person) -> int:
        self.numbers += 1
        row = Member.objects.create(
            external_id=f"w{self.numbers}", joined_at=days_ago(person.joined), attributes=person.attributes
        )
        person.id = row.pk
        self.people[row.pk] = person
        orders, events, lots = person.orders, person.events, person.expiring
        person.orders, person.events, person.expiring = [], [], []
        for told in orders:
            self.buy(row.pk, *told)
        for told in events:
            self.do(row.pk, *told)
        if person.balance is not None:
            self.set_balance(row.pk, person.balance)
        for told in lots:
            self.open_lot(row.pk, *told)
        return int(row.pk)

    def buy(self, member_id: int, *told: Any) -> int:
        """`told` is an order as a person has it."""
        days, amount, returned, store, lines = told
        self.numbers += 1
        key = f"o{self.numbers}"
        row = Order.objects.create(
            member_id=member_id, external_id=key, occurred_at=days_ago(days), recorded_at=NOW,
            recorded_by="system", currency="EUR", amount=amount, lines_count=len(lines), store=store,
            fingerprint=b"", returned_amount=returned,
        )  # fmt: skip
        OrderLine.objects.bulk_create(
            OrderLine(
                member_id=member_id, order_id=row.pk, line_no=number, quantity=quantity, amount=amount,
                discount=0, sku=sku, kind="product",
            )
            for number, (sku, quantity) in enumerate(lines, 1)
        )  # fmt: skip
        self.people[member_id].orders.append((days, amount, returned, store, tuple(lines)))
        return int(row.pk)

    def give_back(self, member_id: int, place: int, amount: int) -> None:
        """Part of an order comes back."""
        self.numbers += 1
        days, paid, returned, store, lines = self.people[member_id].orders[place]
        row = Order.objects.filter(member_id=member_id).order_by("pk")[place]
        amount = min(amount, paid - returned)
        Return.objects.create(
            member_id=member_id, order=row, external_id=f"r{self.numbers}", occurred_at=NOW, recorded_at=NOW,
            recorded_by="system", amount=amount, fingerprint=b"",
        )  # fmt: skip
        Order.objects.filter(pk=row.pk).update(returned_amount=returned + amount)
        self.people[member_id].orders[place] = (days, paid, returned + amount, store, lines)

    def do(self, member_id: int, days: int, kind: str) -> None:
        self.numbers += 1
        Event.objects.create(
            member_id=member_id, external_id=f"e{self.numbers}", kind=kind, occurred_at=days_ago(days),
            recorded_at=NOW, recorded_by="system", fingerprint=b"",
        )  # fmt: skip
        self.people[member_id].events.append((days, kind))

    def set_balance(self, member_id: int, balance: int) -> None:
        """A wallet with that balance, and an entry of the journal that tells of it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_wallet (member_id, currency, balance, version)"
                " VALUES (%s, 'points', %s, 1) ON CONFLICT (member_id, currency)"
                " DO UPDATE SET balance = excluded.balance, version = ledger_wallet.version + 1"
                " RETURNING version",
                [member_id, balance],
            )
            (seq,) = cursor.fetchone()
            cursor.execute(
                "INSERT INTO ledger_journal (member_id, currency, seq, posting, kind, debit, credit, amount,"
                " balance_after, pending_after, held_after, debt_after, occurred_at, recorded_at, sliding,"
                " rule, source, actor, reason) VALUES (%s, 'points', %s, %s, 'adjust', 'issued', 'active', 1,"
                " %s, 0, 0, 0, %s, now(), false, '', '', '', '')",
                [member_id, seq, seq, balance, NOW],
            )
        self.people[member_id].balance = balance

    def open_lot(self, member_id: int, days_ahead: int, points: int) -> None:
        self.numbers += 1
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_open_lot (member_id, currency, expires_at, opened_at, lot_id, remaining,"
                " sliding) VALUES (%s, 'points', %s, %s, %s, %s, false)",
                [member_id, days_ago(-days_ahead), NOW, self.numbers, points],
            )
        self.people[member_id].expiring.append((days_ahead, points))


def publish() -> None:
    """A programme in force since 2020."""
    rules.publish_programme(actor=SYSTEM, now=datetime(2020, 1, 1, tzinfo=UTC), text=PROGRAMME)


def tree(match: Any) -> dict[str, Any]:
    return {"version": 1, "match": match}


def create(match: Any, name: str = "Some", **more: Any) -> SegmentView:
    told = SegmentInput(name=name, tree=tree(match), **more)
    return segments.create_segment(actor=SYSTEM, now=NOW, told=told)


def build(match: Any, name: str = "Some", now: datetime = NOW, **more: Any) -> SegmentView:
    """A segment whose membership is made."""
    made = create(match, name, **more)
    outcome = segments.rebuild_segment(code=made.code, now=now)
    assert not outcome.error, outcome.error
    return segments.get_segment(made.code)


def members_of(code: str) -> set[int]:
    found: set[int] = set()
    cursor = None
    while True:
        page = segments.list_members_of(code, cursor=cursor, size=100)
        found |= {one.member_id for one in page.items}
        cursor = page.next_cursor
        if cursor is None:
            return found
