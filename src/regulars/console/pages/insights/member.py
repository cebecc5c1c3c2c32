"""What insights know of one member: where they stand, what they are worth, whether they leave and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from regulars.analytics import facade as analytics
from regulars.analytics.facade import MemberMeasures, Reason, Unit
from regulars.console.desk import Desk
from regulars.console.pages.insights.figures import write_money, write_share, write_value
from regulars.console.pages.insights.wording import TONES
from regulars.design import facade as design
from regulars.identity import facade as identity
from regulars.identity.facade import Permission
from regulars.kit.ids import MemberId

RISKS: tuple[tuple[float, Promise, str], ...] = (
    (0.6, gettext_lazy("high"), "tomato"),
    (0.3, gettext_lazy("raised"), "honey"),
    (0.0, gettext_lazy("low"), "leaf"),
)
"""From which share on a risk is called what; it is calibrated, so 0.6 is six in ten members like this."""


@dataclass(frozen=True, slots=True)
class ShownReason:
    """One thing about a member that moves their risk, up or down."""

    text: str
    raises: bool


@dataclass(frozen=True, slots=True)
class MemberInsights:
    """Written out; empty where the data cannot tell."""

    as_of: date
    segment: str
    segment_meaning: str
    segment_tone: str
    segment_since: date | None
    scores: str
    interval: str
    last_order_on: date | None
    orders: str
    spent: str
    value: str
    risk: str
    risk_word: str
    risk_tone: str
    reasons: tuple[ShownReason, ...]
    lifestyles: tuple[tuple[str, str], ...]
    is_silent: bool


def find_insights(desk: Desk, member_id: MemberId) -> MemberInsights | None:
    """What the last refresh measured; None for who may not see it, and before the first. Two queries."""
    if not identity.can(desk.operator, Permission.INSIGHTS_VIEW):
        return None
    found = analytics.find_measures(member_id)
    if found is None:
        return None
    names = {one.code: one.name for one in analytics.list_lifestyles()} if found.lifestyles else {}
    return _show(found, names)


def _show(found: MemberMeasures, names: Mapping[str, str]) -> MemberInsights:
    wording = analytics.describe_segment(found.segment) if found.segment else None
    word, tone = _name_risk(found.risk)
    scores = (found.r_score, found.f_score, found.m_score)
    return MemberInsights(
        as_of=found.as_of,
        segment=wording.name if wording else "",
        segment_meaning=wording.definition if wording else "",
        segment_tone=TONES[found.segment] if found.segment else "",
        segment_since=found.segment_since,
        scores=" · ".join(str(score) for score in scores) if None not in scores else "",
        interval=write_value(found.usage_interval_days, Unit.DAYS),
        last_order_on=found.last_order_on,
        orders=design.format_points(found.orders_count),
        spent=write_money(found.spent_minor, found.currency) if found.currency else "",
        value=_write_value(found),
        risk="" if found.risk is None else write_share(found.risk),
        risk_word=word,
        risk_tone=tone,
        reasons=tuple(
            ShownReason(say_reason(one, found.currency), one.effect > 0) for one in found.risk_reasons
        ),
        lifestyles=tuple(
            (names[one.code], write_share(one.share)) for one in found.lifestyles if one.code in names
        ),
        is_silent=bool(found.lapsed),
    )


def _write_value(found: MemberMeasures) -> str:
    if found.value_minor is None or not found.currency:
        return ""
    return write_money(found.value_minor, found.currency)


def _name_risk(risk: float | None) -> tuple[str, str]:
    if risk is None:
        return "", ""
    word, tone = next((word, tone) for least, word, tone in RISKS if risk >= least)
    return str(word), tone


def say_reason(reason: Reason, currency: str = "") -> str:
    """What about the member moves the risk, with their own figure. A reason without words by its code."""
    say = _REASONS.get(reason.code)
    if say is None or (reason.value is None and reason.code != "trend"):
        return reason.code.replace("_", " ")
    return say(reason, currency)


def _days(value: float | None) -> str:
    return write_value(value, Unit.DAYS)


def _say_silence(reason: Reason, _currency: str) -> str:
    return _("%(days)s since the last purchase") % {"days": _days(reason.value)}


def _say_rhythm(reason: Reason, _currency: str) -> str:
    return _("usually %(days)s between purchases") % {"days": _days(reason.value)}


def _say_visits(reason: Reason, _currency: str) -> str:
    days = round(reason.value or 0)
    return ngettext(
        "bought on %(days)s day of the last 12 weeks", "bought on %(days)s days of the last 12 weeks", days
    ) % {"days": days}


def _say_trend(reason: Reason, _currency: str) -> str:
    return _("comes less often than before") if reason.effect > 0 else _("comes as often as before, or more")


def _say_spend(reason: Reason, currency: str) -> str:
    return _("spent %(amount)s in the last 12 weeks") % {
        "amount": write_money(round(reason.value or 0), currency)
    }


def _say_basket(reason: Reason, _currency: str) -> str:
    return _("%(count)s products at a time") % {"count": write_value(reason.value, Unit.RATIO)}


def _say_discounts(reason: Reason, _currency: str) -> str:
    return _("%(share)s off by discounts") % {"share": write_share(reason.value or 0.0)}


def _say_tenure(reason: Reason, _currency: str) -> str:
    return _("%(days)s since the first purchase") % {"days": _days(reason.value)}


def _say_engagement(reason: Reason, _currency: str) -> str:
    times = round(reason.value or 0)
    return ngettext(
        "looked in %(times)s time in the last 4 weeks", "looked in %(times)s times in the last 4 weeks", times
    ) % {"times": times}


_REASONS: Mapping[str, Callable[[Reason, str], str]] = {
    "silence": _say_silence,
    "rhythm": _say_rhythm,
    "visits": _say_visits,
    "trend": _say_trend,
    "spend": _say_spend,
    "basket": _say_basket,
    "discounts": _say_discounts,
    "tenure": _say_tenure,
    "engagement": _say_engagement,
}
