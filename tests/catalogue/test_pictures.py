"""Uploads are what their bytes say, and are served under the hash of those bytes."""

import struct
import zlib
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from regulars.catalogue.facade import (
    PictureNotFound,
    PictureRefused,
    PictureSource,
    read_picture,
    save_picture,
)
from regulars.catalogue.images import BYTES_MAX, recognise_image
from tests.catalogue.examples import NOW, OPERATOR


def png(width: int = 3, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\x00\x00\x00\x00" * 2))
        + chunk(b"IEND", b"")
    )


JPEG = (
    b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00" + bytes(9)
    + b"\xff\xff\xc2" + struct.pack(">HBHH", 11, 8, 40, 50) + bytes(6) + b"\xff\xd9"
)  # fmt: skip
WEBP_EXTENDED = (
    b"RIFF" + bytes(4) + b"WEBPVP8X" + bytes(8) + (99).to_bytes(3, "little") + (49).to_bytes(3, "little")
)
WEBP_LOSSLESS = (
    b"RIFF" + bytes(4) + b"WEBPVP8L" + bytes(4) + b"\x2f" + struct.pack("<I", 9 | 19 << 14) + bytes(5)
)
WEBP_LOSSY = b"RIFF" + bytes(4) + b"WEBPVP8 " + bytes(7) + b"\x9d\x01\x2a" + struct.pack("<HH", 30, 20)


@pytest.mark.parametrize(
    ("content", "suffix", "width", "height"),
    [
        (png(), "png", 3, 2),
        (JPEG, "jpg", 50, 40),
        (WEBP_EXTENDED, "webp", 100, 50),
        (WEBP_LOSSLESS, "webp", 10, 20),
        (WEBP_LOSSY, "webp", 30, 20),
    ],
)
def test_recognises_by_content(content: bytes, suffix: str, width: int, height: int) -> None:
    facts = recognise_image(content)
    assert (facts.suffix, facts.width, facts.height) == (suffix, width, height)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        b"GIF89a" + bytes(20),
        b"<html>",
        png()[:18],
        png(width=0),
        png(width=6_001),
        JPEG[:8],
        b"\xff\xd8\xff\xd9",
        b"RIFF....WEBPVP8Z" + bytes(30),
        WEBP_LOSSY[:27],
        png() + bytes(BYTES_MAX),
    ],
)
@pytest.mark.django_db
def test_refuses_what_is_no_sane_picture(content: bytes, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(PictureRefused):
        save_picture(actor=OPERATOR, now=NOW, content=content, alt="x")
    assert not list(tmp_path.rglob("*"))


@pytest.mark.django_db
def test_stores_once_and_reads_back(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    picture = save_picture(actor=OPERATOR, now=NOW, content=png(), alt=" A dot ")
    assert (picture.source, picture.alt) == (PictureSource.MEDIA, "A dot")
    assert save_picture(actor=OPERATOR, now=NOW, content=png(), alt="again").name == picture.name
    assert [path.name for path in tmp_path.rglob("*.*")] == [picture.name]
    found = read_picture(picture.name)
    assert (found.content_type, found.content) == ("image/png", png())


@pytest.mark.parametrize(
    "name", ["", "../secret_key", "a" * 64 + ".png", "a" * 64 + ".svg", "A" * 64 + ".png"]
)
def test_reads_nothing_else(name: str, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(PictureNotFound):
        read_picture(name)
