"""Shapes of recommendations."""

from datetime import date
from typing import Annotated

from pydantic import Field

from regulars.api.schemas.scalars import Given, Key, Told
from regulars.catalogue.facade import RewardKind
from regulars.recommend.facade import FeedbackKind, ReasonCode, ServedBy, ShelfCode

BASKET_MAX = 50
Suggestions = Annotated[int, Field(ge=1, le=24, description="How many rewards at most.")]
Items = Annotated[int, Field(ge=1, le=60, description="How many items a shelf has at most.")]
ShownId = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]


class ReasonOut(Told):
    """Why an item is there: its evidence, and a sentence to the member made of it."""

    code: ReasonCode
    values: dict[str, int | str]
    sentence: str


class ItemOut(Told):
    """A product. `price` in minor units, where the shop told it; `served_by` is the way it came."""

    sku: str
    name: str
    brand: str
    categories: list[str]
    price: int | None
    served_by: ServedBy
    reasons: list[ReasonOut]


class ShelfOut(Told):
    """A shelf as it is to be shown. `title` is what stands over it, in the language that was asked for.

    `shown_id` names it in the log: what becomes of it is told under that number.
    """

    code: ShelfCode
    title: str
    subject: str
    served_by: ServedBy
    as_of: date | None
    shown_id: int | None
    items: list[ItemOut]


class ShelvesOut(Told):
    """Shelves in the order in which they are to stand."""

    shelves: list[ShelfOut]


class SimilarOut(Told):
    """Products that go with another, best first."""

    items: list[ItemOut]


class SuggestionOut(Told):
    """A reward worth offering. `missing` points: 0 where it can be had now.

    `days` until it is reached at their pace, `amount` in minor units of the one basket that would reach
    it: null where the data cannot tell.
    """

    code: str
    name: str
    kind: RewardKind
    category: str
    price_points: int
    price_money: int
    units_left: int | None
    missing: int
    days: int | None
    amount: int | None
    served_by: ServedBy
    reasons: list[ReasonOut]


class SuggestionsOut(Told):
    """Rewards in the order in which they are to stand. `shown_id` names the list in the log."""

    shown_id: int | None
    items: list[SuggestionOut]


class FeedbackIn(Given):
    """What became of items of a shelf that was shown: `seen`, `clicked`, or `dismissed` as not for them."""

    shown_id: ShownId
    kind: FeedbackKind
    skus: Annotated[list[Key], Field(min_length=1, max_length=60)]


class FeedbackOut(Told):
    """How many of these words were news."""

    noted: int
