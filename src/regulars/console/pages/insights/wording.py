"""The words of insights that are the console's own; measures, segments, findings have theirs in analytics."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from regulars.analytics import facade as analytics
from regulars.analytics.facade import FindingCode, Measure, RetentionKind, Segment, Unknown

TONES: Mapping[Segment, str] = {
    Segment.CHAMPIONS: "leaf",
    Segment.LOYAL: "sky",
    Segment.POTENTIAL: "honey",
    Segment.NEW: "plum",
    Segment.SLIPPING: "honey",
    Segment.AT_RISK: "tomato",
    Segment.OCCASIONAL: "clay",
    Segment.LOST: "quiet",
}
"""The colour of a segment, by the names of frontend/charts/theme.js."""

LOOKED_FOR: Mapping[FindingCode, Promise] = {
    FindingCode.REWARD_UNTAKEN: _("Rewards that nobody takes"),
    FindingCode.REWARD_OUT_OF_REACH: _("Rewards out of reach"),
    FindingCode.REWARD_GIVEN_AWAY: _("Rewards given away"),
    FindingCode.RULES_TOO_MANY: _("Too many rules"),
    FindingCode.NEVER_REDEEMED: _("Points enough, and never a reward"),
    FindingCode.EXPIRING_UNSEEN: _("Points that lapse unseen"),
    FindingCode.TIER_UNREACHED: _("A tier that nobody reaches"),
    FindingCode.SEGMENT_LEAVING: _("A segment that is leaving"),
}
"""What a check-up looks for, whether it finds it or not."""

RETENTION_KINDS: Mapping[RetentionKind, tuple[Promise, Promise]] = {
    RetentionKind.N_PERIOD: (
        _("In each month"),
        _("A member counts where they bought in just that stretch of days after their first purchase."),
    ),
    RetentionKind.UNBOUNDED: (
        _("Then or later"),
        _("A member counts where they bought in that stretch of days or at any time after it."),
    ),
    RetentionKind.BRACKETS: (
        _("In brackets"),
        _("A member counts where they bought in that stretch; stretches grow longer with time."),
    ),
}


def name_measure(measure: Measure) -> str:
    """What a measure is called."""
    return analytics.describe_measure(measure).name


def define_measure(measure: Measure) -> str:
    """What a measure means, in a sentence."""
    return analytics.describe_measure(measure).definition


def name_segment(segment: Segment | None) -> str:
    """What a segment is called; without one, that there is none."""
    return analytics.describe_segment(segment).name if segment else _now("No segment")


def say_unknown(unknown: Unknown) -> str:
    """Why the data cannot tell, in a sentence."""
    return analytics.describe_unknown(unknown)
