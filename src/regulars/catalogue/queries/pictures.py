"""Reads of uploaded pictures."""

import re
from pathlib import Path

from django.conf import settings

from regulars.catalogue.errors import PictureNotFound
from regulars.catalogue.images import CONTENT_TYPES, FOLDER
from regulars.catalogue.types import PictureFile

_NAME = re.compile(r"[0-9a-f]{64}\.(png|jpg|webp)")


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
    return PictureFile(CONTENT_TYPES[match[1]], content)
