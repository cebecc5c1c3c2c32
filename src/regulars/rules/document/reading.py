"""TOML as plain values."""

import tomllib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

DOTS_A_LINE_MAX = 2_000
DEPTH_MAX = 30
"""Far deeper than any programme, and far from where copying or comparing it would run out of stack."""


def read_toml(text: str) -> dict[str, Any]:
    """The document as plain values, decimals exact. Raises ValueError; RecursionError where it is too deep.

    For a key of many parts Python's reader takes the square of their number: a line of nothing else would
    keep it busy for a minute, so such a line is not even begun.
    """
    if any(line.count(".") > DOTS_A_LINE_MAX for line in text.split("\n")):
        raise RecursionError("A line has more dots than a key may have parts.")
    data = tomllib.loads(text.removeprefix("\ufeff"), parse_float=Decimal)
    level: list[Any] = [data]
    for _depth in range(DEPTH_MAX):
        level = [inner for outer in level for inner in _parts(outer)]
    if level:
        raise RecursionError(f"Tables lie more than {DEPTH_MAX} deep in one another.")
    return data


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
