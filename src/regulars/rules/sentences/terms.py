"""What else a programme says, for those who run it: tiers, what never earns, rounding, returns."""

from collections.abc import Iterator

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.kit.money import format_money
from regulars.kit.points import Rounding
from regulars.rules.sentences.words import listing, number
from regulars.rules.types import Metric, Programme, RoundAt, Shortfall, Stacking, TierDefinition


def describe_terms(programme: Programme) -> list[str]:
    """Tiers and what they give, then exclusions, rounding, stacking and returns, as sentences."""
    found = [*_tiers(programme), *_excluded(programme), _rounding(programme), *_stacking(programme)]
    return [capfirst(sentence) for sentence in [*found, *_returns(programme)]]


def _tiers(programme: Programme) -> Iterator[str]:
    policy = programme.tiers
    for tier in policy.tiers:
        yield _tier(programme, tier)
        if tier.early_access_hours:
            text = ngettext(
                "%(tier)s sees new rewards %(count)d hour earlier.",
                "%(tier)s sees new rewards %(count)d hours earlier.",
                tier.early_access_hours,
            )
            yield text % {"tier": tier.name, "count": tier.early_access_hours}
        if tier.perks:
            yield _("%(tier)s gets: %(perks)s.") % {"tier": tier.name, "perks": listing(tier.perks)}
    if policy.tiers and policy.grace_days:
        text = ngettext(
            "A tier that is no longer reached is kept for %(count)d day.",
            "A tier that is no longer reached is kept for %(count)d days.",
            policy.grace_days,
        )
        yield text % {"count": policy.grace_days}


def _tier(programme: Programme, tier: TierDefinition) -> str:
    if not tier.threshold:
        return _("Everyone is %(tier)s.") % {"tier": tier.name}
    policy = programme.tiers
    amount = {
        Metric.POINTS: f"{number(tier.threshold)} {programme.points_name.of(tier.threshold)}",
        Metric.SPEND: format_money(tier.threshold, programme.currency),
        Metric.VISITS: ngettext("%(count)d visit", "%(count)d visits", tier.threshold)
        % {"count": tier.threshold},
    }[policy.metric]
    if policy.window == "calendar":
        return _("%(tier)s takes %(amount)s in a calendar year.") % {"tier": tier.name, "amount": amount}
    text = ngettext(
        "%(tier)s takes %(amount)s in the last %(count)d month.",
        "%(tier)s takes %(amount)s in the last %(count)d months.",
        policy.window_months,
    )
    return text % {"tier": tier.name, "amount": amount, "count": policy.window_months}


def _excluded(programme: Programme) -> Iterator[str]:
    excluded = programme.excluded
    kinds = sorted(kind.replace("_", " ") for kind in excluded.kinds)
    names = [*kinds, *sorted(excluded.categories), *sorted(excluded.brands), *sorted(excluded.skus)]
    if names:
        shown = listing(names[:8], max(len(names) - 8, 0))
        yield _("Never earning: %(names)s.") % {"names": shown}


def _rounding(programme: Programme) -> str:
    where = _("on each line") if programme.round_at is RoundAt.LINE else _("on the subtotal")
    how = {
        Rounding.FLOOR: _("Fractions of a point are dropped, %(where)s."),
        Rounding.HALF_UP: _("Fractions of a point are rounded, %(where)s."),
        Rounding.CEIL: _("Fractions of a point are rounded up, %(where)s."),
    }
    return how[programme.rounding] % {"where": where}


def _stacking(programme: Programme) -> Iterator[str]:
    if programme.stacking is Stacking.BEST:
        yield _("Of several multipliers the best one counts.")


def _returns(programme: Programme) -> Iterator[str]:
    yield {
        Shortfall.DEBT: _("A return takes its points back; what is spent already is owed."),
        Shortfall.BALANCE_ONLY: _("A return takes its points back, but no more than there are."),
        Shortfall.PENDING_ONLY: _("A return takes back only points that cannot be spent yet."),
    }[programme.returns.shortfall]
