"""What of the ledger goes into facts: the journal, under the wallet that it was written to.

A merged member's entries stay with the merged member, as in the books: the pair of entries that carried the
points over stands in both wallets, and each wallet adds up by itself.
"""

from regulars.facts.facade import Extract

EXTRACT = Extract(
    table="ledger",
    source="ledger_journal j",
    columns={
        "member_id": "j.member_id",
        "currency": "j.currency",
        "seq": "j.seq",
        "occurred_at": "j.occurred_at",
        "recorded_at": "j.recorded_at",
        "kind": "j.kind",
        "debit": "j.debit",
        "credit": "j.credit",
        "amount": "j.amount",
        "balance_after": "j.balance_after",
        "expires_at": "CASE WHEN isfinite(j.expires_at) THEN j.expires_at END",
        "activates_at": "CASE WHEN isfinite(j.activates_at) THEN j.activates_at END",
        "programme_version": "j.programme_version",
        "rule": "j.rule",
        "refers_to": "j.refers_to",
        "lots": "j.lots",
        "lot_amounts": "j.lot_amounts",
    },
    written=("j",),
)
