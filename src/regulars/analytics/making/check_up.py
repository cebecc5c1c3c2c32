"""The programme check-up: the mistakes that ruin programmes, each looked for with the figures that show it.

The limits are judgements, and stand here by name; a finding carries those it was made by. What a member
earns in a day is the mean over members who earned anything in the period.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from regulars.analytics.codes import FindingCode, Measure, Segment, Unknown
from regulars.analytics.making.overview import find_segments
from regulars.analytics.measures.basis import list_people
from regulars.analytics.measures.expiring import WEEKS_AHEAD, list_expiring
from regulars.analytics.measures.figures import make_figures
from regulars.analytics.measures.limits import Limits
from regulars.analytics.measures.rewards import list_reward_use
from regulars.analytics.measures.windows import hold_windows
from regulars.analytics.types import CheckUp, Figure, Finding, Period, RewardUse, Subject
from regulars.facts.facade import Facts

UNTAKEN_DAYS = 28
"""A reward younger than this has had no chance yet."""
REACH_DAYS = 365
"""A reward that an average member saves for longer than a year is out of reach."""
EASY_DAYS = 7
"""One that a week of ordinary purchases pays for is given away."""
RULES_MAX = 8
"""More rules than this nobody at the till can explain."""
NEVER_SHARE = 0.5
UNSEEN_SHARE = 0.25
TIER_SHARE = 0.01
LEAVING_RATIO = 1.5
MEMBERS_MIN = 20
"""A share of fewer members is chance."""
STAYING = (Segment.CHAMPIONS, Segment.LOYAL, Segment.POTENTIAL, Segment.NEW, Segment.OCCASIONAL)
GONE = (Segment.AT_RISK, Segment.LOST)

Answer = Finding | Unknown | None
"""A finding; or why it cannot be told; or nothing: it is sound."""


@dataclass(frozen=True)
class Examined:
    """What the examinations look at. Queries run when they are first needed."""

    facts: Facts
    period: Period
    limits: Limits

    @cached_property
    def rewards(self) -> tuple[RewardUse, ...]:
        """Rewards that can be had now."""
        uses = list_reward_use(self.facts, hold_windows([self.period]))
        return tuple(use for use in uses if use.available and use.price_points > 0)

    @cached_property
    def daily_points(self) -> float:
        """Points that a member who earns gets in a day; 0 where nothing was earned."""
        (issued,) = make_figures(self.facts, self.period, [Measure.POINTS_ISSUED], self.limits)
        if not issued.value or not issued.population:
            return 0.0
        return issued.value / issued.population / self.period.days

    def tell_share(self, measure: Measure) -> Figure:
        """One figure of the period."""
        (figure,) = make_figures(self.facts, self.period, [measure], self.limits)
        return figure

    def describe(self, use: RewardUse) -> Subject:
        """A reward as the subject of a finding."""
        figures: dict[str, int | float] = {"price_points": use.price_points, "can_afford": use.can_afford}
        if self.daily_points > 0:
            figures["days_to_earn"] = round(use.price_points / self.daily_points)
        return Subject("reward", str(use.reward_id), use.name, figures)


def make_check_up(facts: Facts, period: Period, limits: Limits) -> CheckUp:
    """Look the programme over. `outline` is handed in, since analytics knows no programme; without, some is
    untold.
    """
    examined = Examined(facts, period, limits)
    answers = {code: examine(examined) for code, examine in EXAMINATIONS.items()}
    findings = [answer for answer in answers.values() if isinstance(answer, Finding)]
    return CheckUp(
        period=period,
        as_of=facts.as_of,
        findings=tuple(sorted(findings, key=lambda one: not one.urgent)),
        sound=tuple(code for code, answer in answers.items() if answer is None),
        untold=tuple((code, answer) for code, answer in answers.items() if isinstance(answer, Unknown)),
    )


def find_untaken(examined: Examined) -> Answer:
    """Rewards that could be had for four weeks or more, that somebody can afford, and that nobody took."""
    if not examined.rewards:
        return Unknown.NO_REWARDS
    if examined.period.days < UNTAKEN_DAYS:
        return Unknown.HISTORY_TOO_SHORT
    since = examined.facts.as_of - timedelta(days=UNTAKEN_DAYS)
    rewards = examined.facts.rewards
    grown = set(rewards.filter(rewards.created_at.date() <= since).reward_id.to_pyarrow().to_pylist())
    left = [use for use in examined.rewards if not use.taken and use.can_afford and use.reward_id in grown]
    if not left:
        return None
    return Finding(
        FindingCode.REWARD_UNTAKEN,
        urgent=len(left) * 2 >= len(examined.rewards),
        figures={"rewards": len(left), "days": examined.period.days},
        subjects=tuple(examined.describe(use) for use in left),
    )


def find_out_of_reach(examined: Examined) -> Answer:
    """Rewards that an average member saves for longer than a year."""
    return _judge_prices(
        examined, FindingCode.REWARD_OUT_OF_REACH, "days_min", REACH_DAYS, lambda days: days > REACH_DAYS
    )


def find_given_away(examined: Examined) -> Answer:
    """Rewards that a week of ordinary purchases pays for."""
    return _judge_prices(
        examined, FindingCode.REWARD_GIVEN_AWAY, "days_max", EASY_DAYS, lambda days: days <= EASY_DAYS
    )


def _judge_prices(
    examined: Examined, code: FindingCode, name: str, limit: int, is_wrong: Callable[[float], bool]
) -> Answer:
    if not examined.rewards:
        return Unknown.NO_REWARDS
    if examined.daily_points <= 0:
        return Unknown.NO_DATA
    wrong = [use for use in examined.rewards if is_wrong(use.price_points / examined.daily_points)]
    if not wrong:
        return None
    return Finding(
        code,
        urgent=len(wrong) * 2 >= len(examined.rewards),
        figures={"rewards": len(wrong), "of": len(examined.rewards), name: limit},
        subjects=tuple(examined.describe(use) for use in wrong),
    )


def find_many_rules(examined: Examined) -> Answer:
    """More rules than anybody can explain."""
    if examined.limits.outline is None:
        return Unknown.PROGRAMME_UNKNOWN
    rules = examined.limits.outline.rules_count
    if rules <= RULES_MAX:
        return None
    return Finding(
        FindingCode.RULES_TOO_MANY, rules >= 2 * RULES_MAX, {"rules": rules, "rules_max": RULES_MAX}
    )


def find_never_redeemed(examined: Examined) -> Answer:
    """Half of those who could have a reward, or more, never took one: the programme is not told of."""
    figure = examined.tell_share(Measure.NEVER_REDEEMED)
    if figure.unknown is not None:
        return figure.unknown
    if figure.population < MEMBERS_MIN or (figure.value or 0) < NEVER_SHARE:
        return None
    return Finding(
        FindingCode.NEVER_REDEEMED,
        urgent=(figure.value or 0) >= 1.5 * NEVER_SHARE,
        figures={
            "members": figure.numerator or 0,
            "able": figure.denominator or 0,
            "share": figure.value or 0,
            "price_points": examined.limits.cheapest or 0,
        },
        members=figure.numerator,
        measure=Measure.NEVER_REDEEMED,
        key="yes",
    )


def find_expiring_unseen(examined: Examined) -> Answer:
    """A quarter of those whose points lapse within four weeks, or more, have been silent longer than is
    usual.
    """
    figure = examined.tell_share(Measure.EXPIRING_UNSEEN)
    if figure.unknown is not None:
        return None if figure.unknown is Unknown.NOBODY else figure.unknown
    if (figure.numerator or 0) < MEMBERS_MIN or (figure.value or 0) < UNSEEN_SHARE:
        return None
    rows = list_expiring(examined.facts).semi_join(list_people(examined.facts), "member_id")
    points: int = rows.points.sum().to_pyarrow().as_py() or 0
    return Finding(
        FindingCode.EXPIRING_UNSEEN,
        urgent=(figure.value or 0) >= 2 * UNSEEN_SHARE,
        figures={
            "members": figure.numerator or 0,
            "holders": figure.denominator or 0,
            "points": points,
            "weeks": WEEKS_AHEAD,
            "silent_days": examined.limits.interval.slipping_after_days or 0,
        },
        members=figure.numerator,
        measure=Measure.EXPIRING_UNSEEN,
        key="yes",
    )


def find_unreached_tiers(examined: Examined) -> Answer:
    """Tiers, other than the lowest, that fewer than one member in a hundred has."""
    outline = examined.limits.outline
    if outline is None:
        return Unknown.PROGRAMME_UNKNOWN
    if not outline.tiers:
        return Unknown.NO_TIERS
    members = examined.facts.members
    people = members.filter(~members.erased)
    people = people.group_by("tier").agg(members=people.count())
    sizes = {row["tier"]: row["members"] for row in people.to_pyarrow().to_pylist()}
    total = sum(sizes.values())
    if total < MEMBERS_MIN:
        return Unknown.TOO_FEW
    names = dict(zip(outline.tiers, outline.tier_names or outline.tiers, strict=True))
    empty = [tier for tier in outline.tiers[1:] if sizes.get(tier, 0) < TIER_SHARE * total]
    if not empty:
        return None
    return Finding(
        FindingCode.TIER_UNREACHED,
        urgent=any(not sizes.get(tier) for tier in empty),
        figures={"tiers": len(empty), "share_max": TIER_SHARE},
        subjects=tuple(
            Subject(
                "tier",
                tier,
                names[tier],
                {"members": sizes.get(tier, 0), "share": sizes.get(tier, 0) / total},
            )
            for tier in empty
        ),
    )


def find_leaving(examined: Examined) -> Answer:
    """Segments of members who still came, from which more than elsewhere have gone silent since."""
    if examined.limits.interval.lapsed_after_days is None:
        return examined.limits.interval.unknown or Unknown.TOO_FEW
    _sizes, moves = find_segments(examined.facts, examined.period, examined.limits)
    start = {one: sum(m.members for m in moves if m.before is one) for one in STAYING}
    left = {one: sum(m.members for m in moves if m.before is one and m.after in GONE) for one in STAYING}
    if sum(start.values()) < MEMBERS_MIN:
        return Unknown.HISTORY_TOO_SHORT
    share_all = sum(left.values()) / sum(start.values())
    leaving = [
        one
        for one in STAYING
        if start[one] >= MEMBERS_MIN and left[one] and left[one] / start[one] >= LEAVING_RATIO * share_all
    ]
    if not leaving:
        return None
    worst = max(leaving, key=lambda one: left[one])
    way = max((m for m in moves if m.before is worst and m.after in GONE), key=lambda m: m.members)
    return Finding(
        FindingCode.SEGMENT_LEAVING,
        urgent=bool({Segment.CHAMPIONS, Segment.LOYAL} & set(leaving)),
        figures={"segments": len(leaving), "share_all": share_all},
        subjects=tuple(
            Subject(
                "segment",
                one.value,
                one.value,
                {"members": start[one], "left": left[one], "share": left[one] / start[one]},
            )
            for one in leaving
        ),
        members=sum(left[one] for one in leaving),
        measure=Measure.SEGMENT_MOVES,
        key=f"{way.before.value}/{way.after.value}",
    )


EXAMINATIONS: dict[FindingCode, Callable[[Examined], Answer]] = {
    FindingCode.NEVER_REDEEMED: find_never_redeemed,
    FindingCode.REWARD_OUT_OF_REACH: find_out_of_reach,
    FindingCode.REWARD_GIVEN_AWAY: find_given_away,
    FindingCode.REWARD_UNTAKEN: find_untaken,
    FindingCode.EXPIRING_UNSEEN: find_expiring_unseen,
    FindingCode.TIER_UNREACHED: find_unreached_tiers,
    FindingCode.SEGMENT_LEAVING: find_leaving,
    FindingCode.RULES_TOO_MANY: find_many_rules,
}
