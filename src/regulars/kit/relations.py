"""What may be asked of a room: plain values in which it declares its rows, without handing out its models.

A room says which of its tables hold something about members, which columns mean what, and how to tell what
was written lately. Whoever asks builds statements out of these texts and parameters, and knows no more.
Texts are SQL written by the room, never by a user. Where they mention today or the shop's time zone they say
`%(today)s` and `%(zone)s`; a literal percent sign is doubled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class ValueKind(StrEnum):
    """What a value is, and so what it can be compared with."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    TEXTS = "texts"
    """Several texts at once, such as the path of categories."""


class Unit(StrEnum):
    """In what a number is counted. Money is in minor units of the programme's currency."""

    PLAIN = "plain"
    MONEY = "money"
    POINTS = "points"
    DAYS = "days"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a relation. `join` is joined to its source only where the column is named."""

    name: str
    kind: ValueKind
    sql: str
    label: "_StrOrPromise"
    join: str = ""
    unit: Unit = Unit.PLAIN


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows about members in time: what happened, or with `ahead` what will. Times are timestamptz.

    `member` and `occurred_at` are expressions over `source`, a FROM clause; `where` is always asked.
    `watches` names what tells that rows were written; `stamps` what changes many rows at once.
    """

    name: str
    label: "_StrOrPromise"
    source: str
    member: str
    occurred_at: str
    columns: tuple[Column, ...] = ()
    where: str = ""
    watches: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Trait:
    """One value of a member, or none. Without a `source` it is of the members themselves (`m`).

    `source` is a FROM clause with at most one row a member, `member` the column that says whose. `choices`
    are the values there are, where they are few. `absent` is the value of members without a row; without it
    it is not known. A trait that `is_daily` changes by the calendar alone.

    With `gathers` the source has many rows of a member, and `sql` is an aggregate over those that `where`
    leaves: rows of whoever was merged into the member count as theirs.
    """

    name: str
    label: "_StrOrPromise"
    kind: ValueKind
    sql: str
    source: str = ""
    member: str = ""
    unit: Unit = Unit.PLAIN
    choices: "tuple[tuple[str, _StrOrPromise], ...]" = ()
    watches: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    absent: str = ""
    is_daily: bool = False
    gathers: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """How to read about whom something was written: rows of (member id, what names the row).

    With a `top`, which asks for the highest number given out so far, `sql` reads numbers above `%(above)s`.
    Without, it reads what was recorded after `%(after)s`, by the clock of whoever wrote it. Either way rows
    may be committed late: see `segments/operations/following.py` for how far one must look back.
    """

    name: str
    sql: str
    top: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """One text that changes when values of very many members may have: prices, a refresh of measures.

    One that `is_quick` to ask is asked every few seconds, others every minute.
    """

    name: str
    sql: str
    is_quick: bool = False


@dataclass(frozen=True, slots=True)
class ShopValue:
    """One number of the whole shop, or none: asked once for each statement that uses it."""

    name: str
    label: "_StrOrPromise"
    sql: str
    unit: Unit = Unit.PLAIN
    stamps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """All that may be asked of a room."""

    relations: tuple[Relation, ...] = ()
    traits: tuple[Trait, ...] = ()
    watches: tuple[Watch, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    shop_values: tuple[ShopValue, ...] = ()
