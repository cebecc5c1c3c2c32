"""What a document makes worse, in the reader's language: one sentence for each code."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.kit.money import format_money
from regulars.kit.shares import format_share
from regulars.rules.sentences.words import listing, number, period
from regulars.rules.types import Worsening

Params = Mapping[str, Any]


def describe_worsening(worsening: Worsening) -> str:
    """One promise made worse, as a sentence."""
    return _SENTENCES[worsening.code](worsening.params)


def _plain(text: Callable[[], str]) -> Callable[[Params], str]:
    return lambda params: text() % dict(params)


def _tier_threshold(params: Params) -> str:
    return _("%(name)s asks for more: %(after)s instead of %(before)s.") % {
        "name": params["name"],
        "before": _amount(params, "before"),
        "after": _amount(params, "after"),
    }


def _amount(params: Params, key: str) -> str:
    value = params[key]
    return format_money(value, params["currency"]) if params["metric"] == "spend" else number(value)


def _tier_perks(params: Params) -> str:
    return _("%(name)s loses: %(perks)s.") % {"name": params["name"], "perks": listing(params["lost"])}


def _excluded(params: Params) -> str:
    return _("No longer earning: %(names)s.") % {"names": listing(params["names"], params["more"])}


def _days(text: str, params: Params) -> str:
    days = ngettext("%(count)d day", "%(count)d days", params["after"]) % {"count": params["after"]}
    return text % {"after": days, "before": number(params["before"])}


def _rate(params: Params) -> str:
    return _("“%(name)s” gives %(percent)s less: %(after)s instead of %(before)s.") % {
        "name": params["name"],
        "percent": format_share(int(params["percent"]) / 100, 0),
        "before": number(params["before"]),
        "after": number(params["after"]),
    }


def _numbers(text: str, params: Params) -> str:
    values = {key: number(params[key]) for key in ("before", "after")}
    return text % {"name": params["name"], **values}


def _basket_min(params: Params) -> str:
    return _("“%(name)s” begins at a larger basket: %(after)s instead of %(before)s.") % {
        "name": params["name"],
        "before": format_money(params["before"], params["currency"]),
        "after": format_money(params["after"], params["currency"]),
    }


def _cap(params: Params) -> str:
    values = {
        "name": params["name"],
        "points": number(params["after"]),
        "period": period(params["period"]),
    }
    if params["before"] is None:
        return _("“%(name)s” gets a limit: at most %(points)s %(period)s.") % values
    before = number(params["before"])
    return _("“%(name)s” has a lower limit: at most %(points)s %(period)s instead of %(before)s.") % (
        values | {"before": before}
    )


_SENTENCES: Mapping[str, Callable[[Params], str]] = {
    "currency": _plain(lambda: _("The currency changes from %(before)s to %(after)s.")),
    "expiry": _plain(lambda: _("New points may lapse sooner.")),
    "pending": _plain(lambda: _("New points wait longer before they can be spent.")),
    "round_at": _plain(lambda: _("Fractions of a point are rounded elsewhere, which can give less.")),
    "stacking": _plain(lambda: _("Multipliers no longer add up: only the best one counts.")),
    "shortfall": _plain(lambda: _("A return may take points from those who have already spent them.")),
    "lapsed_grace": lambda p: _days(
        _("Points that come back after they lapsed live shorter: %(after)s instead of %(before)s."), p
    ),
    "excluded": _excluded,
    "tier_gone": _plain(lambda: _("The tier %(name)s is taken away.")),
    "tier_metric": _plain(lambda: _("Tiers are reached by something else than before.")),
    "tier_window": _plain(lambda: _("What counts for a tier counts for a different, or a shorter, time.")),
    "tier_grace": lambda p: _days(
        _("A tier that is no longer reached is kept for a shorter time: %(after)s instead of %(before)s."), p
    ),
    "tier_threshold": _tier_threshold,
    "tier_multiplier": lambda p: _numbers(
        _("%(name)s multiplies points by %(after)s instead of %(before)s."), p
    ),
    "tier_early_access": lambda p: _numbers(
        _("%(name)s sees new rewards %(after)s hours early instead of %(before)s."), p
    ),
    "tier_perks": _tier_perks,
    "rule_gone": _plain(lambda: _("“%(name)s” no longer earns anything.")),
    "rule_other": _plain(lambda: _("“%(name)s” becomes something else, under the same id.")),
    "rule_rate": _rate,
    "rule_factor": lambda p: _numbers(_("“%(name)s” multiplies by %(after)s instead of %(before)s."), p),
    "rule_rounding": _plain(lambda: _("“%(name)s” rounds fractions of a point lower.")),
    "rule_basket_min": _basket_min,
    "rule_products": _plain(lambda: _("“%(name)s” is for fewer products.")),
    "rule_window": _plain(lambda: _("“%(name)s” holds at fewer times.")),
    "rule_audience": _plain(lambda: _("“%(name)s” is for fewer members.")),
    "rule_condition": _plain(lambda: _("“%(name)s” has another condition.")),
    "rule_qualifying": _plain(lambda: _("“%(name)s” no longer counts towards tiers.")),
    "rule_cap": _cap,
    "rule_pending": _plain(lambda: _("Points from “%(name)s” wait longer before they can be spent.")),
    "rule_expiry": _plain(lambda: _("Points from “%(name)s” may lapse sooner.")),
}
