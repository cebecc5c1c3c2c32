"""Pure decisions of design: which colours will do, and what becomes of them on the pages."""

import functools
import hashlib
from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from regulars.design.colours import AA_TEXT, get_contrast, reach_contrast, read_colour, to_oklch, tone
from regulars.design.errors import BrandInvalid
from regulars.design.types import ColourFault

NAME_LENGTH_MAX = 60
# What the house's own tokens come to (frontend/css/tokens.css): what a form begins with.
HOUSE_MAIN = "#0e5c39"
HOUSE_ACCENT = "#f7c041"
# The darkest light surface that links and buttons stand on.
_PAPER = "#f2efe3"


def check_name(raw: str) -> str:
    """A shop's name on one line, or nothing: then the programme's. Raises BrandInvalid."""
    name = " ".join(raw.split())
    if len(name) > NAME_LENGTH_MAX or not name.isprintable():
        raise BrandInvalid(
            _("A name is one line of up to %(count)d characters.") % {"count": NAME_LENGTH_MAX}, field="name"
        )
    return name


def check_colours(main: str, accent: str) -> tuple[str, str]:
    """Both colours as `#rrggbb`, or both empty. Raises BrandInvalid with the first fault's field."""
    if not main.strip() and not accent.strip():
        return "", ""
    faults = judge_colours(main, accent)
    if faults:
        raise BrandInvalid(faults[0].sentence, field=faults[0].field)
    return read_colour(main) or "", read_colour(accent) or ""


def judge_colours(main: str, accent: str) -> tuple[ColourFault, ...]:
    """What keeps two colours from being readable wherever they are used, at AA: nothing, or sentences.

    The main colour carries links and buttons in light; its dark tone is the member's card, on which the
    accent writes. Everything else is derived so that it can be read, whatever the two are.
    """
    read = {"main": read_colour(main), "accent": read_colour(accent)}
    faults = [
        ColourFault(field, _("A colour is written as # and six digits, such as #0e5c39."), house)
        for field, house in (("main", HOUSE_MAIN), ("accent", HOUSE_ACCENT))
        if read[field] is None
    ]
    if read["main"] is not None and get_contrast(read["main"], _PAPER) < AA_TEXT:
        faults.append(_too_light(read["main"]))
    if read["accent"] is not None:
        card = _card(read["main"] or HOUSE_MAIN)
        if get_contrast(read["accent"], card) < AA_TEXT:
            faults.append(_too_dark(read["accent"], card))
    return tuple(faults)


def _too_light(main: str) -> ColourFault:
    near = reach_contrast(main, _PAPER, AA_TEXT)
    sentence = _(
        "%(colour)s is too light to be read as a link: its contrast is %(ratio)s to 1, and at least 4.5 to 1"
        " are needed. %(near)s would do."
    ) % {"colour": main, "ratio": _ratio(main, _PAPER), "near": near}
    return ColourFault("main", sentence, near)


def _too_dark(accent: str, card: str) -> ColourFault:
    near = reach_contrast(accent, card, AA_TEXT)
    sentence = _(
        "%(colour)s cannot be read on the member’s card: its contrast is %(ratio)s to 1, and at least"
        " 4.5 to 1 are needed. %(near)s would do."
    ) % {"colour": accent, "ratio": _ratio(accent, card), "near": near}
    return ColourFault("accent", sentence, near)


def _ratio(one: str, other: str) -> str:
    # Cut, not rounded: 4.46 must not read as 4.5.
    return str(number_format(int(get_contrast(one, other) * 10) / 10, decimal_pos=1))


def _card(main: str) -> str:
    return tone(main, 0.375, 0.12)


@functools.lru_cache(maxsize=64)
def derive_tokens(main: str, accent: str) -> Mapping[str, tuple[str, str]]:
    """Each token of the style sheet that the brand changes, for light and for dark."""
    hue_of = functools.partial(tone, main)
    deeper = max(to_oklch(main)[0] - 0.07, 0.0)
    ink, night = "#fcf9f1", hue_of(0.2, 0.03)
    return {
        "primary": (main, hue_of(0.81, 0.125)),
        "primary-strong": (hue_of(deeper, 0.4), hue_of(0.87, 0.11)),
        "primary-foreground": (ink, night),
        "secondary": (hue_of(0.932, 0.036), hue_of(0.315, 0.036)),
        "secondary-foreground": (hue_of(0.31, 0.06), hue_of(0.92, 0.04)),
        "pass": (_card(main), hue_of(0.315, 0.1)),
        "pass-deep": (hue_of(0.3, 0.1), hue_of(0.255, 0.08)),
        "pass-ink-soft": (hue_of(0.88, 0.03), hue_of(0.88, 0.03)),
        "awning": (main, hue_of(0.4, 0.12)),
        "awning-stripe": (tone(accent, 0.9, 0.085), tone(accent, 0.78, 0.085)),
        "honey": (accent, accent),
        "honey-ink": (tone(accent, 0.25, 0.05), tone(accent, 0.25, 0.05)),
        "honey-tint": (tone(accent, 0.948, 0.055), tone(accent, 0.335, 0.05)),
        "honey-tint-ink": (tone(accent, 0.4, 0.085), tone(accent, 0.89, 0.1)),
        "background": ("#fcf9f1", hue_of(0.185, 0.017)),
        "card": ("#fffefc", hue_of(0.228, 0.02)),
        "popover": ("#fffefc", hue_of(0.262, 0.022)),
        "muted": ("#f2efe3", hue_of(0.272, 0.021)),
        "accent": ("#f2efe3", hue_of(0.305, 0.024)),
        "border": ("#e0dccd", hue_of(0.325, 0.022)),
    }


@functools.lru_cache(maxsize=64)
def write_style_sheet(main: str, accent: str, *, scope: str = ":root") -> str:
    """The brand as CSS: the tokens it changes, on `scope`."""
    lines = (
        f"--{name}:light-dark({light},{dark});" for name, (light, dark) in derive_tokens(main, accent).items()
    )
    return f"{scope}{{{''.join(lines)}}}\n"


def hash_style_sheet(main: str, accent: str) -> str:
    """Twelve hexadecimal digits that change whenever the style sheet would."""
    return hashlib.sha256(write_style_sheet(main, accent).encode()).hexdigest()[:12]
