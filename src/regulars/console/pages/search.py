"""The one search over everything that an operator may see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.activity import facade as activity
from regulars.catalogue import facade as catalogue
from regulars.console.desk import Desk
from regulars.console.pages.navigation import list_places
from regulars.design import facade as design
from regulars.identity import facade as identity
from regulars.identity.facade import Permission
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import MemberProfile
from regulars.redemption import facade as redemption

FOUND_MAX = 6
REACH = 50
LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found: its page, its name, and what tells it from others."""

    href: str
    title: str
    detail: str
    icon: str


@dataclass(frozen=True, slots=True)
class Section:
    """What was found of one kind; `more` is where all of it is to be seen, or empty."""

    key: str
    label: Promise
    hits: Sequence[Hit]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """All that was found, by kind."""

    text: str
    sections: Sequence[Section] = field(default=())

    @property
    def count(self) -> int:
        """How many in all."""
        return sum(len(section.hits) for section in self.sections)


def find_everything(desk: Desk, text: str) -> Found:
    """What the text may stand for, as far as the operator may see it. A constant number of queries.

    No text finds the pages alone. Every source is an index looked up: beginnings of what is known of
    members and of orders' numbers, codes and references as a whole; rewards are few and read by name.
    """
    text = " ".join(text.split())[:LENGTH_MAX].replace("\0", "")
    sections = [section for section in _sections(desk, text) if section.hits]
    return Found(text, sections)


def _sections(desk: Desk, text: str) -> Iterator[Section]:
    if text and identity.can(desk.operator, Permission.MEMBERS_VIEW):
        yield Section("codes", gettext_lazy("Codes"), list(_codes(text)))
        yield _members(text)
        yield Section("orders", gettext_lazy("Orders"), list(_orders(text)))
    if text and identity.can(desk.operator, Permission.CATALOGUE_MANAGE):
        yield Section("rewards", gettext_lazy("Rewards"), list(_rewards(desk, text)))
    yield Section("pages", gettext_lazy("Pages"), list(_pages(desk, text)))


def _members(text: str) -> Section:
    page = members.search_members(text, None, FOUND_MAX, reach=REACH)
    found = {profile.id: profile for profile in page.items}
    if text.isascii() and text.isdecimal() and len(text) < 19:
        found = members.get_profiles([MemberId(int(text))]) | found
    more = f"{reverse('console:members')}?{urlencode({'q': text})}" if page.next_cursor else ""
    return Section("members", gettext_lazy("Members"), [_member(one) for one in found.values()], more)


def _member(profile: MemberProfile) -> Hit:
    known = [profile.external_id, profile.email, profile.phone]
    told = " · ".join(part for part in known if part and part != profile.name)
    return Hit(reverse("console:member", args=[profile.id]), profile.name, told, "user-round")


def _orders(text: str) -> Iterator[Hit]:
    orders = activity.search_orders(text, FOUND_MAX)
    people = members.get_profiles({order.member_id for order in orders}) if orders else {}
    for order in orders:
        owner = people.get(order.member_id)
        told = " · ".join(
            part for part in (owner.name if owner else "", design.format_day(order.occurred_at)) if part
        )
        yield Hit(reverse("console:order", args=[order.id]), order.external_id, told, "shopping-basket")


def _codes(text: str) -> Iterator[Hit]:
    views = redemption.find_at_counter(text)
    people = members.get_profiles({view.member_id for view in views}) if views else {}
    for view in views:
        owner = people[view.member_id].name
        title = f"{view.reference} · {view.reward_name}"
        yield Hit(reverse("console:redemption", args=[view.id]), title, owner, "ticket")


def _rewards(desk: Desk, text: str) -> Iterator[Hit]:
    for offer in catalogue.list_offers(now=desk.now, search=text, size=FOUND_MAX).items:
        decided = offer.info.decided
        yield Hit(reverse("console:reward", args=[decided.code]), decided.name, decided.code, "gift")


def _pages(desk: Desk, text: str) -> Iterator[Hit]:
    wanted = text.casefold()
    for place in list_places(desk.operator):
        if wanted in str(place.label).casefold():
            yield Hit(reverse(place.view), str(place.label), _("Page"), place.icon)
