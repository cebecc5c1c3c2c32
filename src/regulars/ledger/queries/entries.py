"""What happened: the journal, page by page, and what of it qualifies for tiers."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection

from regulars.kit.ids import JournalSeq, LotId, MemberId, ProgrammeVersion
from regulars.kit.paging import Page, clamp_page_size, decode_cursor, encode_cursor
from regulars.ledger.errors import EntryNotFound
from regulars.ledger.models import JournalEntry
from regulars.ledger.types import Account, Currency, Entry, EntryKind

# Credits that still wait do not qualify; reversals count against what they reverse, at its own time.
# What a merged member earned counts for the survivor; what of it still waits, waits there.
_QUALIFIED = """
    WITH whose AS (
        SELECT id AS member_id, id AS counts_for FROM unnest(%(members)s::bigint[]) AS id
        WHERE NOT EXISTS (SELECT FROM ledger_merged m WHERE m.member_id = id)
        UNION ALL
        SELECT member_id, into_member FROM ledger_merged WHERE into_member = ANY(%(members)s)
    )
    SELECT w.counts_for, e.occurred_at,
        CASE WHEN e.debit = 'active' THEN -e.amount ELSE e.amount - COALESCE(r.amount, 0) END::bigint
    FROM whose w JOIN ledger_journal e ON e.member_id = w.member_id
    LEFT JOIN (
        SELECT member_id, refers_to, sum(amount) AS amount FROM ledger_journal
        WHERE member_id IN (SELECT member_id FROM whose) AND currency = %(currency)s AND refers_to IS NOT NULL
            AND kind = 'reverse'
        GROUP BY member_id, refers_to
    ) AS r ON r.member_id = e.member_id AND r.refers_to = e.seq
    WHERE e.currency = %(currency)s AND e.kind IN ('earn', 'adjust')
        AND e.occurred_at >= %(since)s
        AND NOT EXISTS (
            SELECT FROM ledger_pending_lot p
            WHERE p.member_id = e.member_id AND p.currency = e.currency AND p.lot_id = e.seq)
        AND (w.member_id = w.counts_for OR NOT EXISTS (
            SELECT FROM ledger_pending_lot p
            JOIN ledger_journal c
                ON c.member_id = p.member_id AND c.currency = p.currency AND c.seq = p.lot_id
            JOIN ledger_merged m ON m.member_id = e.member_id
            WHERE p.member_id = w.counts_for AND p.currency = e.currency
                AND c.source = 'merge:' || m.merge || ':' || e.seq))
    ORDER BY w.counts_for, e.occurred_at, e.member_id, e.seq
"""


def list_entries(
    member_id: MemberId,
    currency: Currency = Currency.POINTS,
    cursor: str | None = None,
    size: int | None = None,
    kinds: Collection[EntryKind] | None = None,
) -> Page[Entry]:
    """The wallet's entries, latest first. One query. Raises BadCursor."""
    size = clamp_page_size(size)
    entries = (
        JournalEntry.objects.filter(member_id=member_id, currency=currency)
        .defer("input_hash")
        .order_by("-seq")
    )
    if kinds is not None:
        entries = entries.filter(kind__in=list(kinds))
    if cursor:
        (before,) = decode_cursor(cursor, (int,))
        entries = entries.filter(seq__lt=before)
    rows = list(entries[: size + 1])
    more = encode_cursor(rows[size - 1].seq) if len(rows) > size else None
    return Page(tuple(_entry(row) for row in rows[:size]), more)


def get_entry(member_id: MemberId, currency: Currency, seq: JournalSeq) -> Entry:
    """One entry of a wallet. Raises EntryNotFound."""
    row = JournalEntry.objects.filter(member_id=member_id, currency=currency, seq=seq).first()
    if row is None:
        raise EntryNotFound("The wallet has no such entry.")
    return _entry(row)


def list_qualified(
    member_ids: Sequence[MemberId], currency: Currency, since: datetime
) -> dict[MemberId, list[tuple[datetime, int]]]:
    """What each member earned since an instant and kept: (occurred_at, net amount), earliest first.

    A reversal counts against the entry that it reverses, whenever it was made; entries that net to nothing
    and credits still pending are left out; adjustments downwards are negative. Expiry takes nothing away.
    One query.
    """
    found: dict[MemberId, list[tuple[datetime, int]]] = {member_id: [] for member_id in member_ids}
    with connection.cursor() as cursor:
        cursor.execute(_QUALIFIED, {"members": list(member_ids), "currency": currency, "since": since})
        for member_id, occurred_at, amount in cursor.fetchall():
            if amount:
                found[member_id].append((occurred_at, amount))
    return found


def _entry(row: JournalEntry) -> Entry:
    return Entry(
        member_id=MemberId(row.member_id),
        currency=Currency(row.currency),
        seq=JournalSeq(row.seq),
        posting=JournalSeq(row.posting),
        kind=EntryKind(row.kind),
        debit=Account(row.debit),
        credit=Account(row.credit),
        amount=row.amount,
        balance_after=row.balance_after,
        pending_after=row.pending_after,
        held_after=row.held_after,
        debt_after=row.debt_after,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        expires_at=row.expires_at,
        activates_at=row.activates_at,
        awaits=row.awaits,
        sliding=row.sliding,
        refers_to=None if row.refers_to is None else JournalSeq(row.refers_to),
        key=row.key,
        programme_version=None if row.programme_version is None else ProgrammeVersion(row.programme_version),
        rule=row.rule,
        source=row.source,
        actor=row.actor,
        reason=row.reason,
        allocations=tuple(
            (LotId(lot), amount) for lot, amount in zip(row.lots or (), row.lot_amounts or (), strict=True)
        ),
    )
