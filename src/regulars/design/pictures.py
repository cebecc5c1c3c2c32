"""The built-in drawings: which there are, in which tint, and how a picture becomes HTML."""

import functools
from dataclasses import dataclass
from pathlib import Path

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

DRAWINGS_DIR = Path(__file__).parent / "drawings"
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
    "skillet": "leaf",
    "hamper": "leaf",
    "cookies": "plum",
    "car": "sky",
    "cinema": "tomato",
    "kitchen": "sky",
    "lake": "sky",
    "tasting": "plum",
    "tree": "leaf",
    "voucher": "honey",
    "discount": "tomato",
    "gift_card": "plum",
    "free_shipping": "sky",
    "partner": "clay",
    "donation": "tomato",
}
DRAWINGS = tuple(TINTS)


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a picture comes from: `drawing`, `static` (a path) or `url` (an address); and what it shows.

    `srcset` lists the same picture in other sizes, as HTML has it.
    """

    source: str
    name: str
    alt: str = ""
    srcset: str = ""


@functools.cache
def load_drawing(name: str) -> SafeString:
    """The inside of a drawing's SVG. `name` is one of TINTS."""
    svg = (DRAWINGS_DIR / f"{name}.svg").read_text(encoding="utf-8")
    inside = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
    return mark_safe("".join(line.strip() for line in inside.splitlines()))  # noqa: S308  (our own file)


def render_picture(picture: Shown, *, fallback: str = FALLBACK) -> SafeString:
    """The picture in its frame. A drawing that does not exist becomes `fallback`, else the basket.

    A picture without words is decoration: its name stands next to it.
    """
    if picture.source == "drawing":
        name = next((name for name in (picture.name, fallback) if name in TINTS), FALLBACK)
        says = (
            format_html('role="img" aria-label="{}"', picture.alt)
            if picture.alt
            else mark_safe('aria-hidden="true"')
        )
        inside = load_drawing(name)
        return format_html(
            '<div class="picture" data-tint="{}">'
            '<svg viewBox="0 0 160 120" focusable="false" {}>{}</svg></div>',
            TINTS[name],
            says,
            inside,
        )
    address = static(picture.name) if picture.source == "static" else picture.name
    sizes = (
        format_html(' srcset="{}" sizes="(min-width: 48rem) 24rem, 92vw"', picture.srcset)
        if picture.srcset
        else ""
    )
    return format_html(
        '<div class="picture"><img src="{}" alt="{}"{} width="640" height="480" loading="lazy"></div>',
        address,
        picture.alt,
        sizes,
    )
