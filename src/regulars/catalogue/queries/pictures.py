"""Reads of uploaded pictures."""

import re
from pathlib import Path

from django.conf import settings

from regulars.catalogue.errors import PictureNotFound
from regulars.catalogue.images import CONTENT_TYPES, FALLBACK_WIDTH, FOLDER, list_widths
from regulars.catalogue.types import PictureFile

# Without a width: stored before there were sizes.
_NAME = re.compile(r"([0-9a-f]{64})(?:-(\d{1,4}))?\.(png|jpg|webp)")


def read_picture(name: str) -> PictureFile:
    """An uploaded picture by the name that `save_picture` gave it. Raises PictureNotFound.

    The name is a hash and the content never changes: serve it as immutable, with `nosniff`.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise PictureNotFound("There is no such picture.")
    try:
        content = (Path(settings.MEDIA_ROOT) / FOLDER / name).read_bytes()
    except FileNotFoundError as error:
        raise PictureNotFound("There is no such picture.") from error
    return PictureFile(CONTENT_TYPES[match[3]], content)


def list_sizes(name: str) -> tuple[tuple[int, str], ...]:
    """Width and name of each size of an uploaded picture, the smallest first; none for one without sizes."""
    match = _NAME.fullmatch(name)
    if match is None or match[2] is None:
        return ()
    return tuple((width, f"{match[1]}-{width}.webp") for width in list_widths(int(match[2])))


def find_fallback(name: str) -> str:
    """The name of an uploaded picture for readers that know no WebP: the JPEG beside it, or itself."""
    match = _NAME.fullmatch(name)
    if match is None or match[2] is None:
        return name
    return f"{match[1]}-{min(int(match[2]), FALLBACK_WIDTH)}.jpg"
