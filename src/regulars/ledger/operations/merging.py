"""Two members who are one: their wallets merged, and parted again."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from regulars.kit.actor import Actor
from regulars.kit.ids import JournalSeq, MemberId
from regulars.ledger.errors import HeldPoints, WalletsMerged
from regulars.ledger.operations.calls import call, statement
from regulars.ledger.policies import check_instants, check_reason, check_texts
from regulars.ledger.types import Currency, Moved, Sweep
from regulars.trail.facade import require_transaction

STRAYS_PER_SWEEP = 1_000

_CURRENCIES = [currency.value for currency in Currency]
_MERGE = """
    SELECT status, currency, active, pending, debt, missing
    FROM ledger_merge(%s::bigint, %s::bigint, %s::text[], %s::bigint, %s::text, %s::text, %s::timestamptz)
"""
_UNMERGE = """
    SELECT status, currency, active, pending, debt, missing
    FROM ledger_unmerge(%s::bigint, %s::text[], %s::text, %s::text, %s::timestamptz)
"""
_CARRIED = """
    SELECT m.into_member, e.seq FROM ledger_merged m
    JOIN ledger_journal e ON e.member_id = m.into_member AND e.currency = %s AND e.kind = 'merge_in'
        AND e.source = 'merge:' || m.merge || ':' || %s
    JOIN ledger_pending_lot p ON p.member_id = e.member_id AND p.currency = e.currency AND p.lot_id = e.seq
    WHERE m.member_id = %s ORDER BY e.seq LIMIT 1
"""
_STRAYS = statement("ledger_carry_strays", "timestamptz", "bigint")


def merge_wallets(
    *, actor: Actor, now: datetime, member_id: MemberId, into_member_id: MemberId, merge_id: int, reason: str
) -> list[Moved]:
    """Carry all wallets of a member over to another: lots with their terms, pending points, debt.

    Afterwards the merged member's wallets are empty and stay so: reversals and refunds of their entries
    fetch and carry what they need, what arrives late is carried over by a job. The survivor must not be
    merged into anybody, the merged member not have others merged into them.
    Locks: all wallets of both, ascending. Raises HeldPoints, WalletsMerged, InvalidPosting; RuntimeError
    outside a transaction.
    """
    require_transaction()
    check_reason(reason)
    check_texts(reason)
    check_instants(now)
    return _run(_MERGE, [member_id, into_member_id, _CURRENCIES, merge_id, reason, str(actor), now])


def unmerge_wallets(*, actor: Actor, now: datetime, member_id: MemberId, reason: str) -> list[Moved]:
    """Give a merged member back what is left of what came: to the same lots, with their own terms.

    What the merge itself set off, a balance against a debt, is undone. What was spent, lapsed or settled
    since stays with the survivor and is `missing`.
    Locks: all wallets of both, ascending. Raises HeldPoints, WalletsMerged, InvalidPosting; RuntimeError
    outside a transaction. After a refusal the caller rolls back.
    """
    require_transaction()
    check_reason(reason)
    check_texts(reason)
    check_instants(now)
    return _run(_UNMERGE, [member_id, _CURRENCIES, reason, str(actor), now])


def find_carried_pending(
    member_id: MemberId, currency: Currency, seq: JournalSeq
) -> tuple[MemberId, JournalSeq] | None:
    """Where a merged member's pending credit waits now: the survivor, and their entry. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CARRIED, [currency.value, str(seq), member_id])
        found = cursor.fetchone()
    return (MemberId(found[0]), JournalSeq(found[1])) if found else None


@transaction.atomic(durable=True)
def carry_strays(*, now: datetime, limit: int = STRAYS_PER_SWEEP) -> Sweep:
    """Carry over what reached merged members' wallets since: it was under way while they were merged.

    Locks: the wallets concerned and their survivors', ascending.
    """
    return Sweep(*call(_STRAYS, (now, limit)))


def _run(text: str, arguments: list[Any]) -> list[Moved]:
    with connection.cursor() as cursor:
        cursor.execute(text, arguments)
        rows = cursor.fetchall()
    moved = []
    for status, currency, *amounts in rows:
        if status == "held":
            raise HeldPoints("Points are held for something at the moment; settle or release that first.")
        if status != "posted":
            raise WalletsMerged("These wallets are merged already, or are not merged.", status=status)
        moved.append(Moved(Currency(currency), *amounts))
    return moved
