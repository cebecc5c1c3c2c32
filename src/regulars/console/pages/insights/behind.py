"""The members behind a number, each with what they add to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.analytics import facade as analytics
from regulars.analytics.facade import (
    BehindReady,
    BehindWaiting,
    Measure,
    MemberBehind,
    MemberMeasures,
    Period,
    RetentionKind,
    Segment,
    Unit,
)
from regulars.console.desk import Desk
from regulars.console.forms_insights import BehindForm
from regulars.console.pages.insights.figures import write_period, write_value
from regulars.console.pages.insights.keys import COUNTED, EVERYBODY, KEYS, NOT_COUNTED, name_key
from regulars.console.pages.insights.wording import (
    RETENTION_KINDS,
    define_measure,
    name_measure,
    name_segment,
)
from regulars.console.tables.state import TableState, read_state
from regulars.console.tables.types import Column, Table, Value
from regulars.design import facade as design
from regulars.kit.ids import MemberId
from regulars.kit.money import minor_digits
from regulars.members import facade as members
from regulars.members.facade import MemberProfile

Figures = tuple[tuple[str, Promise, Unit | type[date] | type[Segment]], ...]
"""Name in the row, head of the column, what it is."""

_ORDERS = _("Orders")
_STORED: Figures = (
    ("segment", _("Segment"), Segment),
    ("orders_count", _ORDERS, Unit.ORDERS),
    ("last_order_on", _("Last order"), date),
    ("spent_minor", _("Spent so far"), Unit.MONEY),
    ("value_minor", _("Expected, 52 weeks"), Unit.MONEY),
    ("risk", _("Churn risk"), Unit.SHARE),
)
_FIGURES: Mapping[Measure, Figures] = {
    Measure.FREQUENCY: (("numerator", _ORDERS, Unit.ORDERS),),
    Measure.SALES: (("numerator", _("Paid, less returns"), Unit.MONEY),),
    Measure.BASKET_VALUE: (
        ("numerator", _("Paid"), Unit.MONEY),
        ("denominator", _ORDERS, Unit.ORDERS),
    ),
    Measure.MARGIN: (
        ("numerator", _("Left after the cost"), Unit.MONEY),
        ("denominator", _("Paid, where the cost is known"), Unit.MONEY),
    ),
    Measure.POINTS_ISSUED: (("numerator", _("Issued"), Unit.POINTS),),
    Measure.POINTS_SPENT: (("numerator", _("Spent"), Unit.POINTS),),
    Measure.POINTS_EXPIRED: (("numerator", _("Expired"), Unit.POINTS),),
    Measure.OUTSTANDING_POINTS: (("numerator", _("Points"), Unit.POINTS),),
    Measure.BURN_RATE: (
        ("numerator", _("Spent"), Unit.POINTS),
        ("denominator", _("Issued"), Unit.POINTS),
    ),
    Measure.TIME_TO_REWARD: (("days", _("Waited"), Unit.DAYS),),
    Measure.RETENTION: (("first_on", _("First purchase"), date),),
    Measure.SEGMENT_MOVES: (
        ("frequency", _ORDERS, Unit.ORDERS),
        ("money", _("Spent so far"), Unit.MONEY),
    ),
    Measure.TIER_MOVES: (),
}
_RANKED = frozenset({Measure.VALUE, Measure.VALUE_AT_RISK, Measure.CHURN_RISK})


@dataclass(frozen=True, slots=True)
class BehindRow:
    """A member with the figures that put them there, written out by the names of the columns."""

    profile: MemberProfile
    raw: Mapping[str, Value]
    texts: Mapping[str, str]

    @property
    def id(self) -> MemberId:
        """By which it is chosen."""
        return self.profile.id


@dataclass(frozen=True, slots=True)
class BehindPage:
    """Which number it is, in words; `which` narrows it, empty where it is about all of them."""

    name: str
    definition: str
    which: str
    period: str
    state: TableState
    measure: Measure
    asked: Period
    key: str
    currency: str


BEHIND = Table(
    name="behind",
    caption=_("Members behind a number"),
    view="console:insights_members",
    csv_view="console:insights_members_csv",
    sort="",
    form=BehindForm,
    cell="console/insights/behind_cell.html",
    empty="console/insights/behind_none.html",
    has_views=False,
    columns=(
        Column("name", _("Member"), lambda row: row.profile.name, fixed=True),
        Column("number", _("Number"), lambda row: row.profile.id, number=True, shown=False),
        Column("external_id", _("Shop’s id"), lambda row: row.profile.external_id, shown=False),
        Column("email", _("E-mail"), lambda row: row.profile.email, shown=False),
    ),
)


def read_behind(request: HttpRequest, currency: str) -> BehindPage | None:
    """What is asked for; None where no number is named."""
    form = BehindForm(request.GET)
    if not form.is_valid():
        return None
    measure, period = form.cleaned_data["measure"], form.cleaned_data["period"]
    key = form.cleaned_data["key"]
    return BehindPage(
        name=name_measure(measure),
        definition=define_measure(measure),
        which=_say_which(measure, key),
        period=_say_when(measure, period),
        state=read_state(_table_of(measure, key), request),
        measure=measure,
        asked=period,
        key=key,
        currency=currency,
    )


def open_behind(page: BehindPage, desk: Desk) -> BehindReady | BehindWaiting | None:
    """The list; asked for where there is none. None: there is none, and who looks may not ask for it."""
    found = analytics.find_behind(page.measure, page.asked, page.key, desk.now)
    if found is None and desk.may["insights_ask"]:
        return analytics.ask_behind(measure=page.measure, period=page.asked, key=page.key, now=desk.now)
    return found


def list_rows(
    page: BehindPage, ready: BehindReady, cursor: str | None, size: int
) -> tuple[Sequence[BehindRow], str | None]:
    """A page of them and the next cursor. Members and measures by one query each; the erased are left out."""
    found = analytics.list_members_behind(ready, cursor, size)
    profiles = members.get_profiles({MemberId(one.member_id) for one in found.items}) if found.items else {}
    known = analytics.list_measures([one.member_id for one in found.items]) if found.items else {}
    rows = [
        _make_row(page, one, profiles[MemberId(one.member_id)], known.get(one.member_id))
        for one in found.items
        if MemberId(one.member_id) in profiles
    ]
    return rows, found.next_cursor


def _figures_of(measure: Measure) -> Figures:
    """What is said of each: what they add to the number, else what is known of them."""
    return _FIGURES.get(measure, _STORED)


def _table_of(measure: Measure, key: str) -> Table:
    columns = tuple(
        Column(name, label, _export(name), number=unit is not Segment)
        for name, label, unit in _figures_of(measure)
    )
    if measure in KEYS and key == EVERYBODY:
        columns = (Column("counts", _("Counts"), _export("counts")), *columns)
    return replace(BEHIND, columns=(BEHIND.columns[0], *columns, *BEHIND.columns[1:]))


def _export(name: str) -> Callable[[Any], Value]:
    return partial(_read_raw, name=name)


def _read_raw(row: BehindRow, name: str) -> Value:
    return row.raw.get(name)


def _make_row(
    page: BehindPage, one: MemberBehind, profile: MemberProfile, known: MemberMeasures | None
) -> BehindRow:
    raw: dict[str, Value] = {}
    texts: dict[str, str] = {}
    if page.measure in KEYS and page.key == EVERYBODY:
        counts = bool(one.figures.get("numerator", one.figures.get("took")))
        raw["counts"] = COUNTED if counts else NOT_COUNTED
        texts["counts"] = name_key(page.measure, COUNTED if counts else NOT_COUNTED)
    for name, _label, unit in _figures_of(page.measure):
        value = one.figures[name] if name in one.figures else getattr(known, name, None)
        raw[name], texts[name] = _write(value, unit, page.currency)
    return BehindRow(profile, raw, texts)


def _write(value: Any, unit: Any, currency: str) -> tuple[Value, str]:
    if value is None or value == "":
        return None, ""
    if unit is Segment:
        return value, name_segment(Segment(value))
    if unit is date:
        day = value if isinstance(value, date) else date.fromisoformat(value)
        return day, design.format_day(day)
    if unit is Unit.MONEY:
        digits = minor_digits(currency)
        return f"{value / 10**digits:.{digits}f}", write_value(value, unit, currency)
    return (f"{value:.4f}" if isinstance(value, float) else value), write_value(value, unit, currency)


def _say_when(measure: Measure, period: Period) -> str:
    """Over which days it holds; of where members stand, the last of them."""
    if measure in _RANKED or measure is Measure.LIFESTYLE:
        return ""
    if measure in {Measure.SEGMENT, Measure.RFM}:
        day = design.format_day(period.after - timedelta(days=1))
        return gettext("As of the end of %(day)s.") % {"day": day}
    return write_period(period)


def _say_which(measure: Measure, key: str) -> str:
    """Whom the key narrows the number to."""
    if key == EVERYBODY:
        return ""
    if measure is Measure.SEGMENT_MOVES and "/" in key:
        known = set(Segment)
        before, after = key.split("/", 1)
        if before in known and after in known:
            return gettext("from %(before)s to %(after)s") % {
                "before": name_segment(Segment(before)),
                "after": name_segment(Segment(after)),
            }
    if measure is Measure.RETENTION and key.count("/") == 3:
        kind, first, age, half = key.split("/")
        if kind in set(RetentionKind) and half in (COUNTED, NOT_COUNTED, EVERYBODY):
            came = {COUNTED: gettext("came back"), NOT_COUNTED: gettext("did not come back")}.get(half, "")
            way = str(RETENTION_KINDS[RetentionKind(kind)][0])
            return " · ".join(filter(None, (way, _say_cohort(first), _say_age(age), came)))
    if measure is Measure.RFM:
        return " · ".join(f"{letter}{score}" for letter, score in zip("RFM", key, strict=False))
    if measure is Measure.LIFESTYLE:
        return next((one.name for one in analytics.list_lifestyles() if one.code == key), key)
    return name_key(measure, key)


def _say_cohort(first: str) -> str:
    try:
        return str(formats.date_format(date.fromisoformat(first), "YEAR_MONTH_FORMAT"))
    except ValueError:
        return ""


def _say_age(age: str) -> str:
    """Days since the first purchase, both ends included."""
    low, _dash, high = age.partition("-")
    if not low.isdecimal() or not high.isdecimal():
        return ""
    return gettext("days %(low)s–%(high)s") % {"low": low, "high": int(high) - 1}
