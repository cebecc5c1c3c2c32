"""Values as TOML writes them."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

LINE_MAX = 100
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\f": "\\f", "\r": "\\r", "\n": "\\n"}


def write_value(value: Any) -> str:
    """One value; a list that is long, or holds several tables, takes a line for each."""
    if isinstance(value, str):
        return _write_lines(value) if "\n" in value else f'"{_escape(value)}"'
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{write_key(key)} = {write_value(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return _write_list(value)
    return _write_plain(value)


def _write_plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date | time) else str(int(value))


def _write_list(values: Sequence[Any]) -> str:
    items = [write_value(item) for item in values]
    short = f"[{', '.join(items)}]"
    several = len(items) > 1 and isinstance(values[0], Mapping)
    if len(short) <= LINE_MAX and not several:
        return short
    return "".join(["[\n", *(f"  {item},\n" for item in items), "]"])


def write_key(key: str) -> str:
    """A key, in quotes where TOML wants them."""
    plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if plain else f'"{_escape(key)}"'


def _write_lines(text: str) -> str:
    """A text of several lines; the line break after the opening quotes does not belong to it."""
    lines = "\n".join(_escape(line) for line in text.split("\n"))
    return f'"""\n{lines}"""'


def _escape(text: str) -> str:
    return "".join(
        _ESCAPES.get(sign) or (f"\\u{ord(sign):04X}" if ord(sign) < 32 or ord(sign) == 127 else sign)
        for sign in text
    )
