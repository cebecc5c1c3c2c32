"""Where one can go in the console: the pages, in groups, each with what it takes to open it.

A new room adds a line. `primary` pages stand in the bar at the foot of a phone, four of them at most. Pages
that are not `listed` are reached from another page of their group, and by the search.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Permission

PRIMARY_MAX = 4


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the console. `key` is what the page passes as `active`; `icon` stands in icons.txt."""

    key: str
    label: Promise
    icon: str
    view: str
    permission: Permission
    primary: bool = False
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together, under a heading."""

    key: str
    label: Promise
    places: tuple[Place, ...]


GROUPS = (
    Group(
        "people",
        _("Customers"),
        (
            Place("members", _("Members"), "users", "console:members", Permission.MEMBERS_VIEW, primary=True),
            Place(
                "redemptions",
                _("Redemptions"),
                "ticket",
                "console:all_redemptions",
                Permission.MEMBERS_VIEW,
                primary=True,
            ),
        ),
    ),
    Group(
        "insights",
        _("Insights"),
        (
            Place(
                "insights",
                pgettext_lazy("insights", "Overview"),
                "chart-no-axes-combined",
                "console:insights",
                Permission.INSIGHTS_VIEW,
            ),
            *(
                Place("insights", label, "chart-line", view, Permission.INSIGHTS_VIEW, listed=False)
                for label, view in (
                    (_("Retention"), "console:insights_retention"),
                    (pgettext_lazy("insights", "Value"), "console:insights_value"),
                    (_("Points"), "console:insights_points"),
                    (_("Check-up"), "console:insights_check_up"),
                    (_("Lifestyles"), "console:lifestyles"),
                )
            ),
            Place("segments", _("Segments"), "blend", "console:segments", Permission.SEGMENTS_VIEW),
            Place(
                "recommendations",
                _("Recommendations"),
                "sparkles",
                "console:recommendations",
                Permission.INSIGHTS_VIEW,
            ),
        ),
    ),
    Group(
        "counter",
        _("Counter"),
        (
            Place(
                "fulfilment",
                _("Fulfilment"),
                "package-check",
                "console:fulfilment",
                Permission.REDEMPTIONS_MANAGE,
                primary=True,
            ),
        ),
    ),
    Group(
        "offer",
        pgettext_lazy("what members are offered", "Offer"),
        (
            Place("rewards", _("Rewards"), "gift", "console:rewards", Permission.CATALOGUE_MANAGE),
            Place(
                "programme",
                _("Programme"),
                "scroll-text",
                "console:programme",
                Permission.PROGRAMME_VIEW,
                primary=True,
            ),
        ),
    ),
    Group(
        "books",
        _("Books"),
        (
            Place("finance", _("Finance"), "scale", "console:finance", Permission.FINANCE_VIEW, primary=True),
            Place(
                "trail", _("Audit trail"), "footprints", "console:trail", Permission.TRAIL_VIEW, primary=True
            ),
        ),
    ),
    Group(
        "setup",
        _("Set up"),
        (
            Place("brand", _("Brand"), "palette", "console:brand", Permission.BRAND_MANAGE),
            Place("team", _("Team"), "contact-round", "console:team", Permission.OPERATORS_MANAGE),
            Place("keys", _("API keys"), "key-round", "console:keys", Permission.API_KEYS_MANAGE),
            Place("widget", _("Widget"), "app-window", "console:widget", Permission.API_KEYS_MANAGE),
        ),
    ),
)


def list_groups(operator: OperatorInfo) -> list[Group]:
    """What this operator may open, without empty groups."""
    return [
        Group(group.key, group.label, tuple(place for place in group.places if place.listed))
        for group in _open_groups(operator)
    ]


def list_places(operator: OperatorInfo) -> list[Place]:
    """The same in one row, with what is not listed."""
    return [place for group in _open_groups(operator) for place in group.places]


def list_primary(operator: OperatorInfo) -> list[Place]:
    """What a phone shows without a menu."""
    return [place for place in list_places(operator) if place.primary][:PRIMARY_MAX]


def _open_groups(operator: OperatorInfo) -> Iterator[Group]:
    for group in GROUPS:
        places = tuple(place for place in group.places if identity.can(operator, place.permission))
        if places:
            yield Group(group.key, group.label, places)


def find_place(operator: OperatorInfo, path: str) -> Place | None:
    """The page of the navigation that an address belongs to, for the way back; None where it is itself."""
    places = [place for group in list_groups(operator) for place in group.places]
    near = [place for place in places if path.startswith(_begin(place)) and path != reverse(place.view)]
    return max(near, key=lambda place: len(_begin(place)), default=None)


def _begin(place: Place) -> str:
    """How addresses below it begin: those of one thing drop the plural."""
    return reverse(place.view).removesuffix("/").removesuffix("s")
