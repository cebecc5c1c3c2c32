"""Turning the pages of a list: `after` a row, or `before` one."""

from django.http import HttpRequest


def read_turn(request: HttpRequest) -> tuple[str | None, bool]:
    """The cursor that an address names, None for the first page, and whether it is read backwards."""
    before = request.GET.get("before")
    return (before, True) if before else (request.GET.get("after") or None, False)
