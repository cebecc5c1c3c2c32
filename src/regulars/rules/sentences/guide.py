"""How to earn, told from the programme itself, so that what members read is what is done."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils.formats import date_format, time_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from regulars.kit.money import format_money
from regulars.rules.evaluation.codes import about, write_number
from regulars.rules.sentences.words import listing, number, period, times
from regulars.rules.types import (
    CapScope,
    EarnRule,
    Expiry,
    ExpiryKind,
    Pending,
    Programme,
    RuleType,
    TierDefinition,
    Window,
)


def describe_rules(programme: Programme) -> list[str]:
    """How to earn, as sentences in the reader's language.

    One for each enabled rule, in the document's order; then tiers that multiply, waiting and expiry.
    """
    rules = [_rule(programme, rule) for rule in programme.rules if rule.enabled]
    tiers = [_tier(programme, tier) for tier in programme.tiers.tiers if tier.earn_multiplier > 1]
    general = [_waiting(programme, programme.pending), _lapsing(programme, programme.expiry)]
    return [capfirst(sentence) for sentence in [*rules, *tiers, *general] if sentence]


def describe_rule(programme: Programme, rule: EarnRule) -> str:
    """One rule as a sentence, whether or not it is enabled."""
    return str(capfirst(_rule(programme, rule)))


def _rule(programme: Programme, rule: EarnRule) -> str:
    main = {
        RuleType.PER_AMOUNT: _per_amount,
        RuleType.PER_QUANTITY: _per_quantity,
        RuleType.MULTIPLIER: _multiplier,
        RuleType.BONUS: _bonus,
        RuleType.EVENT: _event,
    }[rule.type](programme, rule)
    clauses = _clauses(programme, rule)
    if clauses:
        main = _("%(sentence)s (%(clauses)s)") % {"sentence": main, "clauses": "; ".join(clauses)}
    return _("%(sentence)s.") % {"sentence": main}


def _points(programme: Programme, rule: EarnRule) -> str:
    # With a fraction, languages that count in many forms use that of two.
    count = int(rule.points) if rule.points == int(rule.points) else 2
    return f"{number(write_number(rule.points))} {programme.points_name.of(count)}"


def _products(rule: EarnRule, *, otherwise: str) -> str:
    found = about(rule.match)
    if names := found.get("on"):
        return listing(names, found.get("more", 0))
    return _("chosen products") if found.get("chosen") else otherwise


def _per_amount(programme: Programme, rule: EarnRule) -> str:
    params = {"points": _points(programme, rule), "money": format_money(rule.per, programme.currency)}
    products = _products(rule, otherwise="")
    if not products:
        return _("%(points)s for every %(money)s you spend") % params
    return _("%(points)s for every %(money)s you spend on %(products)s") % (params | {"products": products})


def _per_quantity(programme: Programme, rule: EarnRule) -> str:
    text = ngettext(
        "%(points)s for every item of %(products)s",
        "%(points)s for every %(count)d items of %(products)s",
        rule.per,
    )
    products = _products(rule, otherwise=_("anything"))
    return text % {"points": _points(programme, rule), "count": rule.per, "products": products}


def _multiplier(programme: Programme, rule: EarnRule) -> str:
    return _("%(times)s %(points)s on %(products)s") % {
        "times": times(write_number(rule.factor)),
        "points": programme.points_name.many,
        "products": _products(rule, otherwise=_("everything")),
    }


def _bonus(programme: Programme, rule: EarnRule) -> str:
    params = {
        "points": _points(programme, rule),
        "name": rule.name,
        "products": _products(rule, otherwise=""),
    }
    if params["products"]:
        return _("%(points)s for “%(name)s”, with %(products)s in the basket") % params
    return _("%(points)s for “%(name)s”") % params


def _event(programme: Programme, rule: EarnRule) -> str:
    points = _points(programme, rule)
    known: Mapping[str, str] = {
        "sign_up": _("%(points)s when you sign up"),
        "birthday": _("%(points)s for your birthday"),
        "visit": _("%(points)s when you visit us"),
        "review": _("%(points)s when you write a review, whatever its stars"),
        "share": _("%(points)s when you share"),
        "survey": _("%(points)s when you answer a survey"),
    }
    text = known.get(rule.event, _("%(points)s for “%(name)s”"))
    return text % {"points": points, "name": rule.name}


def _clauses(programme: Programme, rule: EarnRule) -> list[str]:
    """What a rule asks for, and what bounds it, in short phrases."""
    found = []
    if rule.first_purchase:
        found.append(_("on your first purchase"))
    if rule.basket_min:
        found.append(_("from %(money)s") % {"money": format_money(rule.basket_min, programme.currency)})
    if count := rule.match.quantity_min:
        found.append(ngettext("from %(count)d item", "from %(count)d items", count) % {"count": count})
    found += _audience(programme, rule)
    found += _window(programme, rule.window)
    if rule.when:
        found.append(_("on further conditions"))
    found += _caps(rule)
    if rule.pending is not None and rule.pending != programme.pending:
        found.append(_waits(rule.pending))
    if rule.expiry is not None and rule.expiry != programme.expiry:
        found.append(_lapses(rule.expiry))
    return found


def _audience(programme: Programme, rule: EarnRule) -> list[str]:
    tiers = [tier.name for tier in programme.tiers.tiers if tier.code in rule.audience.tiers]
    found = [_("for %(tiers)s") % {"tiers": ", ".join(tiers)}] if tiers else []
    return [*found, _("for chosen members")] if rule.audience.segments else found


def _window(programme: Programme, window: Window) -> list[str]:
    found = []
    zone = programme.time_zone
    if window.active_from is not None:
        day = date_format(window.active_from.astimezone(zone).date(), "DATE_FORMAT")
        found.append(_("from %(day)s") % {"day": day})
    if window.active_to is not None:
        found.append(_("until %(moment)s") % {"moment": _last_moment(window, programme)})
    if window.weekdays:
        names = _weekday_names()
        found.append(_("on %(days)s") % {"days": ", ".join(names[day] for day in sorted(window.weekdays))})
    begins, ends = window.time_from, window.time_to
    if begins is not None:
        found.append(_("from %(clock)s") % {"clock": time_format(begins, "TIME_FORMAT")})
    if ends is not None:
        found.append(_("to %(clock)s") % {"clock": time_format(ends, "TIME_FORMAT")})
    return found


def _last_moment(window: Window, programme: Programme) -> str:
    """The end of a window as people say it: the last day that still counts, or a moment within a day."""
    if window.active_to is None:
        return ""
    local = window.active_to.astimezone(programme.time_zone)
    if local.hour or local.minute:
        return str(date_format(local, "DATETIME_FORMAT"))
    return str(date_format(local.date() - timedelta(days=1), "DATE_FORMAT"))


def _weekday_names() -> tuple[str, ...]:
    return (
        pgettext("weekday", "Mondays"),
        pgettext("weekday", "Tuesdays"),
        pgettext("weekday", "Wednesdays"),
        pgettext("weekday", "Thursdays"),
        pgettext("weekday", "Fridays"),
        pgettext("weekday", "Saturdays"),
        pgettext("weekday", "Sundays"),
    )


def _caps(rule: EarnRule) -> list[str]:
    found = []
    for cap in rule.caps:
        params = {"points": number(cap.points), "period": period(cap.period)}
        if cap.scope is CapScope.PROGRAMME:
            found.append(_("at most %(points)s %(period)s to everyone together") % params)
        else:
            found.append(_("at most %(points)s %(period)s") % params)
    return found


def _tier(programme: Programme, tier: TierDefinition) -> str:
    return _("%(tier)s members earn %(times)s %(points)s.") % {
        "tier": tier.name,
        "times": times(write_number(tier.earn_multiplier)),
        "points": programme.points_name.many,
    }


def _waits(pending: Pending) -> str:
    if pending.awaits:
        return _("to be spent once confirmed (%(event)s)") % {"event": pending.awaits.replace("_", " ")}
    if not pending.days:
        return _("to be spent at once")
    text = ngettext("to be spent after %(count)d day", "to be spent after %(count)d days", pending.days)
    return text % {"count": pending.days}


def _waiting(programme: Programme, pending: Pending) -> str:
    points = programme.points_name.many
    if pending.awaits:
        event = pending.awaits.replace("_", " ")
        return _("%(points)s can be spent once confirmed (%(event)s).") % {"points": points, "event": event}
    if not pending.days:
        return _("%(points)s can be spent at once.") % {"points": points}
    text = ngettext(
        "%(points)s can be spent %(count)d day after they were earned.",
        "%(points)s can be spent %(count)d days after they were earned.",
        pending.days,
    )
    return text % {"points": points, "count": pending.days}


def _lapses(expiry: Expiry) -> str:
    if expiry.kind is ExpiryKind.AFTER_MONTHS:
        text = ngettext("lapse after %(count)d month", "lapse after %(count)d months", expiry.months)
        return text % {"count": expiry.months}
    if expiry.kind is ExpiryKind.INACTIVITY:
        text = ngettext(
            "lapse after %(count)d month without activity",
            "lapse after %(count)d months without activity",
            expiry.months,
        )
        return text % {"count": expiry.months}
    if expiry.kind is ExpiryKind.FIXED_DATE and expiry.on is not None:
        return _("lapse at the end of %(day)s") % {"day": date_format(expiry.on, "DATE_FORMAT")}
    return {
        "month": _("lapse at the end of the month in which they become active"),
        "quarter": _("lapse at the end of the quarter in which they become active"),
        "year": _("lapse at the end of the year in which they become active"),
    }.get(expiry.period, _("never lapse"))


def _lapsing(programme: Programme, expiry: Expiry) -> str:
    return _("%(points)s %(lapse)s.") % {"points": programme.points_name.many, "lapse": _lapses(expiry)}
