"""What stands in the database, read with plain SQL and none of the code under test."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from tests.faults.asks import Ask, Kind
from tests.faults.opening import OPENED

TIMED_OUT = "Not paid in time."
SPOKEN_FOR = {"earn", "adjust", "spend", "hold", "capture", "refund", "reverse", "waive"}
"""Kinds of entries that somebody asked for; beside them, what was held is released."""
Move = tuple[str, str]
"""Of journal entries: what they came from, and their kind."""


@dataclass(slots=True)
class Records:
    """By the keys of the asks: what is there of each, as many times as it is there, in comparable facts."""

    found: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    redemptions: dict[int, Any] = field(default_factory=dict)
    moved: Counter[Move] = field(default_factory=Counter)
    """Points in the journal by source and kind."""
    owed: Counter[Move] = field(default_factory=Counter)
    """What ought to be there for the orders, events, returns and redemptions that are."""
    broken: list[str] = field(default_factory=list)
    """Sums that do not add up, negative balances, units and codes that are not accounted for."""
    below_zero: int = 0
    held: int = 0
    due: int = 0
    """Points in lots whose time is over and that have not lapsed."""
    entries: int = 0
    wallets: int = 0


def read_records(connection: psycopg.Connection[Any]) -> Records:
    """Everything, from one snapshot."""
    connection.row_factory = namedtuple_row
    records = Records()
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        _read_journal(connection, records)
        _read_earned(connection, records)
        _read_returns(connection, records)
        _read_redemptions(connection, records)
        _read_stock(connection, records)
        _read_wallets(connection, records)
    return records


def find_of(records: Records, ask: Ask) -> list[dict[str, Any]]:
    """What is there of one ask. A confirmation or cancellation is there where its redemption shows it."""
    if ask.kind not in {Kind.CONFIRM, Kind.CANCEL, Kind.LET_GO}:
        return records.found[ask.key]
    row = records.redemptions.get(ask.about)
    if row is None:
        return []
    if ask.kind is Kind.CONFIRM:
        is_there = row.confirmed_at is not None
    else:
        # It may have timed out before; then there was nothing left to do.
        is_there = row.state == "cancelled" and row.cancel_reason in {ask.key, TIMED_OUT}
    return [{"redemption_id": row.id, "reference": row.reference}] if is_there else []


def _read_journal(connection: psycopg.Connection[Any], records: Records) -> None:
    query = "SELECT * FROM ledger_journal WHERE currency = 'points' ORDER BY member_id, seq"
    held_for: dict[tuple[int, int], str] = {}
    for row in connection.execute(query):
        if row.kind == "hold":
            held_for[row.member_id, row.seq] = row.source
        if row.kind == "adjust":
            if row.reason != OPENED:
                points = -row.amount if row.debit == "active" else row.amount
                records.found[row.reason].append({"seq": row.seq, "points": points})
        elif row.kind == "release":
            # The ledger lets a hold go by itself where nobody has for a day (or the clock leapt by one).
            records.moved[held_for[row.member_id, row.refers_to], "release"] += row.amount
        elif row.kind in SPOKEN_FOR:
            records.moved[row.source, row.kind] += row.amount
        if row.lots is not None and sum(row.lot_amounts) != row.amount:
            records.broken.append(f"entry {row.seq} of member {row.member_id} is not what it took from lots")
        if min(row.balance_after, row.pending_after, row.held_after, row.debt_after) < 0:
            records.below_zero += 1


def _read_earned(connection: psycopg.Connection[Any], records: Records) -> None:
    for kind, table in (("order", "activity_order"), ("event", "activity_event")):
        query = (
            f"SELECT t.id, t.external_id, a.points FROM {table} t"
            f" LEFT JOIN earning_award a ON a.source_kind = '{kind}' AND a.source_id = t.id"
        )
        for row in connection.execute(query):
            records.found[row.external_id].append({"points": row.points})
            if row.points is None:
                records.broken.append(f"{kind} {row.external_id} has no award")
            elif row.points:
                records.owed[f"{kind}:{row.id}", "earn"] += row.points


def _read_returns(connection: psycopg.Connection[Any], records: Records) -> None:
    query = """
        SELECT r.id, r.external_id, coalesce(sum(v.amount), 0)::bigint AS points,
            coalesce(sum(v.into_debt), 0)::bigint AS into_debt, coalesce(sum(v.waived), 0)::bigint AS waived
        FROM activity_return r LEFT JOIN earning_reversal v ON v.return_id = r.id AND v.currency = 'points'
        GROUP BY r.id
    """
    for row in connection.execute(query):
        facts = {"points": row.points, "into_debt": row.into_debt, "waived": row.waived}
        records.found[row.external_id].append(facts)
        if row.points:
            records.owed[f"return:{row.id}", "reverse"] += row.points
        if row.waived:
            records.owed[f"return:{row.id}", "waive"] += row.waived


def _read_redemptions(connection: psycopg.Connection[Any], records: Records) -> None:
    query = (
        "SELECT r.*, c.value AS code, w.code AS reward FROM redemption_redemption r"
        " JOIN catalogue_reward w ON w.id = r.reward_id LEFT JOIN catalogue_code c ON c.id = r.code_id"
    )
    for row in connection.execute(query):
        facts = {"redemption_id": row.id, "reference": row.reference, "price_points": row.price_points}
        if row.hold_seq is None:
            facts["code"] = row.code
        records.found[row.idempotency_key.removeprefix("api:")].append(facts)
        records.redemptions[row.id] = row
        if row.hold_seq is None:
            kinds = ["spend", "refund"] if row.state == "cancelled" else ["spend"]
        elif row.spend_seq is not None:
            kinds = ["hold", "capture", *(["refund"] if row.state == "cancelled" else [])]
        else:
            kinds = ["hold", "release"] if row.state == "cancelled" else ["hold"]
        for kind in kinds:
            records.owed[f"redemption:{row.id}", kind] += row.price_points


def _read_stock(connection: psycopg.Connection[Any], records: Records) -> None:
    standing = Counter(row.reward for row in records.redemptions.values() if row.state != "cancelled")
    for row in connection.execute("SELECT code, taken FROM catalogue_reward WHERE stock IS NOT NULL"):
        if row.taken != standing[row.code]:
            records.broken.append(f"{row.taken} of {row.code} are taken, {standing[row.code]} redeemed")
    codes = Counter(row.code for row in records.redemptions.values() if row.code is not None)
    records.broken += [f"code {code} was given {count} times" for code, count in codes.items() if count > 1]
    taken = connection.execute("SELECT value FROM catalogue_code WHERE state <> 'free'").fetchall()
    if {row.value for row in taken} != set(codes):
        records.broken.append(f"{len(taken)} codes are taken, {len(codes)} redeemed")


def _read_wallets(connection: psycopg.Connection[Any], records: Records) -> None:
    query = """
        SELECT w.*,
            (SELECT count(*) FROM ledger_journal j
                WHERE j.member_id = w.member_id AND j.currency = w.currency) AS entries,
            coalesce((SELECT sum(remaining) FROM ledger_open_lot l
                WHERE l.member_id = w.member_id AND l.currency = w.currency), 0) AS in_lots,
            coalesce((SELECT sum(remaining) FROM ledger_open_lot l
                WHERE l.member_id = w.member_id AND l.currency = w.currency
                    AND expires_at <= now()), 0) AS due,
            coalesce((SELECT sum(remaining) FROM ledger_pending_lot l
                WHERE l.member_id = w.member_id AND l.currency = w.currency), 0) AS waiting,
            coalesce((SELECT sum(remaining) FROM ledger_open_hold l
                WHERE l.member_id = w.member_id AND l.currency = w.currency), 0) AS in_holds
        FROM ledger_wallet w
    """
    for row in connection.execute(query):
        records.wallets += 1
        records.entries += row.entries
        records.held += row.held
        records.due += row.due
        records.below_zero += min(row.balance, row.pending, row.held, row.debt) < 0
        stored = (row.version, row.balance, row.pending, row.held)
        follows = (row.entries, row.in_lots, row.waiting, row.in_holds)
        if stored != follows:
            records.broken.append(
                f"member {row.member_id}, {row.currency}: {stored} stored; entries, lots, holds say {follows}"
            )
