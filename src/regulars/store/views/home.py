"""The first page: a member's home, or a welcome to everyone else."""

from dataclasses import dataclass

from django.http import HttpResponse

from regulars.catalogue import facade as catalogue
from regulars.design.facade import ProductShelf
from regulars.members import facade as members
from regulars.redemption import facade as redemption
from regulars.rules import facade as rules
from regulars.store.pages.examples import Example, list_examples
from regulars.store.pages.for_you import load_for_strangers
from regulars.store.pages.home import TILES, WAYS, load_home
from regulars.store.pages.programme import list_ways
from regulars.store.rendering import show
from regulars.store.visits import MemberVisit, StoreRequest, Visit, for_everyone, is_demo


@dataclass(frozen=True, slots=True)
class WelcomePage:
    """What a stranger sees first."""

    ways_to_earn: tuple[str, ...]
    tiles: tuple[catalogue.RewardView, ...]
    examples: tuple[Example, ...]
    may_join: bool
    shelf: ProductShelf | None


@for_everyone
def home(request: StoreRequest, visit: Visit) -> HttpResponse:
    """Points, what they can be had for, and where they came from."""
    if visit.programme is None:
        return show(request, visit, "closed.html")
    if visit.member is None:
        return _welcome(request, visit, visit.programme)
    page = load_home(MemberVisit(visit.now, visit.programme, visit.member))
    return show(request, visit, "home.html", page=page, points=page.balance.active, active="home")


def _welcome(request: StoreRequest, visit: Visit, programme: rules.Programme) -> HttpResponse:
    viewer = redemption.load_viewer(member_id=None, programme=programme, now=visit.now)
    page = WelcomePage(
        ways_to_earn=list_ways(programme, WAYS),
        tiles=catalogue.list_rewards(viewer=viewer, size=TILES).items,
        examples=list_examples(programme, visit.now) if is_demo() else (),
        may_join=members.is_registration_open(),
        shelf=load_for_strangers(visit.now, programme),
    )
    return show(request, visit, "welcome.html", page=page)
