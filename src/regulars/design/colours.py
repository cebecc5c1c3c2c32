"""Colours: sRGB in hexadecimal, their contrast, and tones of one colour. Pure.

Contrast is WCAG 2.2's ratio of relative luminances. Tones are made in OKLCH, where equal steps of
lightness look equal: Björn Ottosson, “A perceptual color space for image processing”, 2020.
"""

import math
import re
from functools import cache

AA_TEXT = 4.5
_HEX = re.compile(r"#[0-9a-f]{6}")
_LINEAR_BREAK, _SIGN_BREAK = 0.04045, 0.0031308
Oklch = tuple[float, float, float]


def read_colour(text: str) -> str | None:
    """`#1f6b4a` for `1F6B4A` or `#1F6B4A`; None for anything else."""
    colour = "#" + text.strip().lower().removeprefix("#")
    return colour if _HEX.fullmatch(colour) else None


def get_luminance(colour: str) -> float:
    """Relative luminance: 0 for black, 1 for white."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def get_contrast(one: str, other: str) -> float:
    """The ratio of two colours, from 1 to 21, whichever is the lighter."""
    light, dark = sorted((get_luminance(one), get_luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@cache
def to_oklch(colour: str) -> Oklch:
    """Lightness from 0 to 1, chroma from 0, hue in degrees."""
    red, green, blue = _linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """The nearest colour that a screen can show: of the same lightness and hue, less vivid where it must."""
    low, high = 0.0, chroma
    if _fits(_to_linear(lightness, chroma, hue)):
        low = chroma
    else:
        for _step in range(16):
            middle = (low + high) / 2
            if _fits(_to_linear(lightness, middle, hue)):
                low = middle
            else:
                high = middle
    return "#" + "".join(f"{_to_byte(value):02x}" for value in _to_linear(lightness, low, hue))


def tone(colour: str, lightness: float, chroma_max: float) -> str:
    """The colour's hue at another lightness, at most so vivid."""
    _lightness, chroma, hue = to_oklch(colour)
    return from_oklch(lightness, min(chroma, chroma_max), hue)


def reach_contrast(colour: str, ground: str, ratio: float) -> str:
    """The nearest tone that stands out so far: darker on a light ground, lighter on a dark one."""
    lightness, chroma, hue = to_oklch(colour)
    step = -0.005 if get_luminance(ground) > 0.18 else 0.005
    found = colour
    while get_contrast(found, ground) < ratio and 0 <= lightness <= 1:
        lightness += step
        found = from_oklch(min(max(lightness, 0.0), 1.0), chroma, hue)
    return found


def _linear(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _expand(red), _expand(green), _expand(blue)


def _expand(value: float) -> float:
    return value / 12.92 if value <= _LINEAR_BREAK else float(((value + 0.055) / 1.055) ** 2.4)


def _to_byte(value: float) -> int:
    value = min(max(value, 0.0), 1.0)
    sign = 12.92 * value if value <= _SIGN_BREAK else 1.055 * value ** (1 / 2.4) - 0.055
    return round(sign * 255)


def _to_linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _fits(linear: tuple[float, float, float]) -> bool:
    return all(-0.0005 <= value <= 1.0005 for value in linear)
