"""The reader's language: which there are, and how the choice is kept in a cookie."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse

# What stands on the switch: a short sign that is part of the language's own name.
_SIGNS = {"en": "EN", "ru": "РУ", "zh-hans": "中文"}


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the pages speak: its code, its own name, and a sign for a small switch."""

    code: str
    name: str
    sign: str


def list_languages() -> tuple[Language, ...]:
    """Every language, in the order of the settings."""
    return tuple(Language(code, name, _SIGNS.get(code, name)) for code, name in settings.LANGUAGES)


def is_known_language(code: str) -> bool:
    """Whether the pages speak it."""
    return any(code == known for known, _name in settings.LANGUAGES)


def keep_language(response: HttpResponse, code: str) -> None:
    """Remember the choice in this browser. Anything unknown means: as the browser asks."""
    if is_known_language(code):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
