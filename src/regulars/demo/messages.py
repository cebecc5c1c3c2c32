"""What goes between the two processes that load: plain values, so that this needs no Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Task:
    """What a process must know to load a share: which one, from where, into which database."""

    number: int
    of: int
    folder: Path
    weeks_moved: int
    currency: str
    now: datetime
    redemptions_a_week: int
    database: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, in words that fit through a pipe."""

    what: str
