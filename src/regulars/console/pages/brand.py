"""What the page about the brand shows: colours under trial, and the versions there were."""

from collections.abc import Mapping
from dataclasses import dataclass

from regulars.console.desk import Desk
from regulars.console.pages.people import Named, name_actors
from regulars.design import facade as design


@dataclass(frozen=True, slots=True)
class Trial:
    """A name and two colours under trial. `style_href` is empty where the colours cannot be shown."""

    name: str
    style_href: str
    faults: tuple[design.ColourFault, ...]

    @property
    def style_id(self) -> str:
        """The same for the same colours, so that a style sheet that is there is not fetched again."""
        return "trial-" + self.style_href.rpartition("/")[2].partition(".")[0]


@dataclass(frozen=True, slots=True)
class PastBrand:
    """One version in the list, and who made it."""

    version: design.BrandVersion
    who: Named
    shown: design.ShownBrand


def read_trial(desk: Desk, told: Mapping[str, str]) -> Trial:
    """Judge two colours. A colour that cannot be read is still shown, so that one sees why."""
    main, accent = told.get("main", "").strip().lower(), told.get("accent", "").strip().lower()
    faults = design.judge_colours(main, accent)
    shown = [design.read_colour(colour) for colour in (main, accent)]
    href = design.preview_href(shown[0], shown[1]) if shown[0] and shown[1] else ""
    return Trial(told.get("name", "").strip()[: design.NAME_LENGTH_MAX] or desk.brand, href, faults)


def read_history(size: int) -> tuple[PastBrand, ...]:
    """The last versions with the names of those who made them, latest first."""
    versions = design.list_brand_versions(size=size)
    names = name_actors(version.actor for version in versions)
    return tuple(
        PastBrand(version, names[version.actor], design.show_brand(version.brand)) for version in versions
    )
