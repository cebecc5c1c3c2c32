"""What recommendations are called in the console: models, ways, marks, places."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.recommend.facade import (
    REWARDS_SHELF,
    MarkKind,
    MarkSubject,
    Placement,
    ServedBy,
    ShelfCode,
    Task,
)
from regulars.recommend.facade import name_shelf as name_code

TASKS: Mapping[Task, Promise] = {
    Task.ANY: _("Of all products"),
    Task.NEW: _("Of products never bought before"),
}
MODELS: Mapping[str, tuple[Promise, Promise]] = {
    "popular": (_("Popular"), _("What most members bought, ever")),
    "recent": (_("Popular lately"), _("What most members bought in the last four weeks")),
    "personal": (_("Bought often"), _("What each member bought often and lately")),
    "ease": (_("Goes together"), _("What goes with what a member bought (EASE)")),
    "als": (_("Shared taste"), _("What members of a like taste bought (ALS)")),
    "blend": (_("Blend"), _("Bought often, and what goes with it")),
    "two_stage": (
        _("Two stages"),
        _("Candidates of several models, ranked by what members bought (LambdaRank)"),
    ),
}
WAYS: Mapping[ServedBy, tuple[Promise, Promise]] = {
    ServedBy.PIN: (_("Pinned"), _("You chose it")),
    ServedBy.MODEL: (_("Model"), _("Learnt from what they bought")),
    ServedBy.SIMILAR: (_("Similar"), _("Goes with what they bought lately")),
    ServedBy.HISTORY: (_("History"), _("Bought before, where no model has learnt it yet")),
    ServedBy.CONTENT: (_("Content"), _("By brand, category and interests")),
    ServedBy.SEGMENT: (pgettext_lazy("way of a shelf", "Segment"), _("Popular with members like them")),
    ServedBy.SHOP: (_("Popular in the shop"), _("For whom little is known")),
    ServedBy.NEWEST: (_("Newest"), _("Where nothing else is left")),
}
MARKS: Mapping[MarkKind, tuple[Promise, Promise]] = {
    MarkKind.PIN: (_("Pin"), _("At a place that you choose")),
    MarkKind.BOOST: (_("Boost"), _("Further up, or further down with a factor below one")),
    MarkKind.BAN: (_("Ban"), _("On no shelf, for a time")),
    MarkKind.UNSUITABLE: (_("Unsuitable"), _("Never recommended, and not learnt from: fuel, bags, deposits")),
}
SUBJECTS: Mapping[MarkSubject, Promise] = {
    MarkSubject.PRODUCT: _("Product"),
    MarkSubject.BRAND: _("Brand"),
    MarkSubject.CATEGORY: _("Category"),
    MarkSubject.REWARD: _("Reward"),
}
PLACEMENTS: Mapping[Placement, Promise] = {
    Placement.HOME: _("In the store"),
    Placement.REWARD: _("On the page of a reward"),
    Placement.API: _("Through the API"),
    Placement.WIDGET: _("In the widget"),
    Placement.MESSAGE: _("In a message"),
}


def name_model(kind: str) -> str:
    """A model by its code; the code itself where it is not one of ours any more."""
    return str(MODELS[kind][0]) if kind in MODELS else kind


def name_shelf(code: str) -> str:
    """A shelf by its code, rewards too; the code itself where it is not one of ours any more."""
    if code == REWARDS_SHELF:
        return str(_("Rewards suggested"))
    return name_code(ShelfCode(code)) if code in set(ShelfCode) else code
