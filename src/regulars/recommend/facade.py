"""The door of recommend: what members will want, what they can have, and why.

Shelves: list_shelves, get_shelf, preview_shelf, list_for_nobody, find_similar. A member's own say:
set_personal, dismiss_product, forget_purchase and their way back, note_feedback; what is known of them:
get_taste, list_dismissals, is_personal. Rewards: suggest_rewards, related_rewards. The marketer: set_mark,
end_mark, list_marks. Support: list_shown, explain_shown.
"""

from regulars.recommend.errors import MarkInvalid, MarkNotFound, ProductUnknown, ShownNotFound
from regulars.recommend.operations.choices import (
    dismiss_product,
    forget_purchase,
    note_feedback,
    remember_purchase,
    restore_product,
    set_personal,
)
from regulars.recommend.operations.marks import end_mark, set_mark
from regulars.recommend.operations.showing import (
    get_shelf,
    list_for_nobody,
    list_shelves,
    preview_shelf,
    purge_shown,
)
from regulars.recommend.operations.suggesting import related_rewards, suggest_rewards
from regulars.recommend.queries.interests import list_interests
from regulars.recommend.queries.marks import get_mark, list_marks, list_marks_in_force
from regulars.recommend.queries.shown import explain_shown, list_serving_models, list_shown
from regulars.recommend.queries.similar import find_similar
from regulars.recommend.queries.tastes import get_taste, is_personal, list_dismissals
from regulars.recommend.types import (
    REWARDS_SHELF,
    Candidate,
    DismissalKind,
    DismissalView,
    FeedbackKind,
    Liking,
    MarkKind,
    MarkSubject,
    MarkView,
    Placement,
    Reason,
    ReasonCode,
    RecentPurchase,
    RewardSuggestion,
    ServedBy,
    ServedShelf,
    ServingModel,
    ShelfCode,
    ShelfItem,
    ShownItem,
    ShownView,
    Task,
    TasteView,
)
from regulars.recommend.wording import explain_shelf, name_shelf, say_reason

__all__ = [
    "REWARDS_SHELF",
    "Candidate",
    "DismissalKind",
    "DismissalView",
    "FeedbackKind",
    "Liking",
    "MarkInvalid",
    "MarkKind",
    "MarkNotFound",
    "MarkSubject",
    "MarkView",
    "Placement",
    "ProductUnknown",
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
    "ShownNotFound",
    "ShownView",
    "Task",
    "TasteView",
    "dismiss_product",
    "end_mark",
    "explain_shelf",
    "explain_shown",
    "find_similar",
    "forget_purchase",
    "get_mark",
    "get_shelf",
    "get_taste",
    "is_personal",
    "list_dismissals",
    "list_for_nobody",
    "list_interests",
    "list_marks",
    "list_marks_in_force",
    "list_serving_models",
    "list_shelves",
    "list_shown",
    "name_shelf",
    "note_feedback",
    "preview_shelf",
    "purge_shown",
    "related_rewards",
    "remember_purchase",
    "restore_product",
    "say_reason",
    "set_mark",
    "set_personal",
    "suggest_rewards",
]
