"""What crosses the door of the ledger: commands in, receipts, balances, lots and entries out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from regulars.kit.ids import JournalSeq, LotId, MemberId, ProgrammeVersion


class Currency(StrEnum):
    """What a wallet counts. Spendable points and qualifying units never share a wallet."""

    POINTS = "points"
    QUALIFYING_POINTS = "qualifying_points"
    QUALIFYING_SPEND = "qualifying_spend"
    QUALIFYING_VISITS = "qualifying_visits"


class Shortfall(StrEnum):
    """What a reversal may take where the entry's own points are gone; the rest is recorded as waived."""

    PENDING_ONLY = "pending_only"
    BALANCE_ONLY = "balance_only"
    DEBT = "debt"


class EntryKind(StrEnum):
    """What a journal entry records."""

    EARN = "earn"
    ACTIVATE = "activate"
    REPAY = "repay"
    SPEND = "spend"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    EXPIRE = "expire"
    REVERSE = "reverse"
    WAIVE = "waive"
    REFUND = "refund"
    ADJUST = "adjust"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    EXTEND = "extend"
    RESTORE = "restore"
    MERGE_OUT = "merge_out"
    MERGE_IN = "merge_in"


class Account(StrEnum):
    """The two sides of an entry: points leave the debit account and reach the credit account.

    The first four belong to the wallet, the others to the programme. `debt` is what the member owes:
    it grows when it is debited and shrinks when it is credited.
    """

    ACTIVE = "active"
    PENDING = "pending"
    HELD = "held"
    DEBT = "debt"
    ISSUED = "issued"
    SPENT = "spent"
    EXPIRED = "expired"
    REVERSED = "reversed"
    WAIVED = "waived"
    ADJUSTED = "adjusted"
    TRANSFERRED = "transferred"


class LotState(StrEnum):
    """Whether the points of a lot can be spent yet."""

    ACTIVE = "active"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class EarnCommand:
    """One credit. `key` is unique per wallet for ever.

    Pending until `activates_at`, or until the event that `awaits` names; active at once where both are
    None or the time has passed. `expires_at` None means never. `sliding` lots move with the member's
    activity (`extend_sliding`).
    """

    member_id: MemberId
    currency: Currency
    amount: int
    occurred_at: datetime
    key: str
    expires_at: datetime | None = None
    activates_at: datetime | None = None
    awaits: str | None = None
    sliding: bool = False
    programme_version: ProgrammeVersion | None = None
    rule: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one posting. `seq` is its first entry; the balances are those after its last one.

    `replayed` tells that the key had been used before with the same input: nothing was posted again.
    """

    member_id: MemberId
    currency: Currency
    seq: JournalSeq
    amount: int
    balance_after: int
    debt_after: int
    replayed: bool


@dataclass(frozen=True, slots=True)
class Reversal:
    """From where a reversal took its amount; the six parts add up to `amount`.

    `from_lapsed` is what of the entry's own lot had lapsed unspent: gone already, it changes no balance.
    """

    seq: JournalSeq
    amount: int
    from_pending: int
    from_own_lot: int
    from_lapsed: int
    from_other_lots: int
    into_debt: int
    waived: int
    replayed: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """What a wallet holds. `active` can be spent now: lots that are due but not yet swept are left out."""

    active: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0


@dataclass(frozen=True, slots=True)
class Lot:
    """Points that came in together. `expires_at` None: never, or not known while pending on an event."""

    lot_id: LotId
    currency: Currency
    state: LotState
    remaining: int
    opened_at: datetime
    expires_at: datetime | None
    sliding: bool
    activates_at: datetime | None = None
    awaits: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `posting` is the first entry of the operation that wrote it.

    `refers_to` is the entry that this one activates, captures, releases, reverses or refunds; of a `restore`,
    the lot that others stood in for. `allocations` say from (or back to) which lots the amount went.
    """

    member_id: MemberId
    currency: Currency
    seq: JournalSeq
    posting: JournalSeq
    kind: EntryKind
    debit: Account
    credit: Account
    amount: int
    balance_after: int
    pending_after: int
    held_after: int
    debt_after: int
    occurred_at: datetime
    recorded_at: datetime
    expires_at: datetime | None
    activates_at: datetime | None
    awaits: str | None
    sliding: bool
    refers_to: JournalSeq | None
    key: str | None
    programme_version: ProgrammeVersion | None
    rule: str
    source: str
    actor: str
    reason: str
    allocations: tuple[tuple[LotId, int], ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all wallets of one currency. `reversed` was taken back, `waived` could not be and was let go.

    `adjusted` is net. `active + pending + held - debt` equals
    `issued + adjusted + refunded - spent - expired - reversed`; `adds_up` says so.
    Lots due but not yet swept count as expired; what lapsed and is reversed afterwards counts as reversed.
    """

    issued: int
    spent: int
    refunded: int
    expired: int
    reversed: int
    waived: int
    adjusted: int
    active: int
    pending: int
    held: int
    debt: int
    wallets: int
    entries: int

    @property
    def outstanding(self) -> int:
        """What members could still come to spend."""
        return self.active + self.pending + self.held

    @property
    def adds_up(self) -> bool:
        """Whether what came in, less what went out, is what is there."""
        came_in = self.issued + self.adjusted + self.refunded
        return came_in - self.spent - self.expired - self.reversed == self.outstanding - self.debt


@dataclass(frozen=True, slots=True)
class ProofProblem:
    """Where stored state and replayed history part. `seq` is None where no single entry is to blame."""

    member_id: MemberId
    currency: Currency
    seq: JournalSeq | None
    what: str

    def __str__(self) -> str:
        entry = f", entry {self.seq}" if self.seq is not None else ""
        return f"member {self.member_id}, {self.currency}{entry}: {self.what}"


@dataclass(frozen=True, slots=True)
class ProofReport:
    """The answer of `prove`: what was replayed, and the first disagreement of each kind, earliest first."""

    entries: int
    wallets: int
    open_lots: int
    pending_lots: int
    open_holds: int
    problems: tuple[ProofProblem, ...] = ()

    @property
    def ok(self) -> bool:
        """True where a replay of all history reproduces every stored balance, lot and hold."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Moved:
    """What a merge carried over in one currency, or its undoing carried back.

    `missing`: of what had come, what could not go back: spent, lapsed, or gone against a debt since.
    """

    currency: Currency
    active: int
    pending: int
    debt: int
    missing: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one run of a job did: so many wallets, lots or holds, points; and whether more may wait."""

    wallets: int
    items: int
    points: int
    more: bool


@dataclass(frozen=True, slots=True)
class SealReport:
    """What a sealing did. `entries` were sealed anew in `wallets`; `broken` wallets miss an entry: left out.

    `checkpoint` is its number, `covered` the number of entries that it stands for in all.
    """

    checkpoint: int
    wallets: int
    entries: int
    covered: int
    broken: int
    root: bytes
    key_id: bytes


@dataclass(frozen=True, slots=True)
class SealProof:
    """The answer of `prove_seals`: what was verified, and what does not hold, in sentences."""

    checkpoints: int
    wallets: int
    entries: int
    problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True where every signed root follows from what is sealed."""
        return not self.problems
