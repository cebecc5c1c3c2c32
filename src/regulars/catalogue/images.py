"""Uploaded pictures: what the bytes are, by their headers alone; then drawn anew in several sizes. Pure.

Drawing anew leaves behind whatever else a file held: where a photograph was taken, a script in a comment.
"""

import io
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from regulars.catalogue.errors import PictureRefused

if TYPE_CHECKING:
    from PIL import Image

FOLDER = "rewards"
BYTES_MAX = 10 * 1024 * 1024
SIDE_MAX = 8_000
PIXELS_MAX = 40_000_000
WIDTHS = (320, 640, 1_280)
"""How wide, in pixels, a picture is kept; never wider than it came."""
FALLBACK_WIDTH = 640
CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}

_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the headers say: the usual suffix of the format, and the size in pixels."""

    suffix: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class DrawnImage:
    """One size of a picture."""

    width: int
    suffix: str
    content: bytes


def recognise_image(content: bytes) -> ImageFacts:
    """The facts of a PNG, JPEG or WebP picture of sane size. Raises PictureRefused."""
    if len(content) > BYTES_MAX:
        raise PictureRefused(
            _("The picture is larger than %(most)d MB.") % {"most": BYTES_MAX // 1024 // 1024},
            bytes=len(content),
        )
    if b"<svg" in content[:4096].lower():
        raise PictureRefused(
            _("An SVG can carry scripts, so it is not taken. Save it as PNG and choose that.")
        )
    try:
        facts = _read_png(content) or _read_jpeg(content) or _read_webp(content)
    except (struct.error, IndexError):
        facts = None
    if facts is None:
        raise PictureRefused(_("This is not a PNG, JPEG or WebP picture."))
    sane = 0 < facts.width <= SIDE_MAX and 0 < facts.height <= SIDE_MAX
    if not sane or facts.width * facts.height > PIXELS_MAX:
        raise PictureRefused(
            _("The picture has %(width)d × %(height)d pixels; the most are %(most)d a side, and 40 million.")
            % {"width": facts.width, "height": facts.height, "most": SIDE_MAX}
        )
    return facts


def draw_sizes(content: bytes) -> tuple[int, tuple[DrawnImage, ...]]:
    """The picture, upright, as WebP in each width that it fills, and once as JPEG; with its greatest width.

    Raises PictureRefused where the file is broken.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415  (heavy: every command would load it)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a picture that only warns of a bomb is refused, too
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
                picture = ImageOps.exif_transpose(opened)
                picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    except Exception:
        # Pillow answers a broken file, above all broken Exif, with whatever went wrong inside.
        raise PictureRefused(_("The picture is broken: it cannot be read to its end.")) from None
    widest = min(picture.width, WIDTHS[-1])
    return widest, tuple(_draw(picture, list_widths(widest)))


def list_widths(widest: int) -> tuple[int, ...]:
    """The widths in which a picture is kept whose greatest is that."""
    return (*(width for width in WIDTHS if width < widest), widest)


def _draw(picture: "Image.Image", widths: tuple[int, ...]) -> Iterator[DrawnImage]:
    from PIL import Image  # noqa: PLC0415  (as above)

    for width in widths:
        out = io.BytesIO()
        _resize(picture, width).save(out, "WEBP", quality=80, method=4)
        yield DrawnImage(width, "webp", out.getvalue())
    width = min(widths[-1], FALLBACK_WIDTH)
    fallback, out = _resize(picture, width), io.BytesIO()
    if fallback.mode == "RGBA":
        ground = Image.new("RGB", fallback.size, "white")
        ground.paste(fallback, mask=fallback)
        fallback = ground
    fallback.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    yield DrawnImage(width, "jpg", out.getvalue())


def _resize(picture: "Image.Image", width: int) -> "Image.Image":
    if width == picture.width:
        return picture
    from PIL import Image  # noqa: PLC0415  (as above)

    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _read_png(content: bytes) -> ImageFacts | None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return ImageFacts("png", width, height)


def _read_jpeg(content: bytes) -> ImageFacts | None:
    """Walk the segments up to the one that states the frame's size."""
    if not content.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF or marker in _JPEG_BARE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return ImageFacts("jpg", width, height)
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return None


def _read_webp(content: bytes) -> ImageFacts | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return None
    form = content[12:16]
    if form == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        height = int.from_bytes(content[27:30], "little") + 1
    elif form == b"VP8L":
        (bits,) = struct.unpack("<I", content[21:25])
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif form == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", content[26:30]))
    else:
        return None
    return ImageFacts("webp", width, height) if len(content) >= 30 else None
