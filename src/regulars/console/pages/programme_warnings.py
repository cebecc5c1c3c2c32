"""What publishing would make worse for members, with how many it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import Viewer
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption
from regulars.rules import facade as rules
from regulars.rules.facade import Programme, Worsening
from regulars.tiers import facade as tiers

EVERYTHING = 2**62
LESS_EARNED = frozenset(
    {"rule_rate", "rule_factor", "rule_gone", "rule_cap", "rule_basket_min", "tier_multiplier"}
)
STANDING = frozenset({"tier_multiplier", "tier_early_access", "tier_perks"})
SHORTER_LIVED = frozenset({"expiry", "pending", "rule_expiry", "rule_pending"})


@dataclass(frozen=True, slots=True)
class Warned:
    """One promise made worse, and what it means in numbers (empty where there is nothing to count)."""

    sentence: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Warnings:
    """All of them. `fingerprint` stands for the list when it is acknowledged, `general` is about it all."""

    warned: tuple[Warned, ...]
    general: tuple[str, ...]
    fingerprint: str


def read_warnings(text: str, *, before: Programme | None, begins: datetime, now: datetime) -> Warnings:
    """What a text makes worse from `begins` on. At most five queries, and two for a tier taken away.

    Raises ProgrammeInvalid.
    """
    worse = rules.list_worse(text, begins=begins)
    fingerprint = rules.fingerprint_worse(worse)
    if not worse or before is None:
        return Warnings((), (), fingerprint)
    after = rules.parse_programme(text)
    bounds = _bound_falling(worse, before, after)
    # A pass over all standings: one, and only where a sentence needs it.
    needed = bounds or STANDING & {each.code for each in worse}
    standings = tiers.count_standings(bounds) if needed else {}
    warned = tuple(
        Warned(
            rules.describe_worsening(each),
            _numbers(each, standings=standings, after=after, begins=begins),
        )
        for each in worse
    )
    return Warnings(warned, _general(worse, now), fingerprint)


def _bound_falling(
    worse: Sequence[Worsening], before: Programme, after: Programme
) -> dict[str, tuple[int, int]]:
    """From which amount on, and below which, members keep a tier today and would not keep it then."""
    bounds = {}
    for each in worse:
        code = each.subject.partition(":")[2]
        tier = before.find_tier(code)
        if tier is None:
            continue
        if each.code == "tier_gone":
            bounds[code] = (-EVERYTHING, EVERYTHING)
        elif each.code == "tier_threshold":
            asked = after.find_tier(code)
            bounds[code] = (tier.threshold, asked.threshold if asked else EVERYTHING)
    return bounds


def _numbers(
    worse: Worsening,
    *,
    standings: dict[str, tuple[int, int]],
    after: Programme,
    begins: datetime,
) -> tuple[str, ...]:
    kind, _colon, code = worse.subject.partition(":")
    if kind != "tier":
        return ()
    standing, count = standings.get(code, (0, 0))
    name = worse.params["name"]
    if worse.code == "tier_threshold":
        return (_fall(count, name, after.tiers.grace_days),)
    if worse.code != "tier_gone":
        text = ngettext("%(count)s member is %(tier)s.", "%(count)s members are %(tier)s.", standing)
        return (text % {"count": _number(standing), "tier": name},)
    found = [_fall(count, name, 0)]
    alone = catalogue.list_rewards(viewer=Viewer(now=begins, tier=code), only_for_tier=code, size=100).items
    left = {tier.code for tier in after.tiers.tiers}
    lost = [view for view in alone if not left & set(view.tiers_allowed)]
    if lost:
        text = ngettext(
            "%(count)s reward is for it alone: nobody could have it any more.",
            "%(count)s rewards are for it alone: nobody could have them any more.",
            len(lost),
        )
        found.append(text % {"count": _number(len(lost))})
    goals = redemption.count_goals(only_for=[code])
    if goals:
        text = ngettext(
            "%(count)s member saves for such a reward.", "%(count)s members save for such a reward.", goals
        )
        found.append(text % {"count": _number(goals)})
    return tuple(found)


def _fall(count: int, tier: str, grace_days: int) -> str:
    if not count:
        return _("Nobody would fall from %(tier)s today.") % {"tier": tier}
    text = ngettext(
        "%(count)s member would fall from %(tier)s.", "%(count)s members would fall from %(tier)s.", count
    )
    told = text % {"count": _number(count), "tier": tier}
    if not grace_days:
        return told
    days = ngettext("It happens after %(count)d day.", "It happens after %(count)d days.", grace_days)
    return f"{told} {days % {'count': grace_days}}"


def _general(worse: Sequence[Worsening], now: datetime) -> tuple[str, ...]:
    codes = {each.code for each in worse}
    found = []
    if codes & SHORTER_LIVED:
        members, points = ledger.count_holders(now)
        text = ngettext(
            "%(count)s member holds %(points)s points today; their date stays, unless activity moves it.",
            "%(count)s members hold %(points)s points today; their date stays, unless activity moves it.",
            members,
        )
        found.append(text % {"count": _number(members), "points": _number(points)})
    goals = redemption.count_goals() if codes & LESS_EARNED else 0
    if goals:
        text = ngettext(
            "%(count)s member saves for a reward, which moves further away.",
            "%(count)s members save for a reward, which moves further away.",
            goals,
        )
        found.append(text % {"count": _number(goals)})
    return tuple(found)


def _number(value: int) -> str:
    return str(number_format(value, force_grouping=True))
