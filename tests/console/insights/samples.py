"""Reports as jobs leave them: with all that pages have to show, and with nothing at all."""

from datetime import date, datetime, timedelta
from math import exp

from regulars.analytics.facade import (
    HEADLINES,
    Bucket,
    Cell,
    CheckUp,
    Cohort,
    Figure,
    Finding,
    FindingCode,
    Forecast,
    ForecastPoint,
    Measure,
    OverviewReport,
    Period,
    Point,
    PointsMonth,
    PointsReport,
    Report,
    ReportKind,
    RetentionKind,
    RetentionReport,
    RetentionTable,
    RewardUse,
    RfmCell,
    Segment,
    SegmentMove,
    SegmentSize,
    SegmentValue,
    Span,
    Subject,
    SurvivalPoint,
    TierMove,
    Unit,
    Unknown,
    UsageInterval,
    ValuedMember,
    ValueReport,
)
from regulars.analytics.models import Report as ReportRow
from regulars.analytics.queries.stored import write_payload

AS_OF = date(2026, 11, 15)
PERIOD = Period(AS_OF - timedelta(days=83), AS_OF + timedelta(days=1))
MONTHS = 6

_VALUES: dict[Measure, tuple[Unit, float, float, int, int]] = {
    Measure.MEMBERS_ACTIVE: (Unit.MEMBERS, 2_134, 2_098, 0, 0),
    Measure.REPEAT_RATE: (Unit.SHARE, 0.871, 0.884, 1_859, 2_134),
    Measure.CHURN_RATE: (Unit.SHARE, 0.064, 0.058, 134, 2_098),
    Measure.BASKET_VALUE: (Unit.MONEY, 2_874, 2_791, 98_412_300, 34_240),
    Measure.REDEMPTION_RATE: (Unit.SHARE, 0.128, 0.112, 304, 2_377),
    Measure.FREQUENCY: (Unit.RATIO, 16.04, 15.71, 34_240, 2_134),
    Measure.SALES: (Unit.MONEY, 98_412_300, 92_004_100, 0, 0),
    Measure.MEMBERS_NEW: (Unit.MEMBERS, 96, 131, 0, 0),
}


def make_interval() -> UsageInterval:
    buckets = tuple(Bucket(low, low + 7, max(3, round(900 * exp(-low / 12)))) for low in range(0, 84, 7))
    return UsageInterval(
        members=2_210,
        median_days=4.5,
        quantiles=((0.5, 4.5), (0.8, 11.0), (0.95, 31.0)),
        buckets=(*buckets, Bucket(84, None, 21)),
        lapsed_after_days=31,
    )


def make_figure(measure: Measure) -> Figure:
    unit, value, before, numerator, denominator = _VALUES[measure]
    points = tuple(
        Point(
            Period(AS_OF - timedelta(days=28 * back + 27), AS_OF - timedelta(days=28 * back - 1)),
            before + (value - before) * (6 - back) / 6,
        )
        for back in range(6, -1, -1)
    )
    return Figure(
        measure=measure,
        unit=unit,
        period=PERIOD,
        population=2_134,
        value=value,
        numerator=numerator or None,
        denominator=denominator or None,
        previous=before,
        points=points,
        currency="USD" if unit is Unit.MONEY else "",
    )


def make_overview() -> OverviewReport:
    sizes = zip(
        Segment,
        (412, 388, 301, 96, 322, 204, 486, 201),
        (398, 401, 290, 131, 310, 188, 494, 198),
        strict=True,
    )
    return OverviewReport(
        period=PERIOD,
        as_of=AS_OF,
        currency="USD",
        figures=(
            *(make_figure(measure) for measure in _VALUES),
            Figure(Measure.MARGIN, Unit.MONEY, PERIOD, 0, unknown=Unknown.COST_UNKNOWN),
        ),
        interval=make_interval(),
        segments=tuple(
            SegmentSize(segment, now, before, 40 * now, 31_000 * now) for segment, now, before in sizes
        ),
        moves=tuple(
            SegmentMove(before, after, 290 if before is after else 24 // distance)
            for at, before in enumerate(Segment)
            for place, after in enumerate(Segment)
            if (distance := abs(at - place)) < 3 or before is after
        ),
        cells=tuple(
            RfmCell(lately, often, 3, 20 + 30 * max(0, 5 - 2 * abs(lately - often)))
            for lately in range(1, 6)
            for often in range(1, 6)
        ),
    )


def make_retention() -> RetentionReport:
    return RetentionReport(
        period=PERIOD,
        as_of=AS_OF,
        tables=tuple(make_table(kind) for kind in RetentionKind),
        figures=(make_figure(Measure.CHURN_RATE),),
        interval=make_interval(),
    )


def make_table(kind: RetentionKind) -> RetentionTable:
    ages: tuple[tuple[int, int | None], ...] = tuple((28 * age, 28 * age + 28) for age in range(1, MONTHS))
    if kind is RetentionKind.BRACKETS:
        ages = ((1, 8), (8, 29), (29, 85), (85, None))
    lift = {RetentionKind.N_PERIOD: 0.0, RetentionKind.UNBOUNDED: 0.12, RetentionKind.BRACKETS: 0.05}[kind]
    cohorts = tuple(
        Cohort(date(2026, 3 + at, 1), 300 - 20 * at, tuple(_cells(300 - 20 * at, len(ages) - at, lift)))
        for at in range(len(ages))
    )
    curve = tuple(_cells(1_600, len(ages), lift))
    return RetentionTable(kind, ages, cohorts, curve)


def _cells(members: int, ages: int, lift: float) -> list[Cell]:
    cells = []
    for age in range(ages):
        is_last = age == ages - 1
        reached = members // 2 if is_last else members
        returned = round(reached * (0.82 * exp(-age / 9) + lift))
        cells.append(Cell(age, reached, returned, returned / reached, is_last))
    return cells


def make_value(member_ids: tuple[int, ...] = ()) -> ValueReport:
    valued = tuple(
        ValuedMember(
            member_id,
            412_000 - 40_000 * place,
            61,
            380_000,
            AS_OF,
            0.97,
            0.11 + 0.2 * place,
            Segment.CHAMPIONS,
        )
        for place, member_id in enumerate(member_ids)
    )
    bars = (610, 480, 390, 300, 210, 150, 90, 60)
    return ValueReport(
        period=PERIOD,
        as_of=AS_OF,
        currency="USD",
        figures=(make_figure(Measure.SALES),),
        method="bg_nbd_gamma_gamma",
        buckets=(
            *(Bucket(50_000 * at, 50_000 * (at + 1), members) for at, members in enumerate(bars)),
            Bucket(400_000, None, 120),
        ),
        segments=tuple(
            SegmentValue(segment, 300, 90_000_000 - 10_000_000 * at, 4_000_000 + 1_500_000 * at)
            for at, segment in enumerate(Segment)
        ),
        top=valued,
        at_risk=valued[::-1],
        quality=(("risk.auc_all", 0.887), ("risk.auc_active", 0.858)),
    )


def make_points() -> PointsReport:
    months = tuple(
        PointsMonth(
            Period(date(2026, 3 + at, 1), date(2026, 4 + at, 1)),
            issued=600_000 + 12_000 * at,
            spent=30_000 + 9_000 * at,
            expired=0 if at < 4 else 40_000 * (at - 3),
            outstanding=2_000_000 + 560_000 * at,
        )
        for at in range(MONTHS)
    )
    weeks = tuple(
        ForecastPoint(
            Period(AS_OF + timedelta(days=28 * at + 1), AS_OF + timedelta(days=28 * at + 29)),
            low=6_000_000 - 90_000 * at,
            middle=6_050_000 + 110_000 * at,
            high=6_100_000 + 320_000 * at,
        )
        for at in range(6)
    )
    rewards = (
        ("Filter coffee", 400, 212, 1_800),
        ("Tote bag", 2_400, 41, 900),
        ("Weekend trip", 90_000, 0, 0),
    )
    tiers = (
        ("bronze", "bronze", 1_100),
        ("bronze", "silver", 88),
        ("silver", "silver", 690),
        ("silver", "bronze", 31),
        ("silver", "gold", 60),
        ("gold", "gold", 400),
    )
    return PointsReport(
        period=PERIOD,
        as_of=AS_OF,
        figures=(
            make_figure(Measure.REDEMPTION_RATE),
            Figure(Measure.BREAKAGE, Unit.SHARE, PERIOD, 0, unknown=Unknown.HISTORY_TOO_SHORT),
        ),
        months=months,
        survival=tuple(SurvivalPoint(30 * at, 2_400 - 150 * at, 1 - 0.06 * at) for at in range(9)),
        rewards=tuple(
            RewardUse(
                at,
                name.lower(),
                name,
                price,
                available=price < 90_000,
                taken=taken,
                takers=taken,
                can_afford=can,
            )
            for at, (name, price, taken, can) in enumerate(rewards)
        ),
        tiers=tuple(TierMove(*one) for one in tiers),
        forecasts=(
            Forecast(Measure.LIABILITY, Unit.POINTS, "paths", weeks, 0.8, 17, 20),
            Forecast(Measure.LIABILITY, Unit.POINTS, "paths", weeks, 0.95, 19, 20),
            Forecast(Measure.BREAKAGE, Unit.SHARE, "", (), 0.8, 0, 0, Unknown.HISTORY_TOO_SHORT),
        ),
    )


def make_check_up() -> CheckUp:
    trip = Subject(
        "reward", "3", "Weekend trip", {"price_points": 90_000, "can_afford": 0, "days_to_earn": 2_400}
    )
    return CheckUp(
        period=PERIOD,
        as_of=AS_OF,
        findings=(
            Finding(FindingCode.REWARD_UNTAKEN, False, {"rewards": 1, "days": 84}, (trip,)),
            Finding(
                FindingCode.NEVER_REDEEMED,
                True,
                {"members": 1_421, "able": 2_408, "share": 0.59, "price_points": 400},
                members=1_421,
                measure=Measure.NEVER_REDEEMED,
            ),
            Finding(
                FindingCode.REWARD_OUT_OF_REACH,
                False,
                {"rewards": 1, "of": 26, "days_min": 365},
                (trip,),
            ),
            Finding(
                FindingCode.EXPIRING_UNSEEN,
                True,
                {"members": 88, "holders": 300, "points": 41_200, "weeks": 4, "silent_days": 31},
                members=88,
            ),
            Finding(FindingCode.REWARD_GIVEN_AWAY, False, {"rewards": 2, "of": 26, "days_max": 7}),
            Finding(FindingCode.RULES_TOO_MANY, False, {"rules": 14, "rules_max": 9}),
            Finding(
                FindingCode.TIER_UNREACHED,
                False,
                {"tiers": 1, "share_max": 0.01},
                (Subject("tier", "platinum", "Platinum", {"members": 3, "share": 0.001}),),
            ),
            Finding(
                FindingCode.SEGMENT_LEAVING,
                True,
                {"segments": 1, "share_all": 0.064},
                (Subject("segment", "slipping", "", {"members": 322, "left": 61, "share": 0.19}),),
            ),
        ),
        sound=(),
        untold=(),
    )


def make_empty(kind: ReportKind) -> Report:
    """What jobs leave where nothing has happened yet."""
    unknown = Unknown.NO_DATA
    match kind:
        case ReportKind.OVERVIEW:
            figures = tuple(Figure(one, Unit.SHARE, PERIOD, 0, unknown=unknown) for one in HEADLINES)
            return OverviewReport(PERIOD, AS_OF, "USD", figures, UsageInterval(0, unknown=unknown))
        case ReportKind.RETENTION:
            return RetentionReport(PERIOD, AS_OF, (), unknown=unknown)
        case ReportKind.VALUE:
            return ValueReport(PERIOD, AS_OF, "USD", unknown=unknown)
        case ReportKind.POINTS:
            return PointsReport(PERIOD, AS_OF, (), unknown=unknown)
        case ReportKind.CHECK_UP:
            untold = tuple((code, unknown) for code in FindingCode)
            return CheckUp(PERIOD, AS_OF, (), untold=untold)


def make_all(member_ids: tuple[int, ...] = ()) -> dict[ReportKind, Report]:
    return {
        ReportKind.OVERVIEW: make_overview(),
        ReportKind.RETENTION: make_retention(),
        ReportKind.VALUE: make_value(member_ids),
        ReportKind.POINTS: make_points(),
        ReportKind.CHECK_UP: make_check_up(),
    }


def store(kind: ReportKind, report: Report, now: datetime, scope: str = Span.DAYS_84.value) -> None:
    """As `make_report` does."""
    ReportRow.objects.create(
        kind=kind,
        scope=scope,
        as_of=AS_OF,
        asked_at=now,
        made_at=now,
        seconds=1.5,
        payload=write_payload(kind, report),
    )
