"""Shelves and reasons in the reader's words.

A reason is spoken to the member it is about. Segments stay unnamed: they are the shop's words, made for
itself, and some of them ("about to lapse") are nobody's to read but the shop's. What a row from before a
change does not carry is left out of its sentence.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from regulars.design.facade import format_day, format_points
from regulars.kit.money import format_money
from regulars.kit.shares import format_share
from regulars.recommend.types import Reason, ReasonCode, ServedBy, ShelfCode
from regulars.rules.facade import PointsName

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Values = Mapping[str, int | str]
Say = Callable[[Values, datetime, PointsName], str]

_NAMES: dict[ShelfCode, "_StrPromise"] = {
    ShelfCode.AGAIN: gettext_lazy("Buy again"),
    ShelfCode.NEW: gettext_lazy("New for you"),
    ShelfCode.BECAUSE: gettext_lazy("Goes with what you bought"),
    ShelfCode.BRANDS: gettext_lazy("From brands you like"),
    ShelfCode.ALIKE: gettext_lazy("Popular with members like you"),
    ShelfCode.POPULAR: gettext_lazy("Popular in the shop"),
}
_NOTES: dict[ShelfCode, "_StrPromise"] = {
    ShelfCode.AGAIN: gettext_lazy("What you buy often, and may soon need."),
    ShelfCode.NEW: gettext_lazy("You have not bought these yet. They go with what you buy."),
    ShelfCode.BECAUSE: gettext_lazy("Members who buy the one often buy the other."),
    ShelfCode.BRANDS: gettext_lazy("You choose them more often than others do."),
    ShelfCode.ALIKE: gettext_lazy("What members with a taste like yours buy."),
    ShelfCode.POPULAR: gettext_lazy("What many members bought lately."),
}
# Said where a reason comes without the values that its sentence is about.
_BARE: dict[ReasonCode, "_StrPromise"] = {
    ReasonCode.BOUGHT_OFTEN: gettext_lazy("You bought it before."),
    ReasonCode.BOUGHT_WITH: gettext_lazy("It goes with something that you bought."),
    ReasonCode.SEEN: gettext_lazy("It goes with what you looked at just now."),
    ReasonCode.BRAND: gettext_lazy("It is from a brand that you choose often."),
    ReasonCode.CATEGORY: gettext_lazy("It is of a kind that you buy often."),
    ReasonCode.INTEREST: gettext_lazy("It fits what you told us you like."),
    ReasonCode.ALIKE: gettext_lazy("Members with a taste like yours buy it."),
    ReasonCode.POPULAR: gettext_lazy("Many members bought it lately."),
    ReasonCode.PINNED: gettext_lazy("The shop chose it."),
    ReasonCode.AFFORDABLE: gettext_lazy("You can have it now."),
    ReasonCode.NEAR: gettext_lazy("You are nearly there."),
    ReasonCode.EXPIRING: gettext_lazy("It uses points that are about to lapse."),
    ReasonCode.GOAL: gettext_lazy("It is your goal."),
    ReasonCode.TAKEN_OFTEN: gettext_lazy("Many members took it lately."),
}


def name_shelf(code: ShelfCode, subject: str = "", way: ServedBy | None = None) -> str:
    """What stands over a shelf. `subject`: the product or brand it is about, where it is about one; `way`: by
    which most of its items came.
    """
    if _is_newest(code, way):
        return _("New in the shop")
    if code is ShelfCode.BECAUSE and subject:
        return _("Because you bought “%(name)s”") % {"name": subject}
    if code is ShelfCode.BRANDS and subject:
        return _("More from %(brand)s") % {"brand": subject}
    return str(_NAMES[code])


def explain_shelf(code: ShelfCode, way: ServedBy | None = None) -> str:
    """A shelf in one sentence: what it holds."""
    return _("What came into the shop last.") if _is_newest(code, way) else str(_NOTES[code])


def _is_newest(code: ShelfCode, way: ServedBy | None) -> bool:
    """Where nobody has bought anything yet, nothing is popular."""
    return code is ShelfCode.POPULAR and way is ServedBy.NEWEST


def say_reason(reason: Reason, *, now: datetime, points_name: PointsName) -> str:
    """A reason as one sentence to the member, in the active language, with days of the active time zone."""
    try:
        return _SENTENCES[reason.code](reason.values, now, points_name)
    except (KeyError, ValueError, TypeError):
        # Written by an older version, or by a hand: the reason holds, its figures cannot be told.
        return str(_BARE[reason.code])


def say_pace(reason: Reason) -> str:
    """How a reward that is near would be reached, beside a page that says how many points are missing; empty
    where that is not known.
    """
    days, amount = reason.values.get("days"), reason.values.get("amount")
    told = {"days": format_points(int(days))} if days is not None else {}
    if amount is not None:
        told["money"] = format_money(int(amount), str(reason.values["currency"]))
    if days is None:
        return _("One basket of %(money)s would do.") % told if told else ""
    if amount is None:
        return (
            ngettext("About %(days)s day at your pace.", "About %(days)s days at your pace.", int(days))
            % told
        )
    text = ngettext(
        "About %(days)s day at your pace, or one basket of %(money)s.",
        "About %(days)s days at your pace, or one basket of %(money)s.",
        int(days),
    )
    return text % told


def _bought_often(values: Values, now: datetime, _points_name: PointsName) -> str:
    orders, day = int(values["orders"]), _day(values["last_on"], now)
    if orders == 1:
        return _("You bought it on %(day)s.") % {"day": day}
    text = ngettext(
        "You bought it %(orders)s time, last on %(day)s.",
        "You bought it %(orders)s times, last on %(day)s.",
        orders,
    )
    return text % {"orders": format_points(orders), "day": day}


def _bought_with(values: Values, now: datetime, _points_name: PointsName) -> str:
    if "last_on" not in values:
        return _("It goes with “%(name)s”, which you bought.") % {"name": _name(values)}
    named = {"name": _name(values), "day": _day(values["last_on"], now)}
    return _("It goes with “%(name)s”, which you bought on %(day)s.") % named


def _seen(values: Values, _now: datetime, _points_name: PointsName) -> str:
    return _("It goes with “%(name)s”, which you looked at just now.") % {"name": _name(values)}


def _brand(values: Values, _now: datetime, _points_name: PointsName) -> str:
    brand = _text(values["brand"])
    if "percent" not in values:
        return _("It is from %(brand)s, which you choose often.") % {"brand": brand}
    share = format_share(int(values["percent"]) / 100, 0)
    if int(values.get("lift_percent", 0)) > 0:
        text = _("Of what you buy of this kind, %(share)s is from %(brand)s: more than with others.")
    else:
        text = _("Of what you buy of this kind, %(share)s is from %(brand)s.")
    return text % {"share": share, "brand": brand}


def _category(values: Values, _now: datetime, _points_name: PointsName) -> str:
    if "orders" not in values:
        return _("It is of “%(category)s”, where you buy often.") % {"category": _text(values["category"])}
    orders = int(values["orders"])
    if orders == 1:
        return _("You bought from “%(category)s” once.") % {"category": _text(values["category"])}
    text = ngettext(
        "You bought from “%(category)s” %(orders)s time.",
        "You bought from “%(category)s” %(orders)s times.",
        orders,
    )
    return text % {"category": _text(values["category"]), "orders": format_points(orders)}


def _interest(values: Values, _now: datetime, _points_name: PointsName) -> str:
    return _("You told us that you like “%(interest)s”.") % {"interest": _text(values["interest"])}


def _alike(values: Values, _now: datetime, _points_name: PointsName) -> str:
    buyers = int(values["buyers"])
    text = ngettext(
        "%(buyers)s member with a taste like yours bought it within %(days)s days.",
        "%(buyers)s members with a taste like yours bought it within %(days)s days.",
        buyers,
    )
    return text % {"buyers": format_points(buyers), "days": int(values["days"])}


def _popular(values: Values, _now: datetime, _points_name: PointsName) -> str:
    buyers = int(values["buyers"])
    text = ngettext(
        "%(buyers)s member bought it within %(days)s days.",
        "%(buyers)s members bought it within %(days)s days.",
        buyers,
    )
    return text % {"buyers": format_points(buyers), "days": int(values["days"])}


def _affordable(values: Values, _now: datetime, points_name: PointsName) -> str:
    return _("You can have it now, and keep %(points)s %(word)s.") % _points(values, points_name)


def _near(values: Values, _now: datetime, points_name: PointsName) -> str:
    told: dict[str, object] = {**_points(values, points_name)}
    days = values.get("days")
    amount = values.get("amount")
    if amount is not None:
        told["money"] = format_money(int(amount), _text(values["currency"]))
    if days is None:
        if amount is None:
            return _("Still missing: %(points)s %(word)s.") % told
        return _("Still missing: %(points)s %(word)s, or one basket of %(money)s.") % told
    told["days"] = format_points(int(days))
    if amount is None:
        text = ngettext(
            "Still missing: %(points)s %(word)s. That is about %(days)s day at your pace.",
            "Still missing: %(points)s %(word)s. That is about %(days)s days at your pace.",
            int(days),
        )
    else:
        text = ngettext(
            "Still missing: %(points)s %(word)s. That is about %(days)s day at your pace, or one basket of"
            " %(money)s.",
            "Still missing: %(points)s %(word)s. That is about %(days)s days at your pace, or one basket of"
            " %(money)s.",
            int(days),
        )
    return text % told


def _expiring(values: Values, now: datetime, points_name: PointsName) -> str:
    told = _points(values, points_name) | {"day": _day(values["on"], now)}
    return _("It uses %(points)s %(word)s that lapse at the end of %(day)s.") % told


def _taken_often(values: Values, _now: datetime, _points_name: PointsName) -> str:
    members = int(values["members"])
    text = ngettext(
        "%(members)s member took it within %(days)s days.",
        "%(members)s members took it within %(days)s days.",
        members,
    )
    return text % {"members": format_points(members), "days": int(values["days"])}


def _pinned(_values: Values, _now: datetime, _points_name: PointsName) -> str:
    return str(_BARE[ReasonCode.PINNED])


def _goal(_values: Values, _now: datetime, _points_name: PointsName) -> str:
    return str(_BARE[ReasonCode.GOAL])


_SENTENCES: dict[ReasonCode, Say] = {
    ReasonCode.BOUGHT_OFTEN: _bought_often,
    ReasonCode.BOUGHT_WITH: _bought_with,
    ReasonCode.SEEN: _seen,
    ReasonCode.BRAND: _brand,
    ReasonCode.CATEGORY: _category,
    ReasonCode.INTEREST: _interest,
    ReasonCode.ALIKE: _alike,
    ReasonCode.POPULAR: _popular,
    ReasonCode.PINNED: _pinned,
    ReasonCode.AFFORDABLE: _affordable,
    ReasonCode.NEAR: _near,
    ReasonCode.EXPIRING: _expiring,
    ReasonCode.GOAL: _goal,
    ReasonCode.TAKEN_OFTEN: _taken_often,
}


def _points(values: Values, points_name: PointsName) -> dict[str, str]:
    points = int(values["points"])
    return {"points": format_points(points), "word": points_name.of(points)}


def _day(told: int | str, now: datetime) -> str:
    return format_day(date.fromisoformat(str(told)), now)


def _name(values: Values) -> str:
    return _text(values.get("name") or values["sku"])


def _text(told: int | str) -> str:
    """Something with a name, or nothing can be said of it."""
    text = str(told).strip()
    if not text:
        raise ValueError("there is no name")
    return text
