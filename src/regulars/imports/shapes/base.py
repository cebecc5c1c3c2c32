"""What every shape is made of: fields, parsed rows, verdicts."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from regulars.imports import cells
from regulars.imports.errors import CellInvalid
from regulars.kit.actor import Actor
from regulars.kit.money import minor_digits


@dataclass(frozen=True, slots=True)
class Context:
    """What all rows share. `currency` is the programme's, `zone` that of times without an offset."""

    actor: Actor
    now: datetime
    currency: str
    zone: ZoneInfo
    decimal_comma: bool
    create_members: bool

    def read_amount(self, value: Any) -> int:
        """An amount in the programme's currency as minor units."""
        return cells.read_amount(value, minor_digits(self.currency), decimal_comma=self.decimal_comma)

    def read_instant(self, value: Any) -> datetime:
        """A moment; without an offset in the zone of the import."""
        return cells.read_instant(value, self.zone)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a row may say. `other_names` are columns that stand for it where none has its name."""

    name: str
    read: Callable[[Any], Any]
    required: bool = False
    other_names: tuple[str, ...] = ()


class VerdictStatus(StrEnum):
    """What became of one order, member and so on."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one item, why where it was rejected, and what points it moved."""

    status: VerdictStatus
    reason: str = ""
    points: int = 0


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row's values by field; fields that say nothing are left out."""

    line: int
    values: Mapping[str, Any]

    @property
    def attributes(self) -> dict[str, Any]:
        """The values of the fields `attributes.…`, by their bare names."""
        prefix = "attributes."
        return {name[len(prefix) :]: value for name, value in self.values.items() if name.startswith(prefix)}


class ItemInvalid(ValueError):
    """Rows that are sound one by one make no sound whole; the text says why."""


class Shape(Protocol):
    """The rows of one kind of file."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """What a row may say."""
        ...

    key: str
    """The field that names the item; rows of one key, standing together, are one item where `grouped`."""
    grouped: bool
    has_attributes: bool
    remembers_keys: bool
    """Whether the file's own repeats must be found here, because saving again would simply overwrite."""
    members_created: int

    def build(self, rows: Sequence[ParsedRow]) -> Any:
        """The item that rows make. Raises ItemInvalid."""
        ...

    def submit(self, items: Sequence[Any]) -> list[Verdict]:
        """Hand the items to their operation: one verdict each, in their order."""
        ...


def agree(rows: Sequence[ParsedRow], names: Sequence[str]) -> dict[str, Any]:
    """What rows of one item say alike. Raises ItemInvalid where they differ."""
    first = rows[0]
    for row in rows[1:]:
        for name in names:
            if row.values.get(name) != first.values.get(name):
                raise ItemInvalid(f"{name} differs from that of line {first.line}, of the same {names[0]}")
    return {name: first.values.get(name) for name in names}


def read_word(value: Any) -> str:
    """Text as it is used for keys and short words."""
    return cells.read_text(value)


def read_member_id(value: Any) -> str:
    """A shop's own id of a member, in the Unicode form in which members are kept."""
    return unicodedata.normalize("NFC", cells.read_text(value))


def read_choice(choices: Mapping[str, Any]) -> Callable[[Any], Any]:
    """A reader of one of several words."""

    def read(value: Any) -> Any:
        word = cells.read_text(value).lower().replace("-", "_").replace(" ", "_")
        if word not in choices:
            raise CellInvalid(f"is none of {', '.join(choices)}: {cells.show(value)}")
        return choices[word]

    return read
