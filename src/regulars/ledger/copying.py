"""What of the journal goes into a member's copy of their data."""

from collections.abc import Iterator
from typing import Any

from regulars.kit.ids import MemberId
from regulars.ledger.queries.entries import list_entries
from regulars.ledger.types import Currency

READ_AT_ONCE = 100


def read_entries(member_id: MemberId) -> Iterator[dict[str, Any]]:
    """Every entry of every wallet, latest first within each; a hundred in memory at once."""
    for currency in Currency:
        cursor = None
        while True:
            page = list_entries(member_id, currency, cursor=cursor, size=READ_AT_ONCE)
            for entry in page.items:
                yield {
                    "currency": entry.currency,
                    "number": entry.seq,
                    "kind": entry.kind,
                    "from": entry.debit,
                    "to": entry.credit,
                    "amount": entry.amount,
                    "balance_after": entry.balance_after,
                    "occurred_at": entry.occurred_at,
                    "expires_at": entry.expires_at,
                    "rule": entry.rule,
                    "source": entry.source,
                    "reason": entry.reason,
                }
            cursor = page.next_cursor
            if cursor is None:
                break
