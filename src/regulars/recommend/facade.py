"""The door of recommend: what members will want, what they can have, and why."""

from regulars.recommend.errors import MarkInvalid, MarkNotFound, ProductUnknown
from regulars.recommend.types import (
    Candidate,
    MarkKind,
    MarkSubject,
    MarkView,
    Placement,
    Reason,
    ReasonCode,
    RewardSuggestion,
    ServedBy,
    ServedShelf,
    ShelfCode,
    ShelfItem,
    ShownView,
    Task,
)
from regulars.recommend.wording import explain_shelf, name_shelf, say_reason

__all__ = [
    "Candidate",
    "MarkInvalid",
    "MarkKind",
    "MarkNotFound",
    "MarkSubject",
    "MarkView",
    "Placement",
    "ProductUnknown",
    "Reason",
    "ReasonCode",
    "RewardSuggestion",
    "ServedBy",
    "ServedShelf",
    "ShelfCode",
    "ShelfItem",
    "ShownView",
    "Task",
    "explain_shelf",
    "name_shelf",
    "say_reason",
]
