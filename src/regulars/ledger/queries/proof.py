"""Whether history is the balance: sums over everything, and the replay that proves them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from regulars.kit.ids import JournalSeq, MemberId
from regulars.ledger.types import Currency, ProofProblem, ProofReport, Totals

PROBLEMS_MAX = 20
_CHECKS = [
    f"SELECT member_id, currency, seq, what FROM ledger_prove_{check}(%s, %s, %s)"  # noqa: S608
    for check in ("chain", "wallets", "lots", "terms", "waiting", "reversals", "links")
]
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1

_TOTALS = """
    SELECT COALESCE(sum(amount) FILTER (WHERE debit = 'issued'), 0),
        COALESCE(sum(amount) FILTER (WHERE credit = 'spent'), 0),
        COALESCE(sum(amount) FILTER (WHERE debit = 'spent'), 0),
        COALESCE(sum(CASE WHEN credit = 'expired' THEN amount ELSE -amount END)
            FILTER (WHERE 'expired' IN (debit, credit)), 0),
        COALESCE(sum(amount) FILTER (WHERE credit = 'reversed' AND debit <> 'waived'), 0),
        COALESCE(sum(amount) FILTER (WHERE debit = 'waived'), 0),
        COALESCE(sum(CASE WHEN debit = 'adjusted' THEN amount ELSE -amount END)
            FILTER (WHERE kind = 'adjust'), 0),
        count(*)
    FROM ledger_journal WHERE currency = %s
"""
_HOLDINGS = """
    SELECT COALESCE(sum(balance), 0), COALESCE(sum(pending), 0), COALESCE(sum(held), 0),
        COALESCE(sum(debt), 0), count(*), COALESCE((
            SELECT sum(remaining) FROM ledger_open_lot WHERE currency = %s AND expires_at <= %s), 0)
    FROM ledger_wallet WHERE currency = %s
"""
_COUNTS = """
    SELECT (SELECT count(*) FROM ledger_journal), (SELECT count(*) FROM ledger_wallet),
        (SELECT count(*) FROM ledger_open_lot), (SELECT count(*) FROM ledger_pending_lot),
        (SELECT count(*) FROM ledger_open_hold)
"""
_SHARES = """
    SELECT max(member_id) FROM (
        SELECT member_id, ntile(%s) OVER (ORDER BY member_id) AS share FROM ledger_wallet
    ) AS shared GROUP BY share ORDER BY share
"""


def get_totals(now: datetime, currency: Currency = Currency.POINTS) -> Totals:
    """Sums over all wallets of a currency at `now`, from one snapshot where no transaction is open yet."""
    with _snapshot(), connection.cursor() as cursor:
        cursor.execute(_TOTALS, [currency])
        *flows, entries = map(int, cursor.fetchone())
        cursor.execute(_HOLDINGS, [currency, now, currency])
        active, pending, held, debt, wallets, due = map(int, cursor.fetchone())
    issued, spent, refunded, expired, reversed_, waived, adjusted = flows
    return Totals(
        issued=issued,
        spent=spent,
        refunded=refunded,
        expired=expired + due,
        reversed=reversed_,
        waived=waived,
        adjusted=adjusted,
        active=active - due,
        pending=pending,
        held=held,
        debt=debt,
        wallets=wallets,
        entries=entries,
    )


def prove(*, workers: int = 1) -> ProofReport:
    """Replay all history and compare it with every stored wallet, lot and hold; name what does not agree.

    Everything is read from one snapshot, beside running postings, where no transaction is open yet.
    `workers` above 1 shares the members out over so many connections.
    """
    with _snapshot(), connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        entries, wallets, open_lots, pending_lots, open_holds = cursor.fetchone()
        if workers <= 1:
            problems = _prove_range(cursor, _LOWEST, _HIGHEST)
        else:
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            cursor.execute(_SHARES, [workers])
            cuts = [row[0] for row in cursor.fetchall()][:-1]
            lows, highs = [_LOWEST, *(cut + 1 for cut in cuts)], [*cuts, _HIGHEST]
            with ThreadPoolExecutor(workers) as pool:
                shares = pool.map(_prove_share, [snapshot] * len(lows), lows, highs)
                problems = [problem for share in shares for problem in share]
    problems.sort(key=lambda problem: (problem.member_id, problem.currency, problem.seq or 0))
    first = tuple(problems[:PROBLEMS_MAX])
    return ProofReport(entries, wallets, open_lots, pending_lots, open_holds, first)


def _prove_share(snapshot: str, low: int, high: int) -> list[ProofProblem]:
    """One worker: its own thread, so its own connection, on the snapshot of the first."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
            return _prove_range(cursor, low, high)
    finally:
        connection.close()


def _prove_range(cursor: Any, low: int, high: int) -> list[ProofProblem]:
    problems = []
    for check in _CHECKS:
        cursor.execute(check, [low, high, PROBLEMS_MAX])
        problems += [
            ProofProblem(MemberId(member), Currency(currency), None if seq is None else JournalSeq(seq), what)
            for member, currency, seq, what in cursor.fetchall()
        ]
    return problems


@contextmanager
def _snapshot() -> Iterator[None]:
    """One snapshot for several statements; within a transaction, that transaction decides what is seen."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
