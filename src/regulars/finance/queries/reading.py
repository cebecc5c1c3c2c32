"""The rows behind the reports, and the one snapshot in which a report reads all of them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import QueryCanceled

from regulars.finance import models, policies
from regulars.finance.errors import ReportTooSlow
from regulars.finance.types import Period, PointCost, Position, Step
from regulars.ledger.facade import Currency

# Phase 0 is before the period, 1 within it, 2 after it.
_FLOWS = """
    SELECT b.currency,
        CASE WHEN b.booked_at < %(start)s THEN 0 WHEN b.booked_at < %(end)s THEN 1 ELSE 2 END AS phase,
        CASE WHEN b.booked_at >= %(start)s AND b.booked_at < %(end)s
            THEN date_trunc(%(step)s, b.booked_at AT TIME ZONE %(zone)s)::date END AS first_day,
        b.kind, b.debit, b.credit, count(*), sum(b.amount)::bigint,
        coalesce(sum(b.amount) FILTER (WHERE b.occurred_at < %(start)s), 0)::bigint
    FROM ledger_books(%(currencies)s) b
    GROUP BY 1, 2, 3, 4, 5, 6
"""
# What lapses at midnight is good until the end of the day, and of the month, before.
_HOLDINGS = """
    SELECT t.tier, h.state, CASE
            WHEN h.expires_at IS NULL THEN 'unknown' WHEN h.expires_at = 'infinity' THEN 'never'
            WHEN h.expires_at <= %(before)s THEN 'past' ELSE 'month' END AS expiry,
        CASE WHEN h.expires_at > %(before)s AND h.expires_at < 'infinity'
            THEN date_trunc('month', (h.expires_at - interval '1 microsecond') AT TIME ZONE %(zone)s)::date
        END AS month,
        sum(h.points)::bigint
    FROM ledger_holdings_at(%(before)s, %(currencies)s) h
    LEFT JOIN tiers_told_at(%(before)s) t ON t.member_id = h.member_id
    GROUP BY 1, 2, 3, 4
"""
_DUE = """
    SELECT
        coalesce(sum(h.points) FILTER (WHERE h.state = 'active' AND h.expires_at <= %(before)s), 0)::bigint,
        coalesce(sum(h.points) FILTER (WHERE h.state = 'active'), 0)::bigint,
        coalesce(sum(h.points) FILTER (WHERE h.state = 'pending'), 0)::bigint,
        coalesce(sum(h.points) FILTER (WHERE h.state = 'held'), 0)::bigint,
        coalesce(sum(h.points) FILTER (WHERE h.state = 'debt'), 0)::bigint
    FROM ledger_holdings_at(%(before)s, %(currencies)s) h
"""
_DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)
_STORED = "SELECT state, in_wallets, in_lots FROM ledger_stored() WHERE currency = %(currency)s"


@dataclass(frozen=True, slots=True)
class Flow:
    """Entries of one kind between two accounts, before, within or after a period."""

    currency: str
    phase: int
    first_day: date | None
    kind: str
    debit: str
    credit: str
    entries: int
    points: int
    of_before: int

    @property
    def effect(self) -> Position:
        """What these entries did to the wallets."""
        return policies.effect_of(self.debit, self.credit, self.points)


def read_flows(period: Period, currencies: Sequence[str], step: Step | None = None) -> list[Flow]:
    """All entries of these currencies in sums. One query."""
    rows = _read(
        _FLOWS,
        start=period.start,
        end=period.end,
        zone=period.zone.key,
        # Without a step the whole period is one stretch.
        step=step or "millennium",
        currencies=list(currencies),
    )
    return [Flow(*row) for row in rows]


def sum_effects(flows: Iterator[Flow] | Sequence[Flow]) -> Position:
    """What flows did to the wallets, in sum."""
    return sum((flow.effect for flow in flows), Position())


def read_holdings(
    before: datetime, zone: ZoneInfo, currency: Currency
) -> list[tuple[str | None, str, str, date | None, int]]:
    """Tier, state, kind of expiry, month and points of what was there before an instant. One query."""
    return _read(_HOLDINGS, before=before, zone=zone.key, currencies=[currency])


def read_due(before: datetime, currency: Currency) -> tuple[int, Position]:
    """What of the active points was due, and all balances from the lots, before an instant. One query."""
    ((due, *balances),) = _read(_DUE, before=before, currencies=[currency])
    return due, Position(*balances)


def read_stored(currency: Currency) -> dict[str, tuple[int, int]]:
    """What is stored now of each state: in wallets, and in lots and holds. One query."""
    return {state: (wallets, lots) for state, wallets, lots in _read(_STORED, currency=currency)}


def list_point_costs() -> list[PointCost]:
    """What points were and will be reckoned at, latest first. One query."""
    return [
        PointCost(row.effective_on, row.cost, row.currency, row.recorded_at)
        for row in models.PointCost.objects.order_by("-effective_on")
    ]


@contextmanager
def snapshot() -> Iterator[None]:
    """One snapshot for all statements of a report; within a transaction, that one decides what is seen."""
    if connection.in_atomic_block:
        yield
        if _DEADLINE.get() is not None:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 0")
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def within(milliseconds: int) -> Iterator[None]:
    """So long may all reads together take that begin in here; else ReportTooSlow, and they are given up."""
    token = _DEADLINE.set(time.monotonic() + milliseconds / 1000)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def _read(text: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        deadline = _DEADLINE.get()
        if deadline is not None:
            _limit(cursor, deadline)
        try:
            cursor.execute(text, parameters or None)
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled) and deadline is not None:
                raise ReportTooSlow("The books are too large to be added up while you wait.") from error
            raise
        return list(cursor.fetchall())


def _limit(cursor: CursorWrapper, deadline: float) -> None:
    left = int((deadline - time.monotonic()) * 1000)
    if left <= 0:
        raise ReportTooSlow("The books are too large to be added up while you wait.")
    # Ends with the transaction of the snapshot.
    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{left}ms"])
