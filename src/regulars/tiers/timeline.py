"""What the tiers add to a member's one timeline: every change of status."""

from collections.abc import Sequence

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from regulars.kit.ids import MemberId
from regulars.members.facade import TimelineEntry, TimelinePoint
from regulars.rules.facade import NoProgramme, Schedule, load_schedule
from regulars.tiers import queries
from regulars.tiers.types import ChangeReason, TierChange

TITLES = {
    # Translators: {tier} is the name of a tier, such as Gold.
    ChangeReason.REACHED: _("Reached {tier}"),
    # Translators: {tier} is the tier that the member has from now on.
    ChangeReason.LAPSED: _("Now {tier}: too little in the last months to keep {before}"),
    # Translators: the status was worked out again, after a return or because of what arrived late.
    ChangeReason.CORRECTED: _("Now {tier}, corrected from {before}"),
}
NO_TIER = _("without a tier")


class ChangesSource:
    """Changes of status as a source of the timeline."""

    name = "tiers"

    def list_entries(
        self, member_id: MemberId, *, before: TimelinePoint | None, size: int
    ) -> Sequence[TimelineEntry]:
        """The latest changes before a point: one indexed read, and one of the programme's versions."""
        point = None if before is None else (before.occurred_at, before.ref)
        changes = queries.latest_changes(member_id, point, size)
        if not changes:
            return []
        schedule = load_schedule()
        return [_tell(change, ref, schedule) for ref, change in changes]


def _tell(change: TierChange, ref: int, schedule: Schedule) -> TimelineEntry:
    return TimelineEntry(
        occurred_at=change.occurred_at,
        kind="tier",
        title=format_lazy(
            TITLES[change.reason],
            tier=_name(change.to_tier, change, schedule),
            before=_name(change.from_tier, change, schedule),
        ),
        ref=ref,
    )


def _name(code: str, change: TierChange, schedule: Schedule) -> str:
    if not code:
        return str(NO_TIER)
    try:
        tier = schedule.at(change.occurred_at).find_tier(code)
    except NoProgramme:
        tier = None
    return tier.name if tier is not None else code
