"""Uploads are what their bytes say, and are served under the hash of those bytes."""

import io
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_django.fixtures import Settings

from regulars.catalogue.facade import (
    PictureNotFound,
    PictureRefused,
    PictureSource,
    find_fallback,
    list_sizes,
    read_picture,
    save_picture,
)
from regulars.catalogue.images import BYTES_MAX, draw_sizes, recognise_image
from regulars.catalogue.operations.pictures import _store
from regulars.design.facade import LogoRefused
from regulars.design.logos import read_logo
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
        png(width=8_001),
        png(width=7_000, height=7_000),
        JPEG,
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


def photograph(width: int, height: int, mode: str = "RGB", form: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), (200, 120, 40, 255)[: len(mode)]).save(out, form, **options)
    return out.getvalue()


def read(name: str) -> Image.Image:
    return Image.open(io.BytesIO(read_picture(name).content))


@pytest.mark.django_db
def test_stores_once_in_every_size_that_it_fills(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    content = photograph(900, 600)
    picture = save_picture(actor=OPERATOR, now=NOW, content=content, alt=" A dot ")
    assert (picture.source, picture.alt) == (PictureSource.MEDIA, "A dot")
    assert save_picture(actor=OPERATOR, now=NOW, content=content, alt="again").name == picture.name
    sizes = list_sizes(picture.name)
    assert [width for width, _name in sizes] == [320, 640, 900]
    assert sizes[-1][1] == picture.name
    for width, name in sizes:
        assert (read(name).format, read(name).size) == ("WEBP", (width, round(width * 2 / 3)))
        assert read_picture(name).content_type == "image/webp"
    fallback = find_fallback(picture.name)
    assert (read(fallback).format, read(fallback).width) == ("JPEG", 640)
    stored = {path.name for path in tmp_path.rglob("*.*")}
    assert stored == {fallback, *(name for _width, name in sizes)}


@pytest.mark.django_db
def test_what_else_a_file_held_is_left_behind(settings: Settings, tmp_path: Path) -> None:
    """A photograph lies on its side, and says where it was taken: it is stood up, and says nothing."""
    settings.MEDIA_ROOT = tmp_path
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "at home, 12 Elm Street"
    content = photograph(800, 400, exif=exif)
    assert b"Elm Street" in content
    picture = save_picture(actor=OPERATOR, now=NOW, content=content, alt="")
    assert read(picture.name).size == (400, 800)
    assert not any(b"Elm Street" in path.read_bytes() for path in tmp_path.rglob("*.*"))


@pytest.mark.django_db
def test_a_transparent_picture_stays_so_but_for_its_jpeg(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    out = io.BytesIO()
    clear.save(out, "PNG")
    picture = save_picture(actor=OPERATOR, now=NOW, content=out.getvalue(), alt="")
    assert read(picture.name).convert("RGBA").getpixel((50, 50))[3] == 0  # type: ignore[index]
    assert min(read(find_fallback(picture.name)).getpixel((50, 50))) > 250  # type: ignore[arg-type]


@pytest.mark.django_db
def test_half_a_photograph_is_refused(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    content = photograph(900, 600)
    with pytest.raises(PictureRefused, match="broken"):
        save_picture(actor=OPERATOR, now=NOW, content=content[: len(content) // 2], alt="x")
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("entry", [(0x0100, 2, b"a\x00\x00\x00"), (0x010E, 11, b"\x00\x00\xc0\x7f")])
def test_a_photograph_with_broken_exif_is_refused(entry: tuple[int, int, bytes]) -> None:
    """It lies on its side, so Pillow writes the Exif anew, and trips over a width in letters."""
    tag, kind, value = entry
    turned = struct.pack("<HHI", 0x0112, 3, 1) + b"\x06\x00\x00\x00"
    wrong = struct.pack("<HHI", tag, kind, 2 if kind == 2 else 1) + value
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x02\x00" + turned + wrong + bytes(4)
    content = photograph(40, 30, exif=exif)
    with pytest.raises(PictureRefused, match="broken"):
        draw_sizes(content)
    with pytest.raises(LogoRefused, match="not a PNG"):
        read_logo(content)


def test_two_threads_may_store_the_same_at_once(tmp_path: Path) -> None:
    """Each writes a file of its own before it takes the name: sharing one, the slower would find it gone."""
    target, ready = tmp_path / "same.webp", threading.Barrier(4)

    def store(round_: int) -> None:
        ready.wait()
        _store(tmp_path / f"{round_}-{target.name}", bytes(200_000))

    for round_ in range(40):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(store, [round_] * 4))
    assert len(list(tmp_path.iterdir())) == 40


def test_a_picture_from_before_there_were_sizes_has_none() -> None:
    old = "a" * 64 + ".png"
    assert list_sizes(old) == ()
    assert find_fallback(old) == old


@pytest.mark.parametrize(
    "name", ["", "../secret_key", "a" * 64 + ".png", "a" * 64 + ".svg", "A" * 64 + ".png"]
)
def test_reads_nothing_else(name: str, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(PictureNotFound):
        read_picture(name)
