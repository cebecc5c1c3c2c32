"""What holds while an operator sees the store as a member does: nothing is written, whatever is asked.

Three times over: by the method of the request before any page is asked, by the gate that every page of the
store stands behind, and by the database, which the gate tells to refuse every write until the answer is made.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import loader

from regulars.members import facade as members

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# A member's own papers; making one is counted, so it writes.
CLOSED_PAGES = frozenset({"statement", "my_data"})


class RefuseWhileLooking:
    """Middleware: what would write in the store is refused by its method alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Go on; the page is judged when it is known which it is."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Any,  # noqa: ARG002  (Django's signature)
        args: Any,  # noqa: ARG002
        kwargs: Any,  # noqa: ARG002
    ) -> HttpResponseBase | None:
        """Refuse, or let the page answer."""
        match = request.resolver_match
        ours = match is not None and match.app_name == "store"
        if ours and request.method not in SAFE_METHODS and members.is_looking(request):
            return refuse_writing(request)
        return None


def is_open(request: HttpRequest) -> bool:
    """Whether somebody who only looks may have this: it writes nothing and is no paper of theirs."""
    match = request.resolver_match
    return request.method in SAFE_METHODS and (match is None or match.url_name not in CLOSED_PAGES)


def refuse_writing(request: HttpRequest) -> HttpResponse:
    """Say that nothing is changed while one only looks."""
    body = loader.render_to_string("store/errors/looking.html", {"brand": "", "shell": None}, request)
    return HttpResponse(body, status=403)


def read_only(stack: ExitStack) -> None:
    """Have the database refuse to write until the stack is left."""
    stack.enter_context(transaction.atomic())
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
