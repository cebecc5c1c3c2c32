"""Codes and the pools they are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CodeState(StrEnum):
    """How far a code has come. What a member has seen is never free again."""

    FREE = "free"
    CLAIMED = "claimed"
    REVEALED = "revealed"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class CodeImport:
    """What an import of codes did: how many are new, how many were there before."""

    added: int
    repeated: int


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line of a sheet of codes that was left out. `code` is masked; `fault` says why, where it is bad."""

    number: int
    code: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class CodeSheet:
    """A sheet of codes as read: the good ones in order with their line numbers, and what was left out.

    `twice` stood further up in the sheet already.
    """

    codes: Mapping[str, int]
    twice: tuple[CodeLine, ...]
    bad: tuple[CodeLine, ...]


@dataclass(frozen=True, slots=True)
class SheetImport:
    """What became of a sheet: how many codes are new, and which lines were left out, each with its reason."""

    added: int
    known: tuple[CodeLine, ...]
    twice: tuple[CodeLine, ...]
    bad: tuple[CodeLine, ...]


@dataclass(frozen=True, slots=True)
class MaskedCode:
    """A code of a pool as operators may see it: the end of it, and how far it has come."""

    id: int
    masked: str
    state: CodeState
    claimed_at: datetime | None
    revealed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PoolStock:
    """A pool of codes and what is free in it; warned of below `alert_below`, 0 meaning never."""

    code: str
    name: str
    free: int
    alert_below: int

    @property
    def runs_low(self) -> bool:
        """Whether it is time to add codes."""
        return self.free < self.alert_below


@dataclass(frozen=True, slots=True)
class PoolInfo:
    """A pool of codes by numbers; the codes themselves are never listed.

    `alert_below`: operators are warned when fewer than that are free; 0 means never.
    """

    code: str
    name: str
    free: int
    claimed: int
    revealed: int
    void: int
    alert_below: int = 0

    @property
    def runs_low(self) -> bool:
        """Whether it is time to add codes."""
        return self.free < self.alert_below

    @property
    def total(self) -> int:
        """How many there ever were."""
        return self.free + self.claimed + self.revealed + self.void
