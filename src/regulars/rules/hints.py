"""Suggesting the word that someone probably meant."""

import difflib
from collections.abc import Iterable

from django.utils.translation import gettext as _


def did_you_mean(value: str, words: Iterable[str]) -> str:
    """A hint such as ` (did you mean "points"?)`, or nothing where no word is near."""
    near = difflib.get_close_matches(value, list(words), n=1, cutoff=0.6)
    return _(" (did you mean %(word)s?)") % {"word": quoted(near[0])} if near else ""


def quoted(text: str) -> str:
    """A text in quotes, cut where it is long."""
    return f'"{text[:40]}…"' if len(text) > 40 else f'"{text}"'
