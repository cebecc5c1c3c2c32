"""What crosses the door of earning: the outcome of what was submitted, and awards that explain themselves."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from regulars.activity.facade import OrderSummary
from regulars.kit.errors import Refusal
from regulars.kit.ids import AwardId, EventId, JournalSeq, MemberId, OrderId, ProgrammeVersion, ReturnId
from regulars.ledger.facade import Currency, Moved


class SubmitStatus(StrEnum):
    """What became of one submitted row. A key used before with other content is `refused` too."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    REFUSED = "refused"


class SourceKind(StrEnum):
    """What an award, or a reversal, came from."""

    ORDER = "order"
    EVENT = "event"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """The answer to one submitted order. A repeat answers as the first time did.

    `points` is what it gave in spendable points, active and pending together.
    """

    external_id: str
    status: SubmitStatus
    refusal: Refusal | None = None
    points: int = 0
    award_id: AwardId | None = None
    order_id: OrderId | None = None


@dataclass(frozen=True, slots=True)
class ReturnOutcome:
    """The answer to one submitted return.

    `points` is what went back in spendable points, of which `into_debt` became debt; what of them had lapsed
    unspent was gone already. `waived` is what the programme's return policy let the member keep.
    """

    external_id: str
    status: SubmitStatus
    refusal: Refusal | None = None
    points: int = 0
    into_debt: int = 0
    waived: int = 0
    return_id: ReturnId | None = None


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """The answer to one submitted event. `activated` is how many pending points it made active."""

    external_id: str
    status: SubmitStatus
    refusal: Refusal | None = None
    points: int = 0
    activated: int = 0
    award_id: AwardId | None = None
    event_id: EventId | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What a ledger entry came from, as its `source` says: `order:17`, `event:4`, `return:9`."""

    kind: SourceKind
    id: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def parse_source(text: str) -> Source | None:
    """What a ledger entry's `source` names, or None where it is nothing of earning's."""
    kind, _, number = text.partition(":")
    if kind in set(SourceKind) and number.isascii() and number.isdigit():
        return Source(SourceKind(kind), int(number))
    return None


@dataclass(frozen=True, slots=True)
class Correction:
    """The answer to an award taken back by hand.

    `points` is what went back in spendable points, of which `into_debt` became debt; what of them had lapsed
    unspent was gone already. `waived` is what the member could keep. `replayed` says that it had been done
    before and nothing was done now.
    """

    award_id: AwardId
    member_id: MemberId
    points: int
    into_debt: int
    waived: int
    replayed: bool


@dataclass(frozen=True, slots=True)
class MergeOutcome:
    """What a merge, or its undoing, moved: one for every currency."""

    member_id: MemberId
    into_member_id: MemberId
    moved: tuple[Moved, ...]

    def of(self, currency: Currency) -> Moved:
        """What moved in one currency."""
        return next((one for one in self.moved if one.currency is currency), Moved(currency, 0, 0, 0, 0))


@dataclass(frozen=True, slots=True)
class ShareView:
    """How many points one line of the order brought through one rule. `name` is the product's, or its sku."""

    line_no: int
    sku: str
    name: str
    points: int


@dataclass(frozen=True, slots=True)
class PartView:
    """What one rule gave, and why, as a sentence in the reader's language."""

    rule: str
    points: int
    sentence: str
    shares: tuple[ShareView, ...]


@dataclass(frozen=True, slots=True)
class PostingView:
    """One credit of an award. `seq` is its journal entry; `reversed` is what has gone back of it."""

    currency: str
    seq: JournalSeq
    amount: int
    reversed: int
    parts: tuple[PartView, ...]
    activates_at: datetime | None = None
    awaits: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReversalView:
    """What one return took back of one credit, and what of it the member could keep."""

    currency: str
    award_seq: JournalSeq
    seq: JournalSeq | None
    amount: int
    into_debt: int
    waived: int


@dataclass(frozen=True, slots=True)
class AwardView:
    """What an order or event gave, rule by rule and line by line; or, for a return, what went back.

    `reference` is the external id of the order, event or return; `sentences` say in short where the
    spendable points came from, one per rule; `notes` say what was left out and why. `order` is the one
    bought or brought back; `event_kind` is empty unless an event gave the points.
    """

    award_id: AwardId
    source: Source
    reference: str
    member_id: MemberId
    occurred_at: datetime
    programme_version: ProgrammeVersion
    points: int
    postings: tuple[PostingView, ...]
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    reversals: tuple[ReversalView, ...] = ()
    order: OrderSummary | None = None
    event_kind: str = ""

    def posting_of(self, currency: str, seq: JournalSeq) -> PostingView | None:
        """The credit that one journal entry of this source is; None for a reversal."""
        return next((view for view in self.postings if (view.currency, view.seq) == (currency, seq)), None)
