"""`{% load regulars %}`: icons, points, money, days, and what a page needs to know of its reader's theme."""

import functools
from datetime import date, datetime, tzinfo
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from regulars.design import formats
from regulars.design.assets import load_icons
from regulars.design.branding import ShownBrand, find_brand, show_brand
from regulars.design.languages import Language, list_languages
from regulars.design.pictures import Shown, render_picture
from regulars.design.themes import read_theme
from regulars.kit.money import format_money
from regulars.kit.shares import format_share

register = template.Library()

KEPT_MAX = 1_000
SMALL_KEPT_MAX = 2_000

register.filter("points", formats.format_points)
register.filter("signed", formats.format_signed)
register.filter("money", format_money)
register.filter("share", format_share)


@register.filter
def day(value: date | datetime, today: date | datetime | None = None) -> str:
    """`{{ expires_at|day:now }}`: the calendar day; its year only where it is another one."""
    return formats.format_day(value, today)


@register.filter
def when(value: datetime, now: datetime) -> str:
    """`{{ occurred_at|when:now }}`: “Today, 14:05”."""
    return formats.format_when(value, now)


@register.filter
def until(value: datetime, now: datetime) -> str:
    """`{{ times_out_at|until:now }}`: “today, 18:00”."""
    return formats.format_until(value, now)


@register.filter
def days_left(value: date | datetime, today: date | datetime) -> str:
    """`{{ expires_at|days_left:now }}`: “in 12 days”."""
    return formats.format_days_left(value, today)


@register.simple_tag
@functools.lru_cache(maxsize=SMALL_KEPT_MAX, typed=True)
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """`{% icon "gift" %}`: a lucide icon in the text's colour; silent to screen readers unless labelled."""
    inside = mark_safe(load_icons().get(name, ""))  # noqa: S308  (made by our own build)
    says = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round"'
        ' stroke-linejoin="round" focusable="false" {}>{}</svg>',
        f" {css}" if css else "",
        says,
        inside,
    )


@register.simple_tag
@functools.lru_cache(maxsize=SMALL_KEPT_MAX, typed=True)
def picture(source: str, name: str, alt: str = "", fallback: str = "", srcset: str = "") -> SafeString:
    """`{% picture "drawing" "coffee" %}`: a built-in drawing, a static file or an address, in its frame."""
    return render_picture(Shown(source, name, alt, srcset), fallback=fallback)


@register.simple_tag
def kept(template_name: str, **values: Any) -> SafeString:
    """`{% kept "store/parts/nav_links.html" active=active %}`: an include that is rendered once and kept.

    It is kept for these very values, the language and the time zone, and sees nothing else: neither the
    page's context nor the request, so no form with a token. What it shows can never be another's or out of
    date. Values must be hashable. Of use for what many pages share; values of one member fill the memory.
    """
    render = _render_kept.__wrapped__ if settings.DEBUG else _render_kept
    language, zone = translation.get_language(), timezone.get_current_timezone()
    return render(template_name, language, zone, tuple(values), *values.values())


# By type as well as by value: 1 and True are equal, and look different.
@functools.lru_cache(maxsize=KEPT_MAX, typed=True)
def _render_kept(
    template_name: str,
    language: str | None,  # noqa: ARG001  (what is rendered depends on it)
    zone: tzinfo,  # noqa: ARG001
    names: tuple[str, ...],
    *values: Any,
) -> SafeString:
    return mark_safe(get_template(template_name).render(dict(zip(names, values, strict=True))))  # noqa: S308


@register.simple_tag(takes_context=True)
def theme(context: dict[str, Any]) -> str:
    """The class of the page's root: `light`, `dark`, or none where the system decides."""
    request = context.get("request")
    return read_theme(request) if request is not None else ""


@register.simple_tag
def languages() -> tuple[Language, ...]:
    """`{% languages as known %}`: what the language switch offers."""
    return list_languages()


@register.simple_tag(takes_context=True)
def brand_now(context: dict[str, Any]) -> ShownBrand:
    """`{% brand_now as shop %}`: the brand in force, under its own name or else the page's `brand`.

    A page whose `shell` is None is about a failure: nothing is asked of the database for it.
    """
    ask = "shell" not in context or context["shell"] is not None
    brand = find_brand(context.get("request"), ask=ask)
    return show_brand(brand, fallback_name=str(context.get("brand") or ""))
