"""Pictures of rewards."""

from dataclasses import dataclass
from enum import StrEnum


class PictureSource(StrEnum):
    """Where a picture lives: a built-in illustration, a static file, or an upload."""

    BUILTIN = "builtin"
    STATIC = "static"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to show: `name` is an illustration's key, a static path or an upload's name."""

    source: PictureSource
    name: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """An uploaded picture as it is served."""

    content_type: str
    content: bytes
