"""Pictures of the brand: a logo read from what was uploaded, and the icons of the installed store. Pure."""

import functools
import hashlib
import io
import math
import warnings
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from regulars.design.errors import LogoRefused
from regulars.design.types import Picture

if TYPE_CHECKING:
    from PIL import Image

BYTES_MAX = 2 * 1024 * 1024
SIDE_MAX = 6_000
FORMATS = ("PNG", "JPEG", "WEBP")
# Twice the size at which a header shows it, for dense screens.
WIDTH_MAX, HEIGHT_MAX = 640, 192
ICON_SIZES = (180, 192, 512)
_OVERSAMPLING = 4


def read_logo(content: bytes) -> Picture:
    """The picture drawn anew as a small PNG, without whatever else the file held. Raises LogoRefused."""
    from PIL import Image, ImageOps  # noqa: PLC0415  (heavy: every command would load it)

    if len(content) > BYTES_MAX:
        raise LogoRefused(_("The logo is larger than 2 MB."), field="logo")
    if b"<svg" in content[:4096].lower():
        raise LogoRefused(
            _("An SVG can carry scripts, so it is not taken. Save the logo as PNG and choose that."),
            field="logo",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a picture that only warns of a bomb is refused, too
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                if max(opened.size) > SIDE_MAX:
                    raise LogoRefused(_("The logo has more than 6,000 pixels a side."), field="logo")
                picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except LogoRefused:
        raise
    except Exception:
        # Pillow answers a broken file, above all broken Exif, with whatever went wrong inside.
        raise LogoRefused(_("This is not a PNG, JPEG or WebP picture."), field="logo") from None
    if box := picture.getchannel("A").getbbox():
        picture = picture.crop(box)
    picture.thumbnail((WIDTH_MAX, HEIGHT_MAX), Image.Resampling.LANCZOS)
    return Picture(_png(picture), picture.width, picture.height)


def get_digest(picture: Picture) -> str:
    """The picture's SHA-256 in hexadecimal: its name."""
    return hashlib.sha256(picture.content).hexdigest()


@functools.lru_cache(maxsize=16)
def draw_icon(size: int, ground: str, mark: str, logo: bytes | None, *, whole: bool) -> bytes:
    """A square PNG: the logo on white, or our star in the brand's colours.

    `whole` fills the square to its corners, for systems that cut their own shape; what matters
    then stays within the inner four fifths.
    """
    from PIL import Image, ImageDraw, ImageOps  # noqa: PLC0415  (as above)

    side = size * _OVERSAMPLING
    icon = Image.new("RGBA", (side, side), "#00000000")
    pen = ImageDraw.Draw(icon)
    pen.rounded_rectangle(
        (0, 0, side - 1, side - 1), 0 if whole else side * 0.22, "#ffffff" if logo else ground
    )
    room = 0.56 if whole else 0.72
    if logo is None:
        pen.polygon(_star(side / 2, side * room / 2), fill=mark)
    else:
        with Image.open(io.BytesIO(logo), formats=("PNG",)) as opened:
            drawn = ImageOps.contain(
                opened.convert("RGBA"), (int(side * room), int(side * room)), Image.Resampling.LANCZOS
            )
        icon.alpha_composite(drawn, ((side - drawn.width) // 2, (side - drawn.height) // 2))
    return _png(icon.resize((size, size), Image.Resampling.LANCZOS))


def _star(centre: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.46
        angle = math.radians(36 * corner - 90)
        points.append((centre + reach * math.cos(angle), centre + radius * 0.04 + reach * math.sin(angle)))
    return points


def _png(picture: "Image.Image") -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
