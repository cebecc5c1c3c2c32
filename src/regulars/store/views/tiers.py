"""Status, explained and in person."""

from django.http import Http404, HttpResponse

from regulars.ledger import facade as ledger
from regulars.store.pages.tiers import load_tiers
from regulars.store.rendering import show
from regulars.store.visits import MemberVisit, StoreRequest, for_members


@for_members
def status(request: StoreRequest, visit: MemberVisit) -> HttpResponse:
    """What each step gives, and where the member stands. A programme without steps has no such page."""
    page = load_tiers(visit)
    if not page.steps:
        raise Http404
    points = ledger.get_balance(visit.member_id, visit.now).active
    return show(request, visit, "tiers.html", page=page, points=points, active="tiers")
