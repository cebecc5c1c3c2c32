"""Telling what kind of picture some bytes are, and how large, from their headers alone. Pure."""

import struct
from dataclasses import dataclass

from regulars.catalogue.errors import PictureRefused

FOLDER = "rewards"
BYTES_MAX = 2 * 1024 * 1024
SIDE_MAX = 6_000
CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}

_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the headers say: the usual suffix of the format, and the size in pixels."""

    suffix: str
    width: int
    height: int


def recognise_image(content: bytes) -> ImageFacts:
    """The facts of a PNG, JPEG or WebP picture of sane size. Raises PictureRefused."""
    if len(content) > BYTES_MAX:
        raise PictureRefused(
            f"The picture has {len(content):,} bytes; {BYTES_MAX:,} are the most.", bytes=len(content)
        )
    try:
        facts = _read_png(content) or _read_jpeg(content) or _read_webp(content)
    except (struct.error, IndexError):
        facts = None
    if facts is None:
        raise PictureRefused("This is not a PNG, JPEG or WebP picture.")
    if not (0 < facts.width <= SIDE_MAX and 0 < facts.height <= SIDE_MAX):
        raise PictureRefused(
            f"A picture has 1 to {SIDE_MAX} pixels a side, not {facts.width} × {facts.height}."
        )
    return facts


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
