"""Edits of a programme's text, each proved: what is read afterwards is what was meant, or nothing is done."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django.utils.translation import gettext as _

from regulars.rules.document import check_programme
from regulars.rules.document.positions import Path
from regulars.rules.document.reading import read_toml
from regulars.rules.document.schema import SCHEMA, section_of
from regulars.rules.editing.blocks import append_block, find_blocks, remove_block, swap_blocks
from regulars.rules.editing.layout import Layout, Pair
from regulars.rules.editing.writer import write_key, write_value
from regulars.rules.errors import EditRefused, ProgrammeInvalid

Data = dict[str, Any]


def read_document(text: str) -> Data:
    """The document as plain values, decimals exact. Raises ProgrammeInvalid where it is not TOML."""
    try:
        return read_toml(text)
    except (ValueError, RecursionError):
        raise ProgrammeInvalid(check_programme(text)) from None


def change_table(text: str, path: Path, values: Mapping[str, Any]) -> str:
    """Give the table at `path` these values for these keys, and take away those whose value is None.

    A table that is not there yet is begun; one that is left empty goes. All other bytes stay as they are.
    Raises ProgrammeInvalid, EditRefused.
    """
    before = read_document(text)
    old = _at(before, path)
    if old is not None and not isinstance(old, dict):
        raise EditRefused(_("No form can show this: edit the text."))
    new = _merged(old or {}, values)
    meant = deepcopy(before)
    _put(meant, path, new)
    return _proved(_apply(text, path, old, new), meant)


def add_table(text: str, path: Path, values: Mapping[str, Any]) -> str:
    """Append a table to the list at `path`, `("earn",)` or `("tiers", "tier")`. Raises as above."""
    meant = read_document(text)
    new = _merged({}, values)
    parent = meant if len(path) == 1 else meant.setdefault(str(path[0]), {})
    parent.setdefault(str(path[-1]), []).append(new)
    return _proved(append_block(text, path, _write_pairs(section_of(path), new)), meant)


def remove_table(text: str, path: Path) -> str:
    """Take the table at `path`, such as `("earn", 2)`, with the comments right above it. Raises as above."""
    meant = read_document(text)
    items, place = _list_at(meant, path)
    del items[place]
    if not items:
        _at(meant, path[:-2]).pop(path[-2])
    return _proved(remove_block(text, path), meant)


def move_table(text: str, path: Path, by: int) -> str:
    """Move the table at `path` by one place up (-1) or down (+1). At the end of the list it stays."""
    meant = read_document(text)
    items, place = _list_at(meant, path)
    other = place + by
    if not 0 <= other < len(items):
        return text
    items[place], items[other] = items[other], items[place]
    return _proved(swap_blocks(text, path[:-1], min(place, other)), meant)


def _proved(text: str, meant: Data) -> str:
    try:
        found = read_toml(text)
    except ValueError:
        found = None
    if found is None or not _same(found, meant):
        raise EditRefused(
            _("The form cannot change this place without touching more than that: change it in the text.")
        )
    return text


def _same(one: Any, other: Any) -> bool:
    """Equal, and true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _at(data: Data, path: Path) -> Any:
    found: Any = data
    for part in path:
        if isinstance(part, int):
            found = found[part] if isinstance(found, list) and part < len(found) else None
        else:
            found = found.get(part) if isinstance(found, dict) else None
    return found


def _list_at(data: Data, path: Path) -> tuple[list[Any], int]:
    items, place = _at(data, path[:-1]), path[-1]
    if not isinstance(items, list) or not isinstance(place, int) or place >= len(items):
        raise EditRefused(_("It is no longer there: the draft has changed meanwhile."))
    return items, place


def _put(data: Data, path: Path, value: Data) -> None:
    parent = data
    for part in path[:-1]:
        parent = parent[part] if isinstance(part, int) else parent.setdefault(part, {})  # type: ignore[index]
    if value:
        parent[path[-1]] = value  # type: ignore[index]
    else:
        parent.pop(path[-1], None)  # type: ignore[arg-type]


def _merged(old: Mapping[str, Any], values: Mapping[str, Any]) -> Data:
    """The old keys with the new values; tables within are given whole, less their own None."""
    merged = {**old, **values}
    cleaned: Data = {}
    for key, value in merged.items():
        given = value
        if isinstance(value, Mapping):
            given = {name: item for name, item in value.items() if item is not None}
        if given is not None and given not in ({}, []):
            cleaned[key] = given
    return cleaned


def _apply(text: str, path: Path, old: Any, new: Mapping[str, Any]) -> str:
    """Edit key by key, and only those that differ."""
    if old is None:
        return _begin(text, path, new)
    if not new:
        return _remove(text, path)
    for key in [key for key in old if key not in new]:
        text = _remove(text, (*path, key))
    for key, value in new.items():
        at = (*path, key)
        if key not in old:
            text = _insert(text, path, key, value)
        elif not _same(old[key], value):
            text = _change(text, at, old[key], value)
    return text


def _change(text: str, at: Path, old: Any, value: Any) -> str:
    if isinstance(old, dict) and isinstance(value, Mapping):
        return _apply(text, at, old, value)
    if _are_tables(old) and _are_tables(value):
        if len(old) == len(value):
            for place, (was, item) in enumerate(zip(old, value, strict=True)):
                text = text if _same(was, item) else _apply(text, (*at, place), was, item)
            return text
        if Layout(text).pairs.get(at) is None:
            return _insert(_remove(text, at), at[:-1], str(at[-1]), value)
    pair = Layout(text).pairs.get(at)
    if pair is None:
        return text
    return _splice(text, pair.value_start, pair.value_end, write_value(value))


def _are_tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(x, Mapping) for x in value)


def _begin(text: str, path: Path, new: Mapping[str, Any]) -> str:
    """Write a table that is not there: with a header of its own at the top, else within the one around it."""
    if not new:
        return text
    if len(path) == 1:
        lines = [f"[{path[0]}]", *_write_pairs(str(path[0]), new)]
        return text.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n"
    return _insert(text, path[:-1], str(path[-1]), dict(new))


def _insert(text: str, path: Path, key: str, value: Any) -> str:
    """Write a key that is not there, after the keys that the documentation names before it."""
    layout = Layout(text)
    section = layout.find_section(path)
    written = f"{write_key(key)} = {write_value(value)}"
    if section is not None:
        order = SCHEMA[section_of(path)]
        before = {*order[: order.index(key)]} if key in order else {*order}
        rows = [
            pair.last_row
            for at, pair in layout.pairs_below(path).items()
            if at[len(path)] in before and _is_in(layout, at, path)
        ]
        header = layout.data.decode().split("\n")[section.first_row]
        return _insert_row(text, max(rows, default=section.first_row) + 1, written, indent_of=header)
    pair = layout.pairs.get(path)
    if pair is not None and text.encode()[pair.value_start : pair.value_start + 1] == b"{":
        return _insert_inline(text, layout, path, pair, written)
    if below := layout.pairs_below(path):
        last = max(below.values(), key=lambda found: found.end)
        if last.inline:
            return _splice(text, last.end, last.end, f", {written}")
        dotted = ".".join(write_key(str(part)) for part in path[_depth(layout, path) :])
        return _insert_row(text, last.last_row + 1, f"{dotted}.{written}")
    return text


def _is_in(layout: Layout, at: Path, path: Path) -> bool:
    """True where a pair stands in the section at `path`, and not in one of its own below."""
    return not any(
        len(section.path) > len(path) and at[: len(section.path)] == section.path
        for section in layout.sections_in(path)
    )


def _depth(layout: Layout, path: Path) -> int:
    return max((len(s.path) for s in layout.sections if path[: len(s.path)] == s.path), default=0)


def _insert_inline(text: str, layout: Layout, path: Path, table: Pair, written: str) -> str:
    within = layout.pairs_below(path).values()
    if not within:
        return _splice(text, table.value_start, table.value_end, f"{{ {written} }}")
    last = max(pair.end for pair in within)
    return _splice(text, last, last, f", {written}")


def _insert_row(text: str, row: int, written: str, indent_of: str = "") -> str:
    lines = text.split("\n")
    indent = indent_of[: len(indent_of) - len(indent_of.lstrip())]
    lines[row:row] = [indent + written]
    return "\n".join(lines) if row < len(lines) - 1 else "\n".join(lines) + "\n"


def _remove(text: str, path: Path) -> str:
    """Take a key, a table with its own header, or the dotted keys that make one."""
    layout = Layout(text)
    pair = layout.pairs.get(path)
    if pair is not None:
        return _remove_inline(text, layout, path, pair) if pair.inline else _remove_rows(text, pair)
    blocks = find_blocks(text, path)
    if blocks:
        for block in reversed(blocks):
            text = remove_block(text, block.path)
        return text
    for at in reversed(layout.pairs_below(path)):
        text = _remove(text, at)
    return text


def _remove_rows(text: str, pair: Pair) -> str:
    lines = text.split("\n")
    del lines[pair.first_row : pair.last_row + 1]
    return "\n".join(lines)


def _remove_inline(text: str, layout: Layout, path: Path, pair: Pair) -> str:
    siblings = sorted(
        (
            found
            for at, found in layout.pairs.items()
            if at[:-1] == path[:-1] and len(at) == len(path) and found.inline
        ),
        key=lambda found: found.start,
    )
    place = siblings.index(pair)
    if place:
        return _splice(text, siblings[place - 1].end, pair.end, "")
    if len(siblings) > 1:
        return _splice(text, pair.start, siblings[1].start, "")
    return _splice(text, pair.start, pair.end, "")


def _splice(text: str, start: int, end: int, written: str) -> str:
    data = text.encode()
    return (data[:start] + written.encode() + data[end:]).decode()


def _write_pairs(section: str, values: Mapping[str, Any]) -> list[str]:
    """The lines of a new table, in the documentation's order."""
    order = SCHEMA.get(section, ())
    keys = sorted(values, key=lambda key: order.index(key) if key in order else len(order))
    return [f"{write_key(key)} = {write_value(values[key])}" for key in keys]
