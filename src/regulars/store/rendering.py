"""From a view's findings to a response."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from regulars.store.visits import MemberVisit, StoreRequest, Visit, describe_shell


def show(
    request: StoreRequest,
    visit: Visit | MemberVisit,
    template: str,
    *,
    points: int = 0,
    active: str = "",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page, or a part of one, inside what every page knows.

    `points` is the balance in the header, `active` the entry of the navigation that is on.
    """
    shown = describe_shell(visit, points) | {"active": active} | context
    return render(request, f"store/{template}", shown, status=status)
