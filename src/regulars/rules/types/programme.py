"""The programme document as values: what `parse_programme` makes of the TOML."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from regulars.kit.ids import ProgrammeVersion
from regulars.kit.points import Rounding
from regulars.rules.types.words import (
    CapPeriod,
    CapScope,
    ExpiryKind,
    LineKind,
    Metric,
    RoundAt,
    RuleType,
    Shortfall,
    Stacking,
)

DRAFT = ProgrammeVersion(0)
"""The version of a document that was parsed but not published."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """When points lapse: at the end of the day that this names.

    `months` for after_months and inactivity, `on` for fixed_date, `period` (month, quarter, year) for
    end_of_period.
    """

    kind: ExpiryKind = ExpiryKind.NEVER
    months: int = 0
    on: date | None = None
    period: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """How long points wait before they can be spent: whole days, or until an event; neither: not at all."""

    days: int = 0
    awaits: str | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `points` in one period, for a member or for the whole programme (a budget)."""

    scope: CapScope
    period: CapPeriod
    points: int


@dataclass(frozen=True, slots=True)
class Match:
    """Which lines a rule is about; empty means any. All given conditions must hold.

    `quantity_min` is about the basket: its matching lines must hold that many units in all.
    """

    skus: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    not_skus: frozenset[str] = frozenset()
    not_brands: frozenset[str] = frozenset()
    not_categories: frozenset[str] = frozenset()
    quantity_min: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """When a rule holds, in the programme's time zone. `weekdays` are 0 (Monday) to 6; times are half-open.

    A `time_to` earlier than `time_from` reaches past midnight.
    """

    active_from: datetime | None = None
    active_to: datetime | None = None
    weekdays: frozenset[int] = frozenset()
    time_from: time | None = None
    time_to: time | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a rule is for: members of any of the tiers and of any of the segments; empty means everyone."""

    tiers: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Excluded:
    """What never earns and never qualifies."""

    kinds: frozenset[LineKind] = frozenset(set(LineKind) - {LineKind.PRODUCT})
    skus: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EarnRule:
    """One way to earn. `points` for each `per` (minor units, items) in base rules; once for bonus and event.

    `basket_min` is in minor units. `pending`, `expiry` and `rounding` override the programme's where given.
    """

    id: str
    name: str
    type: RuleType
    points: Fraction = Fraction(0)
    per: int = 1
    factor: Fraction = Fraction(1)
    event: str = ""
    match: Match = Match()
    window: Window = Window()
    audience: Audience = Audience()
    first_purchase: bool = False
    basket_min: int = 0
    caps: tuple[Cap, ...] = ()
    pending: Pending | None = None
    expiry: Expiry | None = None
    rounding: Rounding | None = None
    qualifying: bool = False
    when: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class TierDefinition:
    """One tier. `threshold` is in the metric's unit (points, minor units, visits); the lowest ranks 0."""

    code: str
    name: str
    rank: int
    threshold: int
    earn_multiplier: Fraction = Fraction(1)
    early_access_hours: int = 0
    perks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """How status is won and lost: `window` is rolling or calendar (year); down one step after the grace."""

    metric: Metric = Metric.POINTS
    window: str = "rolling"
    window_months: int = 12
    grace_days: int = 0
    tiers: tuple[TierDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnPolicy:
    """What a returned order, or a cancelled redemption, does to points."""

    shortfall: Shortfall = Shortfall.DEBT
    lapsed_grace_days: int = 0


@dataclass(frozen=True, slots=True)
class PointsName:
    """What the shop calls its points. Plain points are called so in the reader's language; a name of the
    shop's own stays as it is.
    """

    singular: str = "point"
    plural: str = "points"

    def of(self, count: int) -> str:
        """The word that goes with a number."""
        if self._is_plain:
            return ngettext("point", "points", abs(count))
        return self.singular if count == 1 else self.plural

    @property
    def many(self) -> str:
        """The word for points in general."""
        return gettext("points") if self._is_plain else self.plural

    @property
    def _is_plain(self) -> bool:
        return (self.singular, self.plural) == ("point", "points")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Programme:
    """A whole programme. Compared by identity, so that what is compiled from it can be kept beside it."""

    name: str
    time_zone: ZoneInfo
    currency: str
    version: ProgrammeVersion = DRAFT
    points_name: PointsName = PointsName()
    rounding: Rounding = Rounding.FLOOR
    round_at: RoundAt = RoundAt.LINE
    stacking: Stacking = Stacking.MULTIPLY
    expiry: Expiry = Expiry()
    pending: Pending = Pending()
    returns: ReturnPolicy = ReturnPolicy()
    excluded: Excluded = field(default_factory=Excluded)
    rules: tuple[EarnRule, ...] = ()
    tiers: TierPolicy = TierPolicy()

    def find_rule(self, rule_id: str) -> EarnRule | None:
        """The rule of that id, enabled or not."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def find_tier(self, code: str | None) -> TierDefinition | None:
        """The tier of that code."""
        return next((tier for tier in self.tiers.tiers if tier.code == code), None)
