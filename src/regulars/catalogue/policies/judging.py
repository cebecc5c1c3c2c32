"""Pure decisions: what one viewer may have of a reward now, and why not."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.catalogue.errors import NotOpenYet, RewardEnded, RewardUnavailable, SoldOut, TierNeeded
from regulars.catalogue.types import Availability, RewardInfo, RewardInput, RewardState, TierAccess, Viewer
from regulars.design.facade import format_day

_REFUSALS: dict[RewardState, type[RewardUnavailable]] = {
    RewardState.ENDED: RewardEnded,
    RewardState.TIER_NEEDED: TierNeeded,
    RewardState.KEPT_FOR_TIER: TierNeeded,
    RewardState.OPENS_AT: NotOpenYet,
    RewardState.OPENS_FOR_TIER_AT: NotOpenYet,
    RewardState.SOLD_OUT: SoldOut,
}


def is_visible(info: RewardInfo, viewer: Viewer) -> bool:
    """Whether the viewer is shown the reward at all."""
    decided = info.decided
    if not decided.published:
        return False
    return not decided.hidden_from_others or viewer.tier in decided.tiers_allowed


def judge(info: RewardInfo, viewer: Viewer, *, has_codes: bool) -> Availability:
    """What the viewer may do with the reward at `viewer.now`, and why.

    `has_codes` says whether its pool, where it has one, has a free code. The first hindrance in this order
    is told: ended, tier, opening, limit, stock, points.
    """
    return (
        _judge_time_and_tier(info, viewer)
        or _judge_limit(info, viewer)
        or _judge_stock(info, viewer, has_codes=has_codes)
        or _judge_points(info, viewer)
        or Availability(RewardState.AVAILABLE)
    )


def judge_taking(info: RewardInfo, viewer: Viewer) -> Availability:
    """Whether a unit may be set aside: time, tier, stock. Points and limits are for the wallet's lock."""
    return (
        _judge_time_and_tier(info, viewer)
        or _judge_stock(info, viewer, has_codes=True)
        or Availability(RewardState.AVAILABLE)
    )


def check_taking(info: RewardInfo, viewer: Viewer) -> None:
    """Raise the fitting RewardUnavailable where no unit may be set aside for the viewer now."""
    if not info.decided.published:
        raise RewardEnded(_("This reward is no longer offered."))
    found = judge_taking(info, viewer)
    if found.available:
        return
    facts = {"state": found.state.value, "tier": found.tier}
    if found.opens_at is not None:
        facts["opens_at"] = found.opens_at.isoformat()
    raise _REFUSALS[found.state](found.reason, **facts)


def count_units_for(info: RewardInfo, viewer: Viewer) -> int | None:
    """How many units are left for this viewer; None where they are not counted."""
    decided = info.decided
    if decided.stock is None:
        return None
    left = decided.stock - info.taken
    if is_keeping(info, viewer.now) and viewer.tier_rank < decided.kept_for_rank:
        left -= max(decided.kept_units - info.kept_taken, 0)
    return max(left, 0)


def takes_kept_unit(info: RewardInfo, viewer: Viewer) -> bool:
    """Whether this viewer's unit comes out of the kept share: it does while some of it is left."""
    return (
        is_keeping(info, viewer.now)
        and viewer.tier_rank >= info.decided.kept_for_rank
        and info.kept_taken < info.decided.kept_units
    )


def is_keeping(info: RewardInfo, now: datetime) -> bool:
    """Whether a share of the stock is kept for higher tiers at `now`."""
    decided = info.decided
    return decided.kept_units > 0 and (decided.kept_until is None or now < decided.kept_until)


def opens_at_for(reward: RewardInput, early_access_hours: int) -> datetime | None:
    """When the reward opens to someone with so many hours of early access; None: it was always open."""
    if reward.active_from is None or not reward.early_access:
        return reward.active_from
    return reward.active_from - timedelta(hours=early_access_hours)


def _judge_time_and_tier(info: RewardInfo, viewer: Viewer) -> Availability | None:
    reward, now = info.decided, viewer.now
    if reward.active_to is not None and now >= reward.active_to:
        return Availability(RewardState.ENDED, _("This reward is no longer offered."))
    if reward.tiers_allowed and viewer.tier not in reward.tiers_allowed:
        allowed = [tier for tier in viewer.tiers if tier.code in reward.tiers_allowed]
        first = min(allowed, key=lambda tier: tier.rank, default=None)
        names = ", ".join(tier.name for tier in sorted(allowed, key=lambda tier: tier.rank))
        reason = _("For %(tiers)s only.") % {"tiers": names or ", ".join(reward.tiers_allowed)}
        return Availability(
            RewardState.TIER_NEEDED, reason, tier=first.code if first else reward.tiers_allowed[0]
        )
    opens_at = opens_at_for(reward, viewer.early_access_hours)
    if opens_at is None or now >= opens_at:
        return None
    return _say_opening(reward, viewer, opens_at)


def _say_opening(reward: RewardInput, viewer: Viewer, opens_at: datetime) -> Availability:
    earlier = _find_earlier_tier(reward, viewer, opens_at)
    if earlier is None:
        reason = _("Opens on %(when)s.") % {"when": _format(opens_at, viewer.now)}
        return Availability(RewardState.OPENS_AT, reason, opens_at=opens_at)
    tier, tier_opens_at = earlier
    if viewer.now >= tier_opens_at:
        reason = _("Open for %(tier)s already; for you from %(when)s.")
    else:
        reason = _("Opens on %(when)s; for %(tier)s already on %(tier_when)s.")
    words = {
        "tier": tier.name,
        "when": _format(opens_at, viewer.now),
        "tier_when": _format(tier_opens_at, viewer.now),
    }
    return Availability(
        RewardState.OPENS_FOR_TIER_AT,
        reason % words,
        opens_at=opens_at,
        tier=tier.code,
        tier_opens_at=tier_opens_at,
    )


def _find_earlier_tier(
    reward: RewardInput, viewer: Viewer, opens_at: datetime
) -> tuple[TierAccess, datetime] | None:
    """The lowest tier, so the nearest to reach, to which the reward opens before it opens to the viewer."""
    for tier in sorted(viewer.tiers, key=lambda tier: tier.rank):
        if reward.tiers_allowed and tier.code not in reward.tiers_allowed:
            continue
        tier_opens_at = opens_at_for(reward, tier.early_access_hours)
        if tier_opens_at is not None and tier_opens_at < opens_at:
            return tier, tier_opens_at
    return None


def _judge_limit(info: RewardInfo, viewer: Viewer) -> Availability | None:
    limit = info.decided.per_member_max
    if limit is None or viewer.taken.get(info.id, 0) < limit:
        return None
    reason = ngettext(
        "You have had it already; it is one per member.",
        "You have had %(count)s already, as many as one member may have.",
        limit,
    )
    return Availability(RewardState.LIMIT_REACHED, reason % {"count": limit})


def _judge_stock(info: RewardInfo, viewer: Viewer, *, has_codes: bool) -> Availability | None:
    if not has_codes:
        return Availability(RewardState.SOLD_OUT, _("Sold out."))
    units = count_units_for(info, viewer)
    if units is None or units > 0:
        return None
    reward = info.decided
    if reward.stock is None or reward.stock <= info.taken:
        return Availability(RewardState.SOLD_OUT, _("Sold out."))
    entitled = [tier for tier in viewer.tiers if tier.rank >= reward.kept_for_rank]
    first = min(entitled, key=lambda tier: tier.rank, default=None)
    name = first.name if first else _("higher tiers")
    if reward.kept_until is None:
        reason = _("The last ones are kept for %(tier)s.") % {"tier": name}
    else:
        words = {"tier": name, "when": _format(reward.kept_until, viewer.now)}
        reason = _("The last ones are kept for %(tier)s until %(when)s.") % words
    return Availability(
        RewardState.KEPT_FOR_TIER, reason, opens_at=reward.kept_until, tier=first.code if first else None
    )


def _judge_points(info: RewardInfo, viewer: Viewer) -> Availability | None:
    short = info.decided.price_points - viewer.points
    if short <= 0:
        return None
    reason = ngettext("%(count)s more point to go.", "%(count)s more points to go.", short)
    return Availability(RewardState.SHORT, reason % {"count": short}, points_short=short)


def _format(instant: datetime, now: datetime) -> str:
    """“November 24, 18:00”; the year only where it is another one."""
    return f"{format_day(instant, now)}, {date_format(timezone.localtime(instant), 'H:i')}"
