"""The reports, what they hold, and how they are found."""

from dataclasses import dataclass
from datetime import date, datetime

from regulars.analytics.codes import FindingCode, Measure, ReportKind, RetentionKind, Segment, Unit, Unknown
from regulars.analytics.types.figures import Bucket, Figure, Period, UsageInterval


@dataclass(frozen=True, slots=True)
class SegmentSize:
    """Members in a named RFM segment at the end of the period, and at its beginning (None: not known)."""

    segment: Segment
    members: int
    previous: int | None = None
    orders: int = 0
    spent_minor: int = 0


@dataclass(frozen=True, slots=True)
class SegmentMove:
    """Members who were in one segment when the period began and in another (or the same) when it ended."""

    before: Segment
    after: Segment
    members: int


@dataclass(frozen=True, slots=True)
class RfmCell:
    """Members with these scores, 1 (lowest) to 5; `recency` 5 bought last."""

    recency: int
    frequency: int
    money: int
    members: int


@dataclass(frozen=True, slots=True)
class OverviewReport:
    """The front page. The five figures that matter come first in `figures`: `HEADLINES`."""

    period: Period
    as_of: date
    currency: str
    figures: tuple[Figure, ...]
    interval: UsageInterval
    segments: tuple[SegmentSize, ...] = ()
    moves: tuple[SegmentMove, ...] = ()
    cells: tuple[RfmCell, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """Members of a cohort at an age.

    `returned` of `reached` (all of whom are that old by `as_of`); `share` is None where nobody has reached
    it. `immature`: part of the cohort is not that old yet, so the share will still move.
    """

    age: int
    reached: int
    returned: int
    share: float | None
    immature: bool


@dataclass(frozen=True, slots=True)
class Cohort:
    """Members whose first purchase was in the same stretch, which begins with `first`."""

    first: date
    members: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RetentionTable:
    """One way to count retention: cohorts down, ages across; `curve` is all of them together, by age.

    `ages` names the columns as half-open stretches of days since the first purchase: (from, below); None:
    no end.
    """

    kind: RetentionKind
    ages: tuple[tuple[int, int | None], ...]
    cohorts: tuple[Cohort, ...]
    curve: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """Cohorts whose first purchase is in the period, by month, in three ways of counting."""

    period: Period
    as_of: date
    tables: tuple[RetentionTable, ...]
    figures: tuple[Figure, ...] = ()
    interval: UsageInterval | None = None
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True)
class ValuedMember:
    """A member and what is expected of them in the next 52 weeks, minor units."""

    member_id: int
    value_minor: int
    orders_count: int
    spent_minor: int
    last_order_on: date | None = None
    p_alive: float | None = None
    risk: float | None = None
    segment: Segment | None = None


@dataclass(frozen=True, slots=True)
class SegmentValue:
    """What is expected of a segment, and how much of it is at risk (value × churn risk, summed)."""

    segment: Segment
    members: int
    value_minor: int
    at_risk_minor: int | None = None


@dataclass(frozen=True, slots=True)
class ValueReport:
    """What members are worth: expected purchases of the next 52 weeks.

    `method`: bg_nbd_gamma_gamma, or recent_average where the model does not hold (`method_reason` says why).
    `quality` are named figures of the models' own tests (AUC of the risk, error of the value …).
    `top` are the most valuable, `at_risk` those with the most value × risk.
    """

    period: Period
    as_of: date
    currency: str
    figures: tuple[Figure, ...] = ()
    method: str = ""
    method_reason: str = ""
    buckets: tuple[Bucket, ...] = ()
    segments: tuple[SegmentValue, ...] = ()
    top: tuple[ValuedMember, ...] = ()
    at_risk: tuple[ValuedMember, ...] = ()
    quality: tuple[tuple[str, float], ...] = ()
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """What is foreseen for a window, with the interval it lies in."""

    period: Period
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast with intervals whose coverage was tested on the past.

    `nominal` is the coverage that the intervals promise; `covered` of `backtests` past windows lay inside.
    """

    measure: Measure
    unit: Unit
    method: str
    points: tuple[ForecastPoint, ...]
    nominal: float
    covered: int
    backtests: int
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True)
class PointsMonth:
    """What moved in a calendar month of the shop (the first and the last may be cut by the period)."""

    period: Period
    issued: int
    spent: int
    expired: int
    outstanding: int


@dataclass(frozen=True, slots=True)
class SurvivalPoint:
    """Kaplan–Meier: the share without a reward yet, `days` after joining; `at_risk` were watched so long."""

    days: int
    at_risk: int
    share: float


@dataclass(frozen=True, slots=True)
class RewardUse:
    """A reward: who could have it with the points they have now, and who took it in the period."""

    reward_id: int
    code: str
    name: str
    price_points: int
    available: bool
    taken: int
    takers: int
    can_afford: int


@dataclass(frozen=True, slots=True)
class TierMove:
    """Members by tier when the period began and when it ended. Empty: no tier."""

    before: str
    after: str
    members: int


@dataclass(frozen=True, slots=True)
class PointsReport:
    """Issued, spent, expired, outstanding; rewards; tiers. In points: the cost is for finance to say."""

    period: Period
    as_of: date
    figures: tuple[Figure, ...]
    months: tuple[PointsMonth, ...] = ()
    survival: tuple[SurvivalPoint, ...] = ()
    rewards: tuple[RewardUse, ...] = ()
    tiers: tuple[TierMove, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about: a reward (key: its id), a tier (code), a segment (code)."""

    kind: str
    key: str
    name: str
    figures: dict[str, int | float]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that ruins programmes, with the evidence. `wording.py` says it in words.

    `figures` are by name as listed there for the code. `measure` and `key`, where given, lead to the members
    behind by `list_members_behind`.
    """

    code: FindingCode
    urgent: bool
    figures: dict[str, int | float | str]
    subjects: tuple[Subject, ...] = ()
    members: int | None = None
    measure: Measure | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class CheckUp:
    """The programme looked over. `sound` was looked at and is well; `untold` could not be judged, and why."""

    period: Period
    as_of: date
    findings: tuple[Finding, ...]
    sound: tuple[FindingCode, ...] = ()
    untold: tuple[tuple[FindingCode, Unknown], ...] = ()


@dataclass(frozen=True, slots=True)
class ProgrammeOutline:
    """What a check-up has to know of the programme: the caller hands it in. Tiers from the lowest up."""

    rules_count: int
    tiers: tuple[str, ...]
    tier_names: tuple[str, ...] = ()


Report = OverviewReport | RetentionReport | ValueReport | PointsReport | CheckUp


@dataclass(frozen=True, slots=True)
class Opened:
    """A report, when it was made, and since when another is being made (None: none is).

    `as_of` is the last day that the facts were complete for; the report's own is the last of them with a
    purchase.
    """

    kind: ReportKind
    report: Report
    as_of: date
    made_at: datetime
    renewal_asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """No report yet: one was asked for. `failure` is the last attempt's sentence, empty where none failed."""

    kind: ReportKind
    asked_at: datetime
    seconds: int | None = None
    failure: str = ""
