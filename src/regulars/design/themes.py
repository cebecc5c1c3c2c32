"""Light, dark, or as the system has it: kept in a cookie, so that the first byte already knows."""

from django.http import HttpRequest

COOKIE = "theme"
THEMES = ("light", "dark")


def read_theme(request: HttpRequest) -> str:
    """What the reader chose: `light`, `dark`, or an empty string."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in THEMES else ""
