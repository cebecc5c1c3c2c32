"""A programme that is being worked on: the draft, and one change of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from regulars.kit.ids import ProgrammeVersion


@dataclass(frozen=True, slots=True)
class DraftInfo:
    """The draft as it is kept. `revision` grows with every change; `base` is the version it began from."""

    text: str
    base: ProgrammeVersion | None
    revision: int
    started_by: str
    started_at: datetime
    saved_by: str
    saved_at: datetime


class EditAction(StrEnum):
    """What a form does to a table."""

    CHANGE = "change"
    ADD = "add"
    REMOVE = "remove"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class DraftEdit:
    """One change of one table.

    `address` is `earn:bread`, `tier:gold`, `expiry` …, for ADD `earn` or `tier`. `values` are only the keys
    that change (None takes one away). `seen` is the fingerprint of the table that the form was opened on.
    """

    action: EditAction
    address: str
    values: Mapping[str, Any] = field(default_factory=dict)
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Worsening:
    """One promise that a document makes worse than another: `code` names a sentence, `params` fill it.

    `subject` is what it is about: `rule:bread`, `tier:gold`, or empty for the whole programme.
    """

    code: str
    subject: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
