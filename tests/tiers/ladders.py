"""Tier policies for tests, and the law written down a second time: slowly, one midnight after the other."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from regulars.kit.clock import local_date
from regulars.rules.facade import Metric, TierDefinition, TierPolicy
from regulars.tiers.policies import Scale

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)


def ladder(
    *thresholds: int,
    lowest: int = 0,
    window: str = "rolling",
    months: int = 12,
    grace: int = 0,
    zone: ZoneInfo = BERLIN,
) -> Scale:
    names = ("Bronze", "Silver", "Gold", "Platinum")
    tiers = tuple(
        TierDefinition(code=names[rank].lower(), name=names[rank], rank=rank, threshold=threshold)
        for rank, threshold in enumerate((lowest, *thresholds))
    )
    policy = TierPolicy(
        metric=Metric.POINTS, window=window, window_months=months, grace_days=grace, tiers=tiers
    )
    return Scale.of(policy, zone)


ladders = st.builds(
    lambda thresholds, lowest, window, months, grace, zone: ladder(
        *sorted(thresholds), lowest=lowest, window=window, months=months, grace=grace, zone=zone
    ),
    thresholds=st.lists(st.integers(6, 60), min_size=1, max_size=3, unique=True),
    lowest=st.sampled_from([0, 0, 5]),
    window=st.sampled_from(["rolling", "rolling", "calendar"]),
    months=st.sampled_from([1, 2, 3, 12]),
    grace=st.sampled_from([0, 1, 5, 30, 90]),
    zone=st.sampled_from([BERLIN, NEW_YORK]),
)

BEGIN = datetime(2024, 1, 1, 12, tzinfo=BERLIN)
instants = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
histories = st.lists(st.tuples(instants, st.integers(0, 40)), max_size=12)
adjusted = st.lists(st.tuples(instants, st.integers(-30, 40)), max_size=12)
"""With amounts that an operator took away again."""


def plainly(scale: Scale, entries: Iterable[tuple[datetime, int]], until: datetime) -> tuple[int, int]:
    """(rank, sum in the window) at `until`, by looking at every single day."""
    known = sorted((at, local_date(at, scale.zone), amount) for at, amount in entries if amount)
    if not known:
        return scale.floor, 0
    policy = scale.policy
    rank, below_on, day = scale.floor, None, known[0][1]
    last_day = local_date(until, scale.zone)
    while day <= last_day:
        before = [amount for _, on, amount in known if on < day and _counts(scale, on, day)]
        if scale.carried_by(sum(before)) >= rank:
            rank, below_on = scale.carried_by(sum(before)), None
        elif below_on is None:
            below_on = day
        if below_on is not None and below_on + policy.grace_days * DAY <= day:
            rank -= 1
            below_on = None
            if sum(before) < scale.threshold_of(rank):
                below_on = day if policy.grace_days else day + DAY
        total = sum(before)
        for at, on, amount in known:
            if on == day and at <= until:
                total += amount
                if scale.carried_by(total) >= rank:
                    rank, below_on = scale.carried_by(total), None
                elif below_on is None:
                    below_on = day + DAY
        day += DAY
    return rank, total


def _counts(scale: Scale, on: date, day: date) -> bool:
    if scale.policy.window == "calendar":
        return on.year == day.year
    index = on.year * 12 + on.month - 1 + scale.policy.window_months
    year, month = divmod(index, 12)
    for last in (on.day, 30, 29, 28):
        try:
            return day <= date(year, month + 1, min(on.day, last))
        except ValueError:
            continue
    raise AssertionError
