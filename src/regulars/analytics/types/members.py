"""What is known of a member, and what is learnt of all of them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from regulars.analytics.codes import Measure, Segment, Unknown


@dataclass(frozen=True, slots=True)
class MemberBehind:
    """A member behind a number, with the figures that put them there, by name."""

    member_id: int
    figures: dict[str, int | float | str | None]


@dataclass(frozen=True, slots=True)
class BehindReady:
    """A list of members behind a number that can be read. Without `list_id` it is read from what is stored of
    each member.
    """

    measure: Measure
    key: str
    list_id: int | None = None


@dataclass(frozen=True, slots=True)
class BehindWaiting:
    """No list yet: a job makes one. `seconds` is what the last one took; `failure` why none could be made."""

    asked_at: datetime
    seconds: int | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a risk is what it is: `code` names the feature, `effect` how much it moves the risk, up or down."""

    code: str
    effect: float
    value: float | None = None


@dataclass(frozen=True, slots=True)
class LifestyleShare:
    """How much of a theme a member buys, to how much of it everybody does; all themes add up to 1."""

    code: str
    share: float


@dataclass(frozen=True, slots=True)
class MemberMeasures:
    """What is known of one member, as of a day: the member page shows it. Fields as in `MemberMeasure`."""

    member_id: int
    as_of: date
    r_score: int | None
    f_score: int | None
    m_score: int | None
    rfm_cell: str
    segment: Segment | None
    segment_since: date | None
    usage_interval_days: float | None
    first_order_on: date | None
    last_order_on: date | None
    orders_count: int
    spent_minor: int
    currency: str
    lapsed: bool | None
    can_afford_now: bool | None
    value_minor: int | None
    value_method: str
    p_alive: float | None
    risk: float | None
    risk_reasons: tuple[Reason, ...]
    lifestyles: tuple[LifestyleShare, ...]


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """A member went from one named segment to another, on the day the measures were taken."""

    member_id: int
    changed_on: date
    before: Segment | None
    after: Segment


class Topic(StrEnum):
    """What is learnt at a refresh, each by a package of its own."""

    VALUE = "value"
    RISK = "risk"
    FORECAST = "forecast"
    LIFESTYLES = "lifestyles"


@dataclass(frozen=True, slots=True)
class Lifestyle:
    """A theme in what members buy. `name` is the marketer's where they gave one, else made of `categories`.

    `members`: how many it is the first theme of. `found_name` is the one that was made.
    """

    code: str
    name: str
    found_name: str
    categories: tuple[tuple[str, float], ...]
    members: int


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """What the shop decides of learning.

    `sensitive_patterns` are beginnings of words in names of categories: a product of such a category enters
    no inference while `keeps_sensitive_out`. `risk_horizon_weeks` None: from the shop's own interval.
    """

    keeps_sensitive_out: bool
    sensitive_patterns: tuple[str, ...]
    risk_horizon_weeks: int | None = None


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a model learnt at the last refresh. `figures` are its tests on the past, by name; `failure`: why
    it could not be made, in a sentence, while what was learnt before stays.
    """

    topic: Topic
    as_of: date
    made_at: datetime
    seconds: float
    method: str
    reason: str
    figures: dict[str, float]
    unknown: Unknown | None = None
    failure: str = ""
