"""TOML as plain values."""

import tomllib
from decimal import Decimal
from typing import Any

DOTS_A_LINE_MAX = 2_000


def read_toml(text: str) -> dict[str, Any]:
    """The document as plain values, decimals exact. Raises ValueError; RecursionError where it is too deep.

    For a key of many parts Python's reader takes the square of their number: a line of nothing else would
    keep it busy for a minute, so such a line is not even begun.
    """
    if any(line.count(".") > DOTS_A_LINE_MAX for line in text.split("\n")):
        raise RecursionError("A line has more dots than a key may have parts.")
    return tomllib.loads(text.removeprefix("\ufeff"), parse_float=Decimal)
