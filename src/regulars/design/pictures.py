"""The built-in drawings: which there are, in which tint, and how a picture becomes HTML."""

from dataclasses import dataclass

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from regulars.design.drawings import DRAWINGS

FALLBACK = "goods"

TINTS = {
    "goods": "leaf",
    "fruit": "tomato",
    "bread": "clay",
    "coffee": "clay",
    "cheese": "honey",
    "cake": "plum",
    "flowers": "plum",
    "mug": "sky",
    "tote": "honey",
    "voucher": "honey",
    "discount": "tomato",
    "gift_card": "plum",
    "free_shipping": "sky",
    "partner": "clay",
    "donation": "tomato",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a picture comes from: `drawing`, `static` (a path) or `url` (an address); and what it shows."""

    source: str
    name: str
    alt: str = ""


def render_picture(picture: Shown, *, fallback: str = FALLBACK) -> SafeString:
    """The picture in its frame. A drawing that does not exist becomes `fallback`, else the basket.

    A picture without words is decoration: its name stands next to it.
    """
    if picture.source == "drawing":
        name = next((name for name in (picture.name, fallback) if name in DRAWINGS), FALLBACK)
        says = (
            format_html('role="img" aria-label="{}"', picture.alt)
            if picture.alt
            else mark_safe('aria-hidden="true"')
        )
        inside = mark_safe(DRAWINGS[name])  # noqa: S308  (our own drawings)
        return format_html(
            '<div class="picture" data-tint="{}"><svg viewBox="0 0 160 120" focusable="false" {}>{}</svg></div>',
            TINTS[name],
            says,
            inside,
        )
    address = static(picture.name) if picture.source == "static" else picture.name
    return format_html(
        '<div class="picture"><img src="{}" alt="{}" width="640" height="480" loading="lazy"></div>',
        address,
        picture.alt,
    )
