"""The segments that every shop has from the first day: what each means, and its tree.

Where a threshold is the shop's own it is not written here: it is what the measures have found of the shop.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

LAPSED_AFTER = {"shop": "lapsed_after_days"}


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A segment that comes with the software. Its name is stored in English and shown translated."""

    code: str
    name: "_StrOrPromise"
    sentence: "_StrOrPromise"
    match: Mapping[str, Any]

    @property
    def tree(self) -> dict[str, Any]:
        """The tree as it is stored."""
        return {"version": 1, "match": dict(self.match)}


BUILT_IN = (
    BuiltIn(
        "high-value",
        pgettext_lazy("built-in segment", "High value"),
        _("They spend the most: the highest of the five money scores, and still buying."),
        {
            "all": [
                {"trait": "measure.m_score", "at_least": 5},
                {"days_since": "orders", "at_most": LAPSED_AFTER},
            ]
        },
    ),
    BuiltIn(
        "low-activity",
        pgettext_lazy("built-in segment", "Low activity"),
        _(
            "They bought at least three times and are slipping: silent for more than four times their own"
            " usual gap, but not yet as long as those this shop has lost."
        ),
        {
            "all": [
                {"count": "orders", "at_least": 3},
                {"days_since": "orders", "at_least": {"times": 4, "trait": "measure.usage_interval_days"}},
                {"days_since": "orders", "at_most": LAPSED_AFTER},
            ]
        },
    ),
    BuiltIn(
        "potential",
        pgettext_lazy("built-in segment", "Potential"),
        _("They buy seldom and are likely to come back: one to four orders, none long ago, low risk."),
        {
            "all": [
                {"count": "orders", "at_least": 1, "at_most": 4},
                {"days_since": "orders", "at_most": LAPSED_AFTER},
                {"trait": "measure.churn_risk", "at_most": 0.5},
            ]
        },
    ),
    BuiltIn(
        "new-members",
        pgettext_lazy("built-in segment", "New"),
        _("They joined within the last 30 days."),
        {"trait": "member.days_since_joining", "at_most": 29},
    ),
    BuiltIn(
        "loyal",
        pgettext_lazy("built-in segment", "Loyal"),
        _("They have been members for half a year and bought in each of the last three months."),
        {
            "all": [
                {"trait": "member.days_since_joining", "at_least": 182},
                {"count": "orders", "within": {"last_days": 30}, "at_least": 1},
                {"count": "orders", "within": {"from_days_ago": 60, "to_days_ago": 30}, "at_least": 1},
                {"count": "orders", "within": {"from_days_ago": 90, "to_days_ago": 60}, "at_least": 1},
            ]
        },
    ),
    BuiltIn(
        "lapsed",
        pgettext_lazy("built-in segment", "Lapsed"),
        _("They bought before and have been silent for longer than nearly every member who came back."),
        {"not": {"days_since": "orders", "at_most": LAPSED_AFTER}},
    ),
    BuiltIn(
        "points-rich",
        pgettext_lazy("built-in segment", "Points-rich, never redeemed"),
        _("They could have had a reward for at least 500 points and have never taken one."),
        {
            "all": [
                {"trait": "points.balance", "at_least": 500},
                {"count": "redemptions", "at_most": 0},
            ]
        },
    ),
    BuiltIn(
        "points-expiring",
        pgettext_lazy("built-in segment", "Points expiring soon"),
        _("They lose at least 100 points within the next 30 days unless they spend them."),
        {"sum": "points_expiring.points", "within": {"next_days": 30}, "at_least": 100},
    ),
    BuiltIn(
        "nearly-there",
        pgettext_lazy("built-in segment", "One purchase from a reward or tier"),
        _("What a purchase usually gives them is enough for the next reward, or for the next tier."),
        {
            "any": [
                {"trait": "reward.points_to_next", "at_most": {"trait": "points.usual_award"}},
                {"trait": "tier.missing_for_next", "at_most": {"trait": "points.usual_award"}},
            ]
        },
    ),
    BuiltIn(
        "bargain-led",
        pgettext_lazy("built-in segment", "Bargain-led"),
        _("At least three of four products they bought in the last year were discounted."),
        {
            "all": [
                {"count": "purchases", "within": {"last_days": 365}, "at_least": 8},
                {"trait": "purchases.discounted_share", "at_least": 0.75},
            ]
        },
    ),
)
