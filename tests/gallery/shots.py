"""What a picture of the gallery is: a page, who looks at it, and what they did there first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from playwright.sync_api import Page

VARIANTS = [("desktop", "light"), ("phone", "light"), ("desktop", "dark"), ("phone", "dark")]
Scene = Mapping[str, str]
"""The numbers and codes of the demonstration that addresses are filled with, by name."""


class Who(StrEnum):
    """Whose session the browser has."""

    STRANGER = "stranger"
    MEMBER = "member"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Shot:
    """One page, photographed in every variant.

    A `minor` one is walked through in both sizes and shown in one scheme each, to keep the repository small.
    `address` is filled with the scene, as `str.format` does. `view` names the page in the URL configuration;
    where the picture shows a dialog of another page, `on` names the page below it. `act` is what one does on
    the page before the picture, `look_at` what is scrolled to the top.
    """

    name: str
    view: str
    address: str
    caption: str
    act: Callable[[Page, Scene], None] | None = None
    look_at: str = ""
    on: str = ""
    who: Who | None = None
    minor: bool = False

    def list_variants(self) -> list[tuple[str, str]]:
        """Size and scheme of its pictures, as they are shown: a row of each."""
        return [("desktop", "light"), ("phone", "dark")] if self.minor else VARIANTS


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together, under one heading of the gallery."""

    name: str
    title: str
    words: str
    who: Who
    shots: tuple[Shot, ...]

    def whose(self, shot: Shot) -> Who:
        """Who looks at this one."""
        return shot.who or self.who
