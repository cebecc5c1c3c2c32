"""What happened: the journal, page by page, and what of it qualifies for tiers."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.kit.ids import JournalSeq, MemberId
from regulars.kit.paging import Page, clamp_page_size, decode_cursor, encode_cursor
from regulars.kit.statements import fetch_rows
from regulars.ledger.errors import EntryNotFound
from regulars.ledger.types import Account, Currency, Entry, EntryKind

# Credits that still wait do not qualify; reversals count against what they reverse, at its own time.
# What a merged member earned counts for the survivor; what of it still waits, waits there.
_QUALIFIED = """
    WITH whose AS (
        SELECT id AS member_id, id AS counts_for FROM unnest(%(members)s::bigint[]) AS id
        WHERE NOT EXISTS (SELECT FROM ledger_merged m WHERE m.member_id = id)
        UNION ALL
        SELECT member_id, into_member FROM ledger_merged WHERE into_member = ANY(%(members)s::bigint[])
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
        AND e.occurred_at >= %(since)s::timestamptz
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


_ORDER = re.findall(r"%\((\w+)\)s", _QUALIFIED)
_QUALIFIED_FOR_ONE = re.sub(r"%\(\w+\)s", "%s", _QUALIFIED)

_COLUMNS = """
    member_id, currency, seq, posting, kind, debit, credit, amount, balance_after, pending_after, held_after,
    debt_after, occurred_at, recorded_at, expires_at, activates_at, awaits, sliding, refers_to, key,
    programme_version, rule, source, actor, reason, lots, lot_amounts
"""
# Both are asked for with pages that members wait for.
_PAGE = f"""
SELECT {_COLUMNS} FROM ledger_journal
WHERE member_id = %s::bigint AND currency = %s AND seq < %s::bigint AND kind = ANY (%s::text[])
ORDER BY seq DESC LIMIT %s::bigint
"""  # noqa: S608 (constants)
_ONE = f"""
SELECT {_COLUMNS} FROM ledger_journal WHERE member_id = %s::bigint AND currency = %s AND seq = %s::bigint
"""  # noqa: S608 (constants)
_BEYOND = 2**63 - 1
# Looked up, for calling an enumeration costs ten times as much.
_CURRENCIES = {one.value: one for one in Currency}
_KINDS = {one.value: one for one in EntryKind}
_ACCOUNTS = {one.value: one for one in Account}


def list_entries(
    member_id: MemberId,
    currency: Currency = Currency.POINTS,
    cursor: str | None = None,
    size: int | None = None,
    kinds: Collection[EntryKind] | None = None,
) -> Page[Entry]:
    """The wallet's entries, latest first. One query. Raises BadCursor."""
    size = clamp_page_size(size)
    before = max(min(int(decode_cursor(cursor, (int,))[0]), _BEYOND), 0) if cursor else _BEYOND
    wanted = "{" + ",".join(EntryKind if kinds is None else kinds) + "}"
    rows = fetch_rows(_PAGE, (str(member_id), currency, str(before), wanted, str(size + 1)))
    entries = tuple(map(_read_entry, rows[:size]))
    return Page(entries, encode_cursor(entries[-1].seq) if len(rows) > size else None)


def get_entry(member_id: MemberId, currency: Currency, seq: JournalSeq) -> Entry:
    """One entry of a wallet. Raises EntryNotFound."""
    rows = fetch_rows(_ONE, (str(member_id), currency, str(seq))) if 0 < seq <= _BEYOND else []
    if not rows:
        raise EntryNotFound("The wallet has no such entry.")
    return _read_entry(rows[0])


def list_qualified(
    member_ids: Sequence[MemberId], currency: Currency, since: datetime
) -> dict[MemberId, list[tuple[datetime, int]]]:
    """What each member earned since an instant and kept: (occurred_at, net amount), earliest first.

    A reversal counts against the entry that it reverses, whenever it was made; entries that net to nothing
    and credits still pending are left out; adjustments downwards are negative. Expiry takes nothing away.
    One query.
    """
    found: dict[MemberId, list[tuple[datetime, int]]] = {member_id: [] for member_id in member_ids}
    for member_id, occurred_at, amount in _read_qualified(member_ids, currency, since):
        if amount:
            found[member_id].append((occurred_at, amount))
    return found


def _read_qualified(
    member_ids: Sequence[MemberId], currency: Currency, since: datetime
) -> Iterable[tuple[Any, ...]]:
    """Rows of _QUALIFIED. For many members PostgreSQL plans with their number, for one it need not."""
    told = {"members": "{" + ",".join(map(str, member_ids)) + "}", "currency": currency.value}
    told["since"] = since.isoformat()
    if len(member_ids) == 1:
        return fetch_rows(_QUALIFIED_FOR_ONE, [told[name] for name in _ORDER])
    with connection.cursor() as cursor:
        cursor.execute(_QUALIFIED, told)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _read_entry(row: Sequence[Any]) -> Entry:
    """A row of _COLUMNS, which are in the order of an entry's fields."""
    member_id, currency, seq, posting, kind, debit, credit, *plain, lots, lot_amounts = row
    told = (_KINDS[kind], _ACCOUNTS[debit], _ACCOUNTS[credit])
    allocations = tuple(zip(lots or (), lot_amounts or (), strict=True))
    fields: list[Any] = [member_id, _CURRENCIES[currency], seq, posting, *told, *plain, allocations]
    return Entry(*fields)
