"""The door of the ledger.

Steps (`earn` … `extend_sliding`) belong to a caller's transaction and refuse to run outside one.
`give_points`, `adjust_points`, `adjust_many`, `transfer_points` and the sweeps are operations with a
transaction of their own; `seal_ledger` has many, and refuses to run within one.
Locks are taken in this order: wallets ascending by (member_id, currency), then lots, then the journal.
"""

from regulars.ledger.errors import (
    CheckpointsDiverge,
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
    SigningKeyUnusable,
    WalletsMerged,
)
from regulars.ledger.operations.corrections import (
    adjust_points,
    refund_spend,
    reverse_earn,
    transfer_points,
)
from regulars.ledger.operations.credits import (
    activate,
    earn,
    earn_batch,
    extend_sliding,
    give_points,
    lock_wallets,
)
from regulars.ledger.operations.debits import capture, hold, release, spend
from regulars.ledger.operations.merging import (
    carry_strays,
    find_carried_pending,
    merge_wallets,
    unmerge_wallets,
)
from regulars.ledger.operations.reach import note_points, renew_reach
from regulars.ledger.operations.sealing import QUIET_SHARE, publish_checkpoints, seal_ledger
from regulars.ledger.operations.signing_keys import rotate_signing_key
from regulars.ledger.operations.sweeps import activate_due, expire_due, release_timed_out_holds
from regulars.ledger.operations.together import TOGETHER_MAX, adjust_many
from regulars.ledger.queries.balances import (
    get_balance,
    get_balances,
    list_expiring,
    list_lots,
)
from regulars.ledger.queries.entries import get_entry, list_entries, list_qualified
from regulars.ledger.queries.proof import get_totals, prove
from regulars.ledger.queries.reach import Reach, count_holders, count_reach
from regulars.ledger.queries.seal_proof import last_sealed_at, prove_seals
from regulars.ledger.queries.seals import list_checkpoints, list_signing_keys
from regulars.ledger.queries.statements import write_statement
from regulars.ledger.relations import JOURNAL as JOURNAL_WATCH
from regulars.ledger.relations import RELATIONS
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
    SealProof,
    SealReport,
    Shortfall,
    Sweep,
    Totals,
)

__all__ = [
    "JOURNAL_WATCH",
    "QUIET_SHARE",
    "RELATIONS",
    "TOGETHER_MAX",
    "Account",
    "Balance",
    "CheckpointsDiverge",
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
    "Reach",
    "Receipt",
    "RefundTooLarge",
    "Reversal",
    "ReversalTooLarge",
    "SealProof",
    "SealReport",
    "Shortfall",
    "SigningKeyUnusable",
    "Sweep",
    "Totals",
    "WalletsMerged",
    "activate",
    "activate_due",
    "adjust_many",
    "adjust_points",
    "capture",
    "carry_strays",
    "count_holders",
    "count_reach",
    "earn",
    "earn_batch",
    "expire_due",
    "extend_sliding",
    "find_carried_pending",
    "get_balance",
    "get_balances",
    "get_entry",
    "get_totals",
    "give_points",
    "hold",
    "last_sealed_at",
    "list_checkpoints",
    "list_entries",
    "list_expiring",
    "list_lots",
    "list_qualified",
    "list_signing_keys",
    "lock_wallets",
    "merge_wallets",
    "note_points",
    "prove",
    "prove_seals",
    "publish_checkpoints",
    "refund_spend",
    "release",
    "release_timed_out_holds",
    "renew_reach",
    "reverse_earn",
    "rotate_signing_key",
    "seal_ledger",
    "spend",
    "transfer_points",
    "unmerge_wallets",
    "write_statement",
]
