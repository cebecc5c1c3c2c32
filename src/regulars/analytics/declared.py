"""What a room above has declared: how to learn the outline of the programme, which a check-up looks at."""

from collections.abc import Callable
from datetime import datetime

from regulars.analytics.types import ProgrammeOutline

_find_outline: list[Callable[[datetime], ProgrammeOutline | None]] = []


def register_programme(find: Callable[[datetime], ProgrammeOutline | None]) -> None:
    """Declare how to learn the programme's outline at an instant. Called as a room becomes ready."""
    _find_outline[:] = [find]


def find_outline(now: datetime) -> ProgrammeOutline | None:
    """The outline of the programme in force; None where there is none, or nobody says."""
    return next((find(now) for find in _find_outline), None)
