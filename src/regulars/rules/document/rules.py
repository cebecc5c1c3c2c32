"""Reading one [[earn]] rule."""

from collections.abc import Mapping
from datetime import UTC
from fractions import Fraction

from django.utils.translation import gettext as _

from regulars.kit.points import Rounding
from regulars.rules.conditions import check_when
from regulars.rules.document.sections import ONE, Basics, read_expiry, read_pending, to_instant
from regulars.rules.document.table import Table
from regulars.rules.types import (
    Audience,
    Cap,
    CapPeriod,
    CapScope,
    EarnRule,
    Match,
    RuleType,
    Window,
)

POINTS_MAX = 1_000_000
FACTOR_MAX = 100
SMALLEST = Fraction(1, 1_000_000)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_ANY = (
    "id",
    "name",
    "type",
    "enabled",
    "window",
    "audience",
    "caps",
    "qualifying",
    "when",
    "pending",
    "expiry",
)
_BASKET = (*_ANY, "match", "first_purchase", "basket_min")
_KEYS: Mapping[RuleType, tuple[str, ...]] = {
    RuleType.PER_AMOUNT: (*_BASKET, "points", "per", "rounding"),
    RuleType.PER_QUANTITY: (*_BASKET, "points", "per", "rounding"),
    RuleType.MULTIPLIER: (*_BASKET, "factor"),
    RuleType.BONUS: (*_BASKET, "points"),
    RuleType.EVENT: (*_ANY, "event", "points"),
}
_TYPED = ("points", "per", "factor", "event", "match", "first_purchase", "basket_min", "rounding")
BASE_TYPES = (RuleType.PER_AMOUNT, RuleType.PER_QUANTITY)


def read_rule(table: Table, basics: Basics) -> EarnRule | None:
    """One rule; None where its type cannot be told, since then nothing else can be judged."""
    rule_id = table.slug("id", required=True)
    kind = table.choice("type", RuleType)
    if kind is None:
        return None
    table.only(_KEYS[kind], _TYPED, why=_('with type = "%(type)s"') % {"type": kind})
    pending, expiry = table.table("pending"), table.table("expiry")
    rounding = kind in BASE_TYPES and table.has("rounding")
    return EarnRule(
        id=rule_id,
        name=table.text("name", rule_id.replace("_", " ").replace("-", " ").capitalize()),
        type=kind,
        points=_read_points(table, kind),
        per=_read_per(table, kind, basics),
        factor=_read_factor(table, kind),
        event=table.slug("event", required=True) if kind is RuleType.EVENT else "",
        match=_read_match(table),
        window=_read_window(table, basics),
        audience=_read_audience(table),
        first_purchase=table.flag("first_purchase", False),
        basket_min=table.money("basket_min", basics.digits),
        caps=_read_caps(table),
        pending=None if pending is None else read_pending(pending),
        expiry=None if expiry is None else read_expiry(expiry),
        rounding=table.choice("rounding", Rounding, Rounding.FLOOR) if rounding else None,
        qualifying=table.flag("qualifying", kind in BASE_TYPES),
        when=_read_when(table, kind),
        enabled=table.flag("enabled", True),
    )


def _read_points(table: Table, kind: RuleType) -> Fraction:
    if kind is RuleType.MULTIPLIER:
        return Fraction(0)
    if kind in BASE_TYPES:
        return table.ratio("points", ONE, least=SMALLEST, most=POINTS_MAX, required=True)
    return Fraction(table.whole("points", 1, least=1, most=POINTS_MAX, required=True))


def _read_per(table: Table, kind: RuleType, basics: Basics) -> int:
    if kind is RuleType.PER_AMOUNT:
        return table.money("per", basics.digits, 10**basics.digits, least=1)
    return table.whole("per", 1, least=1) if kind is RuleType.PER_QUANTITY else 1


def _read_factor(table: Table, kind: RuleType) -> Fraction:
    if kind is not RuleType.MULTIPLIER:
        return ONE
    return table.ratio("factor", ONE, least=ONE, most=FACTOR_MAX, required=True)


def _read_match(table: Table) -> Match:
    match = table.table("match")
    if match is None:
        return Match()
    names = {key: frozenset(match.texts(key)) for key in ("skus", "brands", "categories")}
    refused = {key: frozenset(match.texts(f"not_{key}")) for key in names}
    for key, wanted in names.items():
        if both := sorted(wanted & refused[key]):
            match.mistake(f"not_{key}", _("names %(name)s, which %(key)s wants"), name=both[0], key=key)
    return Match(
        skus=names["skus"],
        brands=names["brands"],
        categories=names["categories"],
        not_skus=refused["skus"],
        not_brands=refused["brands"],
        not_categories=refused["categories"],
        quantity_min=match.whole("quantity_min", least=1),
    )


def _read_window(table: Table, basics: Basics) -> Window:
    window = table.table("window")
    if window is None:
        return Window()
    zone = basics.time_zone
    active_from = to_instant(window.moment("active_from"), zone)
    active_to = to_instant(window.moment("active_to"), zone)
    if active_from is not None and active_to is not None and active_from >= active_to:
        window.mistake(
            "active_to", _("must be later than active_from; it is the first moment that no longer counts")
        )
    time_from, time_to = window.clock_time("time_from"), window.clock_time("time_to")
    if time_from is not None and time_from == time_to:
        window.mistake("time_to", _("is the same as time_from: the rule would never hold"))
    return Window(
        active_from=active_from and active_from.astimezone(UTC),
        active_to=active_to and active_to.astimezone(UTC),
        weekdays=_read_weekdays(window),
        time_from=time_from,
        time_to=time_to,
    )


def _read_weekdays(window: Table) -> frozenset[int]:
    found = set()
    for position, name in enumerate(window.texts("weekdays")):
        short = name.lower()
        matching = [day for day, word in enumerate(WEEKDAYS) if short in {word, word[:3]}]
        if matching:
            found.update(matching)
        else:
            path = (*window.path, "weekdays", position)
            message = _("must hold days such as %(example)s; found %(found)s")
            params = {"example": '"monday" or "mon"', "found": f'"{name}"'}
            window.report.add(path, window.field("weekdays"), message % params)
    return frozenset(found)


def _read_audience(table: Table) -> Audience:
    audience = table.table("audience")
    if audience is None:
        return Audience()
    return Audience(frozenset(audience.texts("tiers")), frozenset(audience.texts("segments")))


def _read_caps(table: Table) -> tuple[Cap, ...]:
    caps: dict[tuple[CapScope, CapPeriod], Cap] = {}
    for cap in table.tables("caps"):
        scope, period = cap.choice("scope", CapScope), cap.choice("period", CapPeriod)
        points = cap.whole("points", 1, least=1, required=True)
        if scope is None or period is None:
            continue
        if (scope, period) in caps:
            cap.mistake("", _("repeats the cap of this scope and period; one of them is enough"))
        caps.setdefault((scope, period), Cap(scope, period, points))
    return tuple(caps.values())


def _read_when(table: Table, kind: RuleType) -> str:
    source = table.raw("when")
    if not table.has("when"):
        return ""
    line, written = table.report.positions.value((*table.path, "when"))
    # What follows an opening """ at once is a line break that does not belong to the text.
    first = line + 1 if written[:4] in {'"""\n', "'''\n"} or written[:5] in {'"""\r\n', "'''\r\n"} else line
    for offset, message in check_when(source, kind):
        # An escape (\n) makes a line of the text that is no line of the document.
        shift = offset if written.startswith(('"""', "'''")) else 0
        table.report.add((*table.path, "when"), table.field("when"), message, line=first + shift)
    return source
