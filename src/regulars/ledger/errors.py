"""What the ledger refuses. A refusal changes nothing and leaves the caller's transaction usable."""

from regulars.kit.errors import Conflict, IdempotencyConflict, InvalidInput, NotFound, Unavailable

__all__ = [
    "CheckpointsDiverge",
    "EntryNotFound",
    "HeldPoints",
    "HoldNotOpen",
    "IdempotencyConflict",
    "InsufficientPoints",
    "InvalidPosting",
    "NotPending",
    "NotRefundable",
    "NotReversible",
    "RefundTooLarge",
    "ReversalTooLarge",
    "SigningKeyUnusable",
    "WalletsMerged",
]


class InvalidPosting(InvalidInput):
    """An amount below one, a naive time, an empty key or reason: nonsense at any time."""

    code = "invalid_posting"


class InsufficientPoints(Conflict):
    """The wallet has fewer active points than are needed. `extra`: balance, needed."""

    code = "insufficient_points"

    def __init__(self, *, balance: int, needed: int) -> None:
        super().__init__(
            f"{needed} points are needed and {balance} are there.", balance=balance, needed=needed
        )
        self.balance = balance
        self.needed = needed


class EntryNotFound(NotFound):
    """The wallet has no entry of that number."""

    code = "entry_not_found"


class NotReversible(Conflict):
    """The entry is not a credit that can be taken back."""

    code = "not_reversible"


class ReversalTooLarge(Conflict):
    """More would be reversed in all than the entry gave. `extra`: left, asked."""

    code = "reversal_too_large"


class NotRefundable(Conflict):
    """The entry is not a spend that can be given back."""

    code = "not_refundable"


class RefundTooLarge(Conflict):
    """More would be refunded in all than was spent. `extra`: left, asked."""

    code = "refund_too_large"


class HeldPoints(Conflict):
    """Points are set aside at the moment: wallets are merged, or parted again, when nothing is held."""

    code = "held_points"


class WalletsMerged(Conflict):
    """One of the two is merged with another member's wallets already, or is not merged at all."""

    code = "wallets_merged"


class HoldNotOpen(Conflict):
    """The hold was captured, released or timed out, or holds less than is to be captured."""

    code = "hold_not_open"


class NotPending(Conflict):
    """The entry's points are not pending (any more)."""

    code = "not_pending"


class SigningKeyUnusable(Unavailable):
    """The private key that signs checkpoints is not on this machine, or others may read it."""

    code = "signing_key_unusable"


class CheckpointsDiverge(Conflict):
    """What was published and what the database holds are not one chain: sealing would hide that."""

    code = "checkpoints_diverge"
