"""What lies ahead of a standing: pure, from the amounts in the window and the member's own pace."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from regulars.kit.clock import add_months, local_date
from regulars.tiers.policies import CALENDAR, Course, Scale
from regulars.tiers.types import Standing, TierProgress

PACE_DAYS = 90
"""The pace is that of the last season, so that neither one big day nor last winter decides."""
PACE_DAYS_MIN = 28
"""A member younger than this is measured as if they were this old: one first basket makes no habit."""
HORIZON_DAYS = 366
PACE_UNIT_DAYS = 30


def foresee(
    scale: Scale, standing: Standing, entries: Sequence[tuple[datetime, int]], now: datetime
) -> TierProgress:
    """Progress of a standing moved to `now`. `entries`: the amounts of the window and the last season."""
    today = local_date(now, scale.zone)
    pace = _pace(scale, entries, today)
    upper = scale.tiers[standing.rank + 1] if standing.rank + 1 < len(scale.tiers) else None
    kept_until, needed_to_keep = _hold(scale, standing)
    return TierProgress(
        tier=standing.tier,
        tier_name=scale.tiers[standing.rank].name if standing.rank >= 0 else "",
        rank=standing.rank,
        metric=scale.policy.metric,
        reached_at=standing.reached_at,
        qualified=standing.qualified,
        next_tier=upper.code if upper else None,
        next_tier_name=upper.name if upper else None,
        next_threshold=upper.threshold if upper else None,
        needed=max(upper.threshold - standing.qualified, 0) if upper else 0,
        kept_until=kept_until,
        needed_to_keep=needed_to_keep,
        pace_month=pace[0] * PACE_UNIT_DAYS // pace[1],
        reached_on=_reach(scale, standing, today, pace, upper.threshold) if upper else None,
    )


def _pace(scale: Scale, entries: Sequence[tuple[datetime, int]], today: date) -> tuple[int, int]:
    """An amount and the number of days in which it was earned."""
    first = today - timedelta(days=PACE_DAYS)
    recent = [(local_date(at, scale.zone), amount) for at, amount in entries]
    earlier = any(day <= first for day, _ in recent)
    recent = [(day, amount) for day, amount in recent if first < day <= today]
    if not recent:
        return 0, PACE_DAYS
    age = PACE_DAYS if earlier else (today - min(day for day, _ in recent)).days + 1
    return sum(amount for _, amount in recent), max(age, PACE_DAYS_MIN)


def _hold(scale: Scale, standing: Standing) -> tuple[date | None, int]:
    """The last day on which the tier is kept with nothing more earned, and what is missing by then."""
    if standing.rank <= scale.floor:
        return None, 0
    course = Course.resume(scale, standing)
    threshold = scale.threshold_of(standing.rank)
    while (day := course.next_day()) is not None:
        missing = threshold - course.qualified
        course.move_to_day(day)
        if course.rank < standing.rank:
            # Without a grace the tier is lost on the very day on which the amounts leave.
            return day - timedelta(days=1), missing if missing > 0 else threshold - course.qualified
    return None, 0


def _reach(
    scale: Scale, standing: Standing, today: date, pace: tuple[int, int], threshold: int
) -> date | None:
    """The first day on which the window's sum reaches the threshold if the member goes on at this pace."""
    earned, days = pace
    if not earned:
        return None
    left = standing.qualified
    window = list(standing.entries or ())
    gone = 0
    for ahead in range(1, HORIZON_DAYS + 1):
        day = today + timedelta(days=ahead)
        while gone < len(window) and scale.leaves_on(window[gone][0]) <= day:
            left -= window[gone][1]
            gone += 1
        if left + earned * _days_counted(scale, today, day) // days >= threshold:
            return day
    return None


def _days_counted(scale: Scale, today: date, day: date) -> int:
    """How many of the days after `today`, up to `day`, are in the window of `day`."""
    ahead = (day - today).days
    if scale.policy.window == CALENDAR:
        return min(ahead, (day - date(day.year, 1, 1)).days + 1)
    return min(ahead, (day - add_months(day, -scale.policy.window_months)).days)
