"""Naming a table of a document so that it is found again after others were moved: `earn:bread`, `expiry`."""

import hashlib
from collections.abc import Mapping
from typing import Any

from regulars.rules.document.positions import Path

LISTS: Mapping[str, tuple[Path, str]] = {"earn": (("earn",), "id"), "tier": (("tiers", "tier"), "code")}
"""The lists by the first word of an address, and the key that names an item."""


def find_path(data: Mapping[str, Any], address: str) -> Path | None:
    """Where a table stands. None where it is not there, or where two go by that name.

    A table of the whole programme, such as `expiry`, has a place whether or not it is written yet.
    """
    head, _colon, name = address.partition(":")
    if head not in LISTS:
        return (head,)
    path, key = LISTS[head]
    found = [place for place, item in enumerate(list_tables(data, head)) if item.get(key) == name]
    return (*path, found[0]) if len(found) == 1 and name else None


def list_tables(data: Mapping[str, Any], head: str) -> list[Mapping[str, Any]]:
    """The tables of a list, `earn` or `tier`, as they stand in the document."""
    found: Any = data
    for part in LISTS[head][0]:
        found = found.get(part) if isinstance(found, Mapping) else None
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def table_at(data: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """The table at a path; empty where there is none."""
    found: Any = data
    for part in path:
        found = found[part] if isinstance(part, int) else found.get(part, {})
    return found if isinstance(found, Mapping) else {}


def fingerprint(table: Mapping[str, Any]) -> str:
    """What tells whether a table has changed since a form was opened on it."""
    return hashlib.sha256(repr(_sorted(table)).encode()).hexdigest()[:16]


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return sorted((key, _sorted(item)) for key, item in value.items())
    return [_sorted(item) for item in value] if isinstance(value, list) else str(value)
