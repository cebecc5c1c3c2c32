"""What crosses the door of design: a shop's brand and what is said about its colours."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from regulars.kit.actor import Actor


class BrandDeed(StrEnum):
    """How a version of the brand came about."""

    SAVED = "saved"
    RESTORED = "restored"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class LogoInfo:
    """A logo without its bytes: the SHA-256 of its PNG in hexadecimal, and its size in pixels."""

    digest: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Brand:
    """How a shop presents itself. What is empty is ours: name of the programme, colours of the house.

    Colours are `#rrggbb`; `version` is 0 where nothing was ever saved.
    """

    version: int = 0
    name: str = ""
    main: str = ""
    accent: str = ""
    logo: LogoInfo | None = None


@dataclass(frozen=True, slots=True)
class BrandVersion:
    """A brand as it was saved: by whom, when, and how it came about."""

    brand: Brand
    deed: BrandDeed
    actor: Actor
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class ColourFault:
    """Why a colour will not do: for `main` or `accent`, in a sentence, with a near one that will."""

    field: str
    sentence: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it goes out: PNG bytes."""

    content: bytes
    width: int
    height: int
