"""What redemption adds to a member's timeline."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.catalogue import facade as catalogue
from regulars.kit.ids import MemberId, RewardId
from regulars.members.facade import TimelineEntry, TimelinePoint
from regulars.redemption.models import Fulfilment, RedemptionChange
from regulars.redemption.types import FulfilmentKind, RedemptionState

# A redemption paid at once is one event to the member, not three.
_SHOWN = Q(state__in=[RedemptionState.CONFIRMED, RedemptionState.CANCELLED]) | Q(
    state=RedemptionState.RESERVED, redemption__hold_seq__isnull=False
) | Q(state=RedemptionState.FULFILLED, redemption__instant=False, redemption__units=1)  # fmt: skip
# Where one delivery is all there is, the step above tells of it.
_TOLD_APART = Q(redemption__units__gt=1) | Q(redemption__instant=True, redemption__code__isnull=False)


class RedemptionTimeline:
    """Reservations, redemptions, deliveries and cancellations. Two queries a page."""

    name = "redemption"

    def list_entries(
        self, member_id: MemberId, *, before: TimelinePoint | None, size: int
    ) -> Sequence[TimelineEntry]:
        """At most `size` entries before that point, latest first."""
        rows = RedemptionChange.objects.filter(_SHOWN, member_id=member_id).select_related("redemption")
        if before is not None:
            rows = rows.filter(
                Q(occurred_at__lt=before.occurred_at) | Q(occurred_at=before.occurred_at, id__lt=before.ref)
            )
        found = list(rows.order_by("-occurred_at", "-id")[:size])
        rewards = catalogue.find_rewards([RewardId(row.redemption.reward_id) for row in found])
        return [_tell(row, rewards[RewardId(row.redemption.reward_id)].decided.name) for row in found]


class FulfilmentTimeline:
    """Units handed over one after another, or given up, and codes used at the counter. Two queries a page."""

    name = "fulfilment"

    def list_entries(
        self, member_id: MemberId, *, before: TimelinePoint | None, size: int
    ) -> Sequence[TimelineEntry]:
        """At most `size` entries before that point, latest first."""
        rows = Fulfilment.objects.filter(_TOLD_APART, member_id=member_id).select_related("redemption")
        if before is not None:
            rows = rows.filter(
                Q(occurred_at__lt=before.occurred_at) | Q(occurred_at=before.occurred_at, id__lt=before.ref)
            )
        found = list(rows.order_by("-occurred_at", "-id")[:size])
        rewards = catalogue.find_rewards([RewardId(row.redemption.reward_id) for row in found])
        return [_tell_units(row, rewards[RewardId(row.redemption.reward_id)].decided.name) for row in found]


def _tell_units(row: Fulfilment, name: str) -> TimelineEntry:
    title = (
        _("Will not come: %(reward)s") if row.kind == FulfilmentKind.DROPPED else _("Delivered: %(reward)s")
    )
    told = _("%(units)d of %(all)d") % {"units": row.units, "all": row.redemption.units}
    return TimelineEntry(
        occurred_at=row.occurred_at,
        kind=f"redemption.{row.kind}",
        title=title % {"reward": name},
        detail=f"{told} · {row.reason}" if row.reason else told,
        link_ref=f"redemption:{row.redemption_id}",
        ref=row.pk,
    )


def _tell(row: RedemptionChange, name: str) -> TimelineEntry:
    titles = {
        RedemptionState.RESERVED: _("Reserved: %(reward)s"),
        RedemptionState.CONFIRMED: _("Redeemed: %(reward)s"),
        RedemptionState.FULFILLED: _("Delivered: %(reward)s"),
        RedemptionState.CANCELLED: _("Cancelled: %(reward)s"),
    }
    state = RedemptionState(row.state)
    points = row.redemption.price_points
    detail = ngettext("%(count)s point", "%(count)s points", points) % {"count": points}
    return TimelineEntry(
        occurred_at=row.occurred_at,
        kind=f"redemption.{state.value}",
        title=titles[state] % {"reward": name},
        detail=f"{detail} · {row.reason}" if row.reason else detail,
        link_ref=f"redemption:{row.redemption_id}",
        ref=row.pk,
    )
