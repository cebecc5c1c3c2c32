"""What crosses the door of recommend."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from regulars.catalogue.facade import RewardView
from regulars.kit.ids import MemberId
from regulars.recommend.codes import ReasonCode, ShelfCode, Task

__all__ = [
    "REWARDS_SHELF",
    "BacktestLine",
    "BacktestView",
    "DismissalKind",
    "DismissalView",
    "FeedbackKind",
    "Liking",
    "MarkKind",
    "MarkSubject",
    "MarkView",
    "Measured",
    "ModelView",
    "Placement",
    "Reason",
    "ReasonCode",
    "RecentPurchase",
    "RewardSuggestion",
    "ServedBy",
    "ServedShelf",
    "ServingModel",
    "ShelfCode",
    "ShelfItem",
    "ShownItem",
    "ShownView",
    "Task",
    "TasteView",
]

REWARDS_SHELF = "rewards"
"""What the log calls a list of suggested rewards (its items are codes), and `Popular` their scope (ids)."""


class ServedBy(StrEnum):
    """The way by which an item came onto a shelf, the most personal first."""

    PIN = "pin"
    MODEL = "model"
    SIMILAR = "similar"
    HISTORY = "history"
    """What the member themselves bought, where no model has learnt it."""
    CONTENT = "content"
    """By brand, category and words: new products, and interests that were ticked."""
    SEGMENT = "segment"
    SHOP = "shop"
    NEWEST = "newest"
    """The newest products of the catalogue, where nothing else is left."""


class Placement(StrEnum):
    """Where a shelf was shown."""

    HOME = "home"
    REWARD = "reward"
    API = "api"
    WIDGET = "widget"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Reason:
    """Evidence, not prose: `values` are as `ReasonCode` says. Surfaces render it in the reader's language."""

    code: ReasonCode
    values: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """A product on a shelf. `price` in minor units, as the catalogue has it."""

    sku: str
    name: str
    brand: str
    categories: tuple[str, ...]
    price: int | None
    score: float
    served_by: ServedBy
    reasons: tuple[Reason, ...]
    url: str = ""
    """Its page in the shop; empty for none."""


@dataclass(frozen=True, slots=True)
class ServedShelf:
    """A shelf as it is shown. `served_by`: the way most of its items came; `subject` is the name of the
    product that a BECAUSE shelf is about, or the brand of a BRANDS shelf of one brand. `shown_id` names it in
    the log; None: it was not logged.
    """

    code: ShelfCode
    items: tuple[ShelfItem, ...]
    served_by: ServedBy
    subject: str
    model_id: int | None
    as_of: date | None
    """The last day of which the model knows."""
    shown_id: int | None


@dataclass(frozen=True, slots=True)
class RewardSuggestion:
    """A reward worth offering to a member now, or the nearest one; `view` is how they see it.

    `missing` points (0: can be had now), `days` until it is reached at the member's pace and `amount` of one
    basket, minor units, that would reach it: None where the data cannot tell. `shown_id` names the list that
    it was shown in.
    """

    reward_id: int
    code: str
    score: float
    missing: int
    days: int | None
    amount: int | None
    reasons: tuple[Reason, ...]
    view: RewardView
    served_by: ServedBy
    shown_id: int | None


class MarkKind(StrEnum):
    """What the marketer decides of a product, a brand, a category or a reward."""

    PIN = "pin"
    """At a stated place of a shelf."""
    BOOST = "boost"
    """Its score times a factor."""
    BAN = "ban"
    """On no shelf, for a time."""
    UNSUITABLE = "unsuitable"
    """Never recommended: fuel, bags, deposits."""


class MarkSubject(StrEnum):
    """What a mark is about."""

    PRODUCT = "product"
    BRAND = "brand"
    CATEGORY = "category"
    REWARD = "reward"


@dataclass(frozen=True, slots=True)
class MarkView:
    """A mark with its time: from `starts_at` until before `ends_at` (None: without end)."""

    id: int
    kind: MarkKind
    subject: MarkSubject
    value: str
    shelf: ShelfCode | None
    place: int | None
    factor: float | None
    starts_at: datetime
    ends_at: datetime | None
    note: str
    actor: str


@dataclass(frozen=True, slots=True)
class ShownView:
    """What was shown to a member once: where, which, by what, why."""

    id: int
    member_id: MemberId
    shown_at: datetime
    placement: Placement
    shelf: str
    served_by: ServedBy
    model_id: int | None
    skus: tuple[str, ...]
    reasons: tuple[tuple[Reason, ...], ...]
    ways: tuple[ServedBy, ...] = ()
    """How each item came, beside `skus`."""


@dataclass(frozen=True, slots=True)
class ShownItem:
    """Why one item was on a shelf that was shown. `place` counts from 1.

    `model_kind` and `as_of` tell of the model behind it, where there was one and it is still known; `marks`
    are those of the marketer that were in force then and concern the item.
    """

    shown: ShownView
    sku: str
    name: str
    place: int
    served_by: ServedBy
    reasons: tuple[Reason, ...]
    model_kind: str
    as_of: date | None
    marks: tuple[MarkView, ...]


class FeedbackKind(StrEnum):
    """What became of an item that was shown."""

    SEEN = "seen"
    CLICKED = "clicked"
    DISMISSED = "dismissed"


class DismissalKind(StrEnum):
    """What a member said of a product."""

    SHOW = "show"
    """Not for me: on no shelf of theirs."""
    LEARN = "learn"
    """A purchase that nothing is to be concluded from."""
    REWARD = "reward"
    """Not for me, of a reward: it is not suggested. Its code stands where else a product's number does."""
    QUESTION = "question"
    """Not now, of a question: it is asked no more. Its name stands where else a product's number does."""


@dataclass(frozen=True, slots=True)
class DismissalView:
    """A product that a member does not want to see, or a purchase that is not to be learnt from."""

    kind: DismissalKind
    sku: str
    name: str
    dismissed_at: datetime


@dataclass(frozen=True, slots=True)
class Liking:
    """A brand or a category in what a member buys.

    `share` of the purchases (0 to 1; of a brand: within its categories), `lift` against everybody (1: as
    everybody), `orders` with something of it.
    """

    name: str
    share: float
    lift: float
    orders: int


@dataclass(frozen=True, slots=True)
class RecentPurchase:
    """Something a member bought lately. `is_forgotten`: not to be learnt from, as the member wants it."""

    sku: str
    name: str
    is_forgotten: bool


@dataclass(frozen=True, slots=True)
class TasteView:
    """What the recommender knows of a member, for the member to see. `as_of` None: nothing was learnt yet.

    Of who has switched personal recommendations off only what they said themselves.
    """

    member_id: MemberId
    is_personal: bool
    as_of: date | None
    orders_count: int
    brands: tuple[Liking, ...]
    categories: tuple[Liking, ...]
    interests: tuple[str, ...]
    recent: tuple[RecentPurchase, ...]
    dismissals: tuple[DismissalView, ...]


@dataclass(frozen=True, slots=True)
class ServingModel:
    """A model that serves now, and the last day that it knows of."""

    id: int
    task: str
    kind: str
    as_of: date
    served_from: datetime


Measured = tuple[float, float]
"""A mean over members and its standard error."""


@dataclass(frozen=True, slots=True)
class BacktestLine:
    """How a model did at a task. `figures` by metric; `difference` in NDCG to the model taken, member by
    member (None: it is the one taken).
    """

    task: Task
    model: str
    figures: Mapping[str, Measured]
    difference: Measured | None
    seconds: float


@dataclass(frozen=True, slots=True)
class BacktestView:
    """A back-test: what was known before `cut`, what was asked for from it until before `after`, and who won.

    Without `made_at` it is asked for and not made; `failure` is one sentence, if it could not be.
    """

    asked_at: datetime
    made_at: datetime | None
    as_of: date | None
    seconds: float | None
    cut: date | None
    after: date | None
    members: int
    items: int
    lines: tuple[BacktestLine, ...]
    winners: Mapping[Task, str]
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model as it was trained: what it is, how it did on the past, whether it serves, and the verdict:
    first, won, lost or failed.
    """

    id: int
    task: Task
    kind: str
    parameters: Mapping[str, float]
    figures: Mapping[str, Measured]
    as_of: date
    trained_at: datetime
    seconds: float
    served_from: datetime | None
    served_to: datetime | None
    verdict: str
