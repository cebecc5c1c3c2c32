"""What rooms have declared: extracts, columns added to them, and whose day it is."""

from collections.abc import Callable
from datetime import datetime

from regulars.facts.errors import ExtractsIncomplete
from regulars.facts.schemas import SCHEMAS
from regulars.facts.types import Addition, Extract

_extracts: dict[str, Extract] = {}
_additions: list[Addition] = []
_followers: list[str] = []
_find_time_zone: list[Callable[[datetime], str]] = []
FALLBACK_ZONE = "UTC"


def register_extract(extract: Extract) -> None:
    """Declare where the rows of a table come from. Rooms call this as their app becomes ready."""
    schema = SCHEMAS[extract.table]
    unknown = set(extract.columns) - {column.name for column in schema.columns}
    if unknown:
        raise ValueError(f"{extract.table} has no {sorted(unknown)}")
    _extracts[extract.table] = extract


def register_addition(addition: Addition) -> None:
    """Add a column to a table whose extract another room declares."""
    _additions.append(addition)


def register_follower(task: str) -> None:
    """Have a job of this name done after each sync that brought something. It is handed a `timestamp`."""
    if task not in _followers:
        _followers.append(task)


def list_followers() -> list[str]:
    """The jobs that follow a sync."""
    return list(_followers)


def register_time_zone(find: Callable[[datetime], str]) -> None:
    """Declare how to learn the shop's time zone at an instant; an empty name says that it has none yet."""
    _find_time_zone[:] = [find]


def find_time_zone(now: datetime) -> str:
    """The shop's time zone, UTC where it has none yet."""
    return next((find(now) for find in _find_time_zone), "") or FALLBACK_ZONE


def list_extracts() -> list[Extract]:
    """All extracts with their additions, in the order of the schemas. Raises ExtractsIncomplete."""
    missing = [name for name in SCHEMAS if name not in _extracts]
    if missing:
        raise ExtractsIncomplete(f"No room says where these facts come from: {', '.join(missing)}.")
    return [_add_to(_extracts[name]) for name in SCHEMAS]


def _add_to(extract: Extract) -> Extract:
    added = [addition for addition in _additions if addition.table == extract.table]
    return Extract(
        table=extract.table,
        source=" ".join([extract.source, *(addition.join for addition in added)]),
        columns={**extract.columns, **{addition.column: addition.sql for addition in added}},
        written=(*extract.written, *(addition.written for addition in added)),
        owner=extract.owner,
        rewritten=extract.rewritten,
    )
