"""Why points were given, or were not: one sentence for each code of an explanation."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.kit.money import format_money
from regulars.rules.sentences.words import listing, number, period, times
from regulars.rules.types import Explanation, Part

Params = Mapping[str, Any]


def explain(explanation: Explanation) -> str:
    """The explanation as a phrase in the reader's language, such as `1 for every €1.00 of €18.50`.

    A code that is not known, of a later version perhaps, is given as it is.
    """
    render = _PHRASES.get(explanation.code)
    if render is None:
        return explanation.code
    phrase = render(explanation.params)
    cap = explanation.params.get("cap")
    if cap is None:
        return phrase
    return _("%(phrase)s, capped at %(points)s %(period)s") % {
        "phrase": phrase,
        "points": number(cap["points"]),
        "period": period(cap["period"]),
    }


def explain_parts(parts: Iterable[Part]) -> str:
    """The phrases of several parts, one after another: `1 for every €1.00 of €18.50, double on bread`."""
    return ", ".join(explain(part.explanation) for part in parts)


def _of(params: Params) -> str:
    """What the rule is about, as the tail of a phrase: ` of bread`."""
    if names := params.get("on"):
        return _(" of %(names)s") % {"names": listing(names, params.get("more", 0))}
    return _(" of chosen products") if params.get("chosen") else ""


def _per_amount(params: Params) -> str:
    currency = params["currency"]
    # Without a word for the points: a programme may call them stars.
    return _("%(points)s for every %(per)s of %(amount)s%(of)s") % {
        "points": number(params["points"]),
        "per": format_money(params["per"], currency),
        "amount": format_money(params["amount"], currency),
        "of": _of(params),
    }


def _per_quantity(params: Params) -> str:
    points, per, quantity = number(params["points"]), params["per"], params["quantity"]
    of = _of(params)
    if per == 1:
        text = ngettext(
            "%(points)s for %(quantity)d item%(of)s",
            "%(points)s for each of %(quantity)d items%(of)s",
            quantity,
        )
        return text % {"points": points, "quantity": quantity, "of": of}
    return _("%(points)s for every %(per)d of %(quantity)d items%(of)s") % {
        "points": points,
        "per": per,
        "quantity": quantity,
        "of": of,
    }


def _multiplier(params: Params) -> str:
    factor = times(params["factor"])
    if names := params.get("on"):
        return _("%(times)s on %(names)s") % {"times": factor, "names": listing(names, params.get("more", 0))}
    if params.get("chosen"):
        return _("%(times)s on chosen products") % {"times": factor}
    return _("%(times)s on everything") % {"times": factor}


def _tier(params: Params) -> str:
    return _("%(times)s as %(tier)s") % {"times": times(params["factor"]), "tier": params["name"]}


def _fixed(params: Params) -> str:
    return _("%(points)s for “%(name)s”") % {"points": number(params["points"]), "name": params["name"]}


def _spend(params: Params) -> str:
    return _("%(amount)s spent") % {"amount": format_money(params["amount"], params["currency"])}


def _visit(_params: Params) -> str:
    return _("one visit")


def _cap_reached(params: Params) -> str:
    text = (
        _("“%(name)s” gives at most %(points)s %(period)s to everyone together: %(lost)s were left out")
        if params["scope"] == "programme"
        else _("“%(name)s” gives at most %(points)s %(period)s: %(lost)s were left out")
    )
    return text % {
        "name": params["name"],
        "points": number(params["points"]),
        "period": period(params["period"]),
        "lost": number(params["lost"]),
    }


def _basket_small(params: Params) -> str:
    currency = params["currency"]
    return _("“%(name)s” begins at %(least)s; %(missing)s are missing") % {
        "name": params["name"],
        "least": format_money(params["basket_min"], currency),
        "missing": format_money(params["basket_min"] - params["total"], currency),
    }


def _condition_failed(params: Params) -> str:
    return _("“%(name)s” was left out: its condition could not be evaluated (%(error)s)") % dict(params)


def _expiry_past(params: Params) -> str:
    text = ngettext(
        "%(points)s point was left out: it would have lapsed before it could be spent",
        "%(points)s points were left out: they would have lapsed before they could be spent",
        params["points"],
    )
    return text % {"points": number(params["points"])}


def _line_negative(params: Params) -> str:
    return _("line %(line)s was left out: its amount or quantity is negative") % dict(params)


def _line_excluded(params: Params) -> str:
    text = {
        "kind": _("line %(line)s earns nothing: %(name)s never does"),
        "sku": _("line %(line)s earns nothing: the product %(name)s is excluded"),
        "brand": _("line %(line)s earns nothing: the brand %(name)s is excluded"),
        "category": _("line %(line)s earns nothing: the category %(name)s is excluded"),
    }[params["by"]]
    return text % {"line": params["line"], "name": params["name"].replace("_", " ")}


def _rule_idle(params: Params) -> str:
    text = {
        "disabled": _("“%(name)s” is put to rest"),
        "window": _("“%(name)s” does not hold at this moment"),
        "first_purchase": _("“%(name)s” is for a first purchase"),
        "tier": _("“%(name)s” is for %(names)s"),
        "segment": _("“%(name)s” is for chosen members: %(names)s"),
        "products": _("“%(name)s” is about other products"),
        "quantity": _("“%(name)s” begins at %(least)s items; %(found)s are here"),
    }[params["why"]]
    return text % {
        "name": params["name"],
        "names": listing(params.get("names", ())),
        "least": params.get("least"),
        "found": params.get("found"),
    }


_PHRASES: Mapping[str, Callable[[Params], str]] = {
    "per_amount": _per_amount,
    "per_quantity": _per_quantity,
    "multiplier": _multiplier,
    "tier": _tier,
    "bonus": _fixed,
    "event": _fixed,
    "qualifying_spend": _spend,
    "qualifying_visit": _visit,
    "cap_reached": _cap_reached,
    "basket_small": _basket_small,
    "condition_failed": _condition_failed,
    "expiry_past": _expiry_past,
    "line_negative": _line_negative,
    "line_excluded": _line_excluded,
    "rule_idle": _rule_idle,
}
