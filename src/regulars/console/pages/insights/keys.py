"""The ways from a number to its members: what each key of a measure's list is called."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.analytics.facade import Measure, Segment
from regulars.console.pages.insights.wording import name_segment

EVERYBODY = ""
COUNTED, NOT_COUNTED = "yes", "no"
KEYS: Mapping[Measure, tuple[Promise, Promise]] = {
    Measure.REPEAT_RATE: (_("bought again"), _("bought on one day only")),
    Measure.RETENTION_RATE: (_("came back"), _("did not come back")),
    Measure.CHURN_RATE: (_("lapsed"), _("stayed")),
    Measure.LAPSED: (_("have lapsed"), _("have not lapsed")),
    Measure.REDEMPTION_RATE: (_("took a reward"), _("took none")),
    Measure.CAN_AFFORD: (_("can have one"), _("cannot yet")),
    Measure.NEVER_REDEEMED: (_("never took one"), _("took one before")),
    Measure.EXPIRING_UNSEEN: (_("have not come"), _("come as usual")),
    Measure.TIME_TO_REWARD: (_("have had one"), _("are without one")),
}
"""Of a share: those who count, and those who do not."""


def name_key(measure: Measure, key: str) -> str:
    """What the members are, to whom a key of a measure leads."""
    if key == EVERYBODY:
        return gettext("all")
    if key in (COUNTED, NOT_COUNTED) and measure in KEYS:
        return str(KEYS[measure][key == NOT_COUNTED])
    if measure is Measure.SEGMENT and key in set(Segment):
        return name_segment(Segment(key))
    return key
