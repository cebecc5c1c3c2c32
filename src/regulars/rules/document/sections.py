"""Reading the tables that hold for the whole programme."""

from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _

from regulars.kit.money import CURRENCIES, minor_digits
from regulars.kit.points import Rounding
from regulars.rules.document.table import Table
from regulars.rules.hints import did_you_mean
from regulars.rules.types import (
    Excluded,
    Expiry,
    ExpiryKind,
    LineKind,
    Metric,
    Pending,
    PointsName,
    ReturnPolicy,
    RoundAt,
    Shortfall,
    Stacking,
    TierDefinition,
    TierPolicy,
)

MONTHS_MAX = 240
DAYS_MAX = 3650
MULTIPLIER_MAX = 100
TIERS_MAX = 50
PERIODS = ("month", "quarter", "year")
TIER_WINDOWS = ("rolling", "calendar")
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Basics:
    """What [programme] says; the other tables are read with its zone and currency."""

    name: str
    time_zone: ZoneInfo
    currency: str
    points_name: PointsName
    rounding: Rounding
    round_at: RoundAt
    stacking: Stacking

    @property
    def digits(self) -> int:
        """The decimals of the currency."""
        return minor_digits(self.currency)


def read_basics(table: Table) -> Basics:
    """The table [programme]."""
    return Basics(
        name=table.text("name", required=True),
        time_zone=_read_zone(table),
        currency=_read_currency(table),
        points_name=_read_points_name(table),
        rounding=table.choice("rounding", Rounding, Rounding.FLOOR) or Rounding.FLOOR,
        round_at=table.choice("round_at", RoundAt, RoundAt.LINE) or RoundAt.LINE,
        stacking=table.choice("stacking", Stacking, Stacking.MULTIPLY) or Stacking.MULTIPLY,
    )


def _read_zone(table: Table) -> ZoneInfo:
    name = table.text("time_zone", required=True)
    if not name:
        return ZoneInfo("UTC")
    if name not in _zone_names():
        hint = did_you_mean(name, _zone_names()) or _(" (such as Europe/Berlin)")
        table.mistake("time_zone", _("is not a time zone that is known%(hint)s"), hint=hint)
        return ZoneInfo("UTC")
    return ZoneInfo(name)


@cache
def _zone_names() -> frozenset[str]:
    """Every zone that is known here; listing them reads a directory tree."""
    return frozenset(available_timezones())


def _read_currency(table: Table) -> str:
    code = table.text("currency", required=True)
    if code and code not in CURRENCIES:
        hint = did_you_mean(code.upper(), CURRENCIES)
        table.mistake("currency", _("is not an ISO 4217 code such as EUR%(hint)s"), hint=hint)
    return code


def _read_points_name(table: Table) -> PointsName:
    names = table.table("points_name")
    if names is None:
        return PointsName()
    return PointsName(names.text("singular", required=True), names.text("plural", required=True))


def read_expiry(table: Table) -> Expiry:
    """[expiry], or a rule's own. Keys that do not belong to its kind are mistakes."""
    kind = table.choice("kind", ExpiryKind)
    if kind is None:
        return Expiry()
    belongs = {
        ExpiryKind.NEVER: (),
        ExpiryKind.AFTER_MONTHS: ("months",),
        ExpiryKind.INACTIVITY: ("months",),
        ExpiryKind.FIXED_DATE: ("on",),
        ExpiryKind.END_OF_PERIOD: ("period",),
    }[kind]
    table.only(belongs, ("months", "on", "period"), why=_('with kind = "%(kind)s"') % {"kind": kind})
    return Expiry(
        kind=kind,
        months=table.whole("months", least=1, most=MONTHS_MAX, required=True) if "months" in belongs else 0,
        on=table.day("on", required=True) if "on" in belongs else None,
        period=table.word("period", PERIODS) if "period" in belongs else "",
    )


def read_pending(table: Table) -> Pending:
    """[pending], or a rule's own."""
    if table.has("days") and table.has("awaits"):
        table.mistake("awaits", _("cannot stand beside days: points wait either for a time or for an event"))
        return Pending()
    if not table.has("days") and not table.has("awaits"):
        table.mistake("", _('needs either days = 14 or awaits = "delivered"'))
    return Pending(days=table.whole("days", most=DAYS_MAX), awaits=table.slug("awaits") or None)


def read_returns(table: Table | None) -> ReturnPolicy:
    """[returns]."""
    if table is None:
        return ReturnPolicy()
    return ReturnPolicy(
        shortfall=table.choice("shortfall", Shortfall, Shortfall.DEBT) or Shortfall.DEBT,
        lapsed_grace_days=table.whole("lapsed_grace_days", most=DAYS_MAX),
    )


def read_excluded(table: Table | None) -> Excluded:
    """[excluded]. Naming `kinds` replaces the default, which is everything but products."""
    if table is None:
        return Excluded()
    kinds = table.choices("kinds", LineKind) if table.has("kinds") else Excluded().kinds
    if LineKind.PRODUCT in kinds:
        table.mistake("kinds", _("must not hold product: then nothing would earn"))
    return Excluded(
        kinds=kinds,
        skus=frozenset(table.texts("skus")),
        brands=frozenset(table.texts("brands")),
        categories=frozenset(table.texts("categories")),
    )


def read_tiers(table: Table | None, basics: Basics) -> TierPolicy:
    """[tiers] with its [[tiers.tier]]."""
    if table is None:
        return TierPolicy()
    metric = table.choice("metric", Metric, Metric.POINTS) or Metric.POINTS
    window = table.word("window", TIER_WINDOWS, "rolling")
    if window == "calendar":
        table.only((), ("window_months",), why=_('with window = "calendar", which is the calendar year'))
    tables = table.tables("tier", "code")
    if not tables and not table.has("tier"):
        table.mistake("tier", _("is missing: write each tier as [[tiers.tier]]"))
    if len(tables) > TIERS_MAX:
        table.mistake("tier", _("has more than %(most)d tiers"), most=TIERS_MAX)
    tiers = tuple(_read_tier(tier, rank, metric, basics) for rank, tier in enumerate(tables))
    for before, tier, place in zip(tiers, tiers[1:], tables[1:], strict=False):
        if tier.threshold <= before.threshold:
            place.mistake(
                "threshold", _("must be higher than that of the tier before; tiers go from low to high")
            )
    _refuse_repeated(tables, "code")
    return TierPolicy(
        metric=metric,
        window=window,
        window_months=12 if window == "calendar" else table.whole("window_months", 12, least=1, most=120),
        grace_days=table.whole("grace_days", most=DAYS_MAX),
        tiers=tiers,
    )


def _read_tier(table: Table, rank: int, metric: Metric, basics: Basics) -> TierDefinition:
    code = table.slug("code", required=True)
    if not table.has("threshold"):
        table.mistake("threshold", _("is missing: what a member must reach (0 for a tier that everyone has)"))
    if metric is Metric.SPEND:
        threshold = table.money("threshold", basics.digits)
    else:
        threshold = table.whole("threshold")
    return TierDefinition(
        code=code,
        name=table.text("name", code.replace("_", " ").replace("-", " ").title()),
        rank=rank,
        threshold=threshold,
        earn_multiplier=table.ratio("earn_multiplier", ONE, least=ONE, most=MULTIPLIER_MAX),
        early_access_hours=table.whole("early_access_hours", most=24 * 365),
        perks=table.texts("perks"),
    )


def _refuse_repeated(tables: list[Table], key: str) -> None:
    seen: dict[str, Table] = {}
    for table in tables:
        value = table.raw(key) if table.has(key) else ""
        if value in seen and value:
            line = table.report.positions.line(seen[value].path)
            table.mistake(key, _("is used already, in line %(line)d"), line=line)
        seen.setdefault(value, table)


def refuse_repeated_ids(tables: list[Table]) -> None:
    """Two rules of one id would share caps and history."""
    _refuse_repeated(tables, "id")


def to_instant(value: date | datetime | None, zone: ZoneInfo) -> datetime | None:
    """A date as its first instant, and a time without an offset as local time of the programme."""
    if value is None:
        return None
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    return value.replace(tzinfo=zone) if value.tzinfo is None else value
