"""The door of the ledger.

Steps (`earn` … `extend_sliding`) belong to a caller's transaction and refuse to run outside one.
`adjust_points`, `transfer_points` and the sweeps are operations with a transaction of their own.
Locks are taken in this order: wallets ascending by (member_id, currency), then lots, then the journal.
"""

from regulars.ledger.errors import (
    EntryNotFound,
    HeldPoints,
    HoldNotOpen,
    IdempotencyConflict,
    InsufficientPoints,
    InvalidPosting,
    NotPending,
    NotRefundable,
    NotReversible,
    RefundTooLarge,
    ReversalTooLarge,
    WalletsMerged,
)
from regulars.ledger.operations.corrections import (
    adjust_points,
    refund_spend,
    reverse_earn,
    transfer_points,
)
from regulars.ledger.operations.credits import activate, earn, earn_batch, extend_sliding, lock_wallets
from regulars.ledger.operations.debits import capture, hold, release, spend
from regulars.ledger.operations.merging import (
    carry_strays,
    find_carried_pending,
    merge_wallets,
    unmerge_wallets,
)
from regulars.ledger.operations.sweeps import activate_due, expire_due, release_timed_out_holds
from regulars.ledger.queries.balances import get_balance, get_balances, list_expiring, list_lots
from regulars.ledger.queries.entries import get_entry, list_entries, list_qualified
from regulars.ledger.queries.proof import get_totals, prove
from regulars.ledger.types import (
    Account,
    Balance,
    Currency,
    EarnCommand,
    Entry,
    EntryKind,
    Lot,
    LotState,
    Moved,
    ProofProblem,
    ProofReport,
    Receipt,
    Reversal,
    Shortfall,
    Sweep,
    Totals,
)

__all__ = [
    "Account",
    "Balance",
    "Currency",
    "EarnCommand",
    "Entry",
    "EntryKind",
    "EntryNotFound",
    "HeldPoints",
    "HoldNotOpen",
    "IdempotencyConflict",
    "InsufficientPoints",
    "InvalidPosting",
    "Lot",
    "LotState",
    "Moved",
    "NotPending",
    "NotRefundable",
    "NotReversible",
    "ProofProblem",
    "ProofReport",
    "Receipt",
    "RefundTooLarge",
    "Reversal",
    "ReversalTooLarge",
    "Shortfall",
    "Sweep",
    "Totals",
    "WalletsMerged",
    "activate",
    "activate_due",
    "adjust_points",
    "capture",
    "carry_strays",
    "earn",
    "earn_batch",
    "expire_due",
    "extend_sliding",
    "find_carried_pending",
    "get_balance",
    "get_balances",
    "get_entry",
    "get_totals",
    "hold",
    "list_entries",
    "list_expiring",
    "list_lots",
    "list_qualified",
    "lock_wallets",
    "merge_wallets",
    "prove",
    "refund_spend",
    "release",
    "release_timed_out_holds",
    "reverse_earn",
    "spend",
    "transfer_points",
    "unmerge_wallets",
]
