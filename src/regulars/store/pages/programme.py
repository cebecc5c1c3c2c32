"""The programme in the member's words: how to earn, what status gives, the small print."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from regulars.design.facade import format_points
from regulars.kit.money import format_money
from regulars.rules import facade as rules

TOLD_MAX = 32
_told: dict[tuple[int, str], tuple[rules.Programme, tuple[str, ...]]] = {}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing worth knowing, with the icon it goes by."""

    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class TierView:
    """One step of status: how to reach it and what it gives."""

    name: str
    rank: int
    needs: str
    perks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HowItWorksPage:
    """The programme, explained."""

    points_word: str
    ways_to_earn: tuple[str, ...]
    facts: tuple[Fact, ...]
    tiers: tuple[TierView, ...]
    tier_note: str


def describe_programme(programme: rules.Programme) -> HowItWorksPage:
    """The whole programme as sentences; no queries."""
    sentences = rules.describe_rules(programme)
    earning = count_ways(programme)
    return HowItWorksPage(
        points_word=programme.points_name.many,
        ways_to_earn=tuple(sentences[:earning]),
        facts=tuple(_list_facts(programme, sentences[earning:])),
        tiers=tuple(
            TierView(tier.name, tier.rank, _say_needs(tier, programme), list_perks(programme, tier.code))
            for tier in sorted(programme.tiers.tiers, key=lambda tier: tier.rank)
        ),
        tier_note=_say_how_status_is_kept(programme),
    )


def count_ways(programme: rules.Programme) -> int:
    """How many of the sentences of `describe_rules` are about earning: they come first."""
    return sum(rule.enabled for rule in programme.rules)


def list_ways(programme: rules.Programme, most: int) -> tuple[str, ...]:
    """The first ways to earn, as sentences."""
    return _tell_ways(programme)[:most]


def _tell_ways(programme: rules.Programme) -> tuple[str, ...]:
    """All ways to earn, put into words once for each published programme and language."""
    key = (id(programme), get_language() or "")
    known = _told.get(key)
    # A version never changes; the programme is kept beside, so that its id is nobody else's.
    if known is None or known[0] is not programme:
        if len(_told) >= TOLD_MAX:
            _told.clear()
        known = _told[key] = (programme, tuple(rules.describe_rules(programme)[: count_ways(programme)]))
    return known[1]


def format_metric(amount: int, programme: rules.Programme) -> str:
    """An amount of what status is reached by: “240 points”, “$120.00”, “3 visits”."""
    metric = programme.tiers.metric
    if metric is rules.Metric.SPEND:
        return format_money(amount, programme.currency)
    if metric is rules.Metric.VISITS:
        return ngettext("%(count)s visit", "%(count)s visits", amount) % {"count": format_points(amount)}
    return f"{format_points(amount)} {programme.points_name.of(amount)}"


def list_perks(programme: rules.Programme, code: str) -> tuple[str, ...]:
    """What a tier gives: in the shop's words where it has some, else what follows from the programme."""
    tier = programme.find_tier(code)
    if tier is None or tier.perks:
        return tier.perks if tier else ()
    perks = []
    if tier.earn_multiplier != 1:
        factor = number_format(float(tier.earn_multiplier), decimal_pos=None)
        perks.append(_("%(factor)s × points on what you buy") % {"factor": factor})
    if tier.early_access_hours:
        perks.append(_say_early_access(tier.early_access_hours))
    return tuple(perks)


def _say_early_access(hours: int) -> str:
    if hours % 24 == 0:
        days = hours // 24
        return ngettext("New rewards %(days)d day early", "New rewards %(days)d days early", days) % {
            "days": days
        }
    return ngettext("New rewards %(hours)d hour early", "New rewards %(hours)d hours early", hours) % {
        "hours": hours
    }


def _say_needs(tier: rules.TierDefinition, programme: rules.Programme) -> str:
    if tier.threshold <= 0:
        return _("From the first day")
    needed = format_metric(tier.threshold, programme)
    if programme.tiers.window == "rolling":
        months = programme.tiers.window_months
        within = ngettext("%(months)d month", "%(months)d months", months) % {"months": months}
        return _("%(needed)s within %(time)s") % {"needed": needed, "time": within}
    return _("%(needed)s in a calendar year") % {"needed": needed}


def _say_how_status_is_kept(programme: rules.Programme) -> str:
    if not programme.tiers.tiers:
        return ""
    up = _("You move up the moment you reach a status.")
    if programme.tiers.grace_days:
        days = programme.tiers.grace_days
        down = ngettext(
            "If you fall short later, you keep it for another %(days)d day and then go down one step.",
            "If you fall short later, you keep it for another %(days)d days and then go down one step.",
            days,
        ) % {"days": days}
    else:
        down = _("If you fall short later, you go down one step, never more at once.")
    return f"{up} {down}"


def _list_facts(programme: rules.Programme, general: list[str]) -> list[Fact]:
    """What the programme says of itself beside its rules, and what returns do."""
    facts = [Fact("circle-star", sentence) for sentence in general]
    facts.append(
        Fact("undo-2", _("When you return something, exactly the points it brought go back, never more."))
    )
    if programme.returns.shortfall is rules.Shortfall.DEBT:
        text = _("If you have spent them by then, what is missing is taken from what you earn next.")
    else:
        text = _("If you have spent them by then, you are not asked for them.")
    facts.append(Fact("info", text))
    facts.append(
        Fact("history", _("Every point is explained in your history: which rule gave it, on which line."))
    )
    return facts
