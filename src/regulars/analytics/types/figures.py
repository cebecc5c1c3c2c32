"""Periods, figures and distributions: what every report is made of."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from regulars.analytics.codes import Measure, Unit, Unknown


class Span(StrEnum):
    """The standard periods, which end with the last day that the facts are complete for."""

    DAYS_28 = "28d"
    DAYS_84 = "84d"
    DAYS_365 = "365d"
    ALL = "all"

    @property
    def days(self) -> int | None:
        """How long; None: from the first day there is."""
        return {"28d": 28, "84d": 84, "365d": 365}.get(self.value)


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the shop, half-open: `first` is in it, `after` is the first day that is not."""

    first: date
    after: date

    @property
    def days(self) -> int:
        """How many days are in it."""
        return (self.after - self.first).days


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a trend: the measure over a window of its own."""

    period: Period
    value: int | float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, and what it stands on.

    `value` is in `unit`; None with `unknown` saying why. Of a share, `numerator` out of `denominator`; of a
    mean, `numerator` over `denominator` (money over orders). `population` counts the members it is about.
    `previous` is the measure over the period of the same length just before, None where there is no such
    period. `points` is the trend: windows of 28 days, oldest first, the last of which ends with the period.
    `behind`: keys that `list_members_behind` takes for this measure.
    """

    measure: Measure
    unit: Unit
    period: Period
    population: int
    value: int | float | None = None
    numerator: int | None = None
    denominator: int | None = None
    unknown: Unknown | None = None
    previous: int | float | None = None
    points: tuple[Point, ...] = ()
    currency: str = ""
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bar of a distribution: members whose value is from `low` to below `high` (None: and above)."""

    low: float
    high: float | None
    members: int


@dataclass(frozen=True, slots=True)
class UsageInterval:
    """How often members come back, and after how long a silence one has lapsed.

    `median_days` and `quantiles` (share, days) are of the members' own median gaps between days of
    purchase; `members` had gaps enough. A member has lapsed who was silent for longer than
    `lapsed_after_days`, and slips after `slipping_after_days`: these are the `lapsed_quantile` and the
    `slipping_quantile` of all gaps, in which each member weighs the same.
    """

    members: int
    median_days: float | None = None
    quantiles: tuple[tuple[float, float], ...] = ()
    buckets: tuple[Bucket, ...] = ()
    lapsed_after_days: int | None = None
    slipping_after_days: int | None = None
    lapsed_quantile: float = 0.95
    slipping_quantile: float = 0.8
    unknown: Unknown | None = None
