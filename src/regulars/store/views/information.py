"""Pages that explain: the programme, and in a demonstration the data."""

from django.http import Http404, HttpResponse

from regulars.ledger import facade as ledger
from regulars.store.pages.programme import describe_programme
from regulars.store.rendering import show
from regulars.store.visits import StoreRequest, Visit, for_everyone, is_demo


@for_everyone
def how_it_works(request: StoreRequest, visit: Visit) -> HttpResponse:
    """The programme in plain words."""
    if visit.programme is None:
        return show(request, visit, "closed.html")
    page = describe_programme(visit.programme)
    return show(
        request, visit, "how_it_works.html", page=page, points=_count_points(visit), active="how_it_works"
    )


@for_everyone
def about_the_data(request: StoreRequest, visit: Visit) -> HttpResponse:
    """Where the demonstration's data come from."""
    if not is_demo():
        raise Http404
    return show(request, visit, "about_the_data.html", points=_count_points(visit))


def _count_points(visit: Visit) -> int:
    return ledger.get_balance(visit.member.id, visit.now).active if visit.member else 0
