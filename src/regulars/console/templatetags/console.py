"""`{% load console %}`: days as the last day of something, icons and links of timeline entries."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django import template
from django.urls import NoReverseMatch, reverse

from regulars.design import facade as design

register = template.Library()

_ICONS = {
    "order": "shopping-basket",
    "return": "undo-2",
    "event": "sparkles",
    "points": "circle-star",
    "tier": "crown",
    "redemption": "gift",
    "member": "user-round",
}
_PAGES = {"order": "console:order", "redemption": "console:redemption"}


@register.filter
def last_day(expires_at: datetime, now: datetime) -> str:
    """The last day that an exclusive end still covers: what lapses at midnight is good the day before."""
    return design.format_day(expires_at - timedelta(microseconds=1), now)


@register.filter
def is_just(instant: datetime, now: datetime) -> bool:
    """Whether it was within the last minute, which `timesince` calls “0 minutes”."""
    return now - instant < timedelta(minutes=1)


@register.filter
def words(name: str) -> str:
    """A name out of code as words: `age_band` becomes `age band`."""
    return name.replace("_", " ")


@register.filter
def at(values: Mapping[str, str], name: str) -> str:
    """What stands under a name; empty where nothing does."""
    return values.get(name, "")


@register.filter
def timeline_icon(kind: str) -> str:
    """The icon of a timeline entry's kind: what stands before its first dot decides."""
    return _ICONS.get(kind.partition(".")[0], "circle")


@register.filter
def link_of(link_ref: str) -> str:
    """The console's page about `order:17` or `redemption:3`; empty where there is none."""
    kind, _colon, ref = link_ref.partition(":")
    if kind not in _PAGES or not ref.isdecimal():
        return ""
    try:
        return reverse(_PAGES[kind], args=[int(ref)])
    except NoReverseMatch:
        return ""
