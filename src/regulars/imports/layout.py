"""Which column says what: from the head of a file and `--map` to values by field."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regulars.imports import cells
from regulars.imports.errors import CellInvalid, FileUnusable, MappingInvalid
from regulars.imports.records import Record
from regulars.imports.shapes import Field, Shape
from regulars.imports.shapes.base import ParsedRow

ATTRIBUTES = "attributes"
PREFIX = "attributes."
ATTRIBUTE_TYPES = ("text", "int", "bool", "date")


@dataclass(frozen=True, slots=True)
class Place:
    """A field and the column that says it."""

    field: Field
    column: str | None


class Layout:
    """The fields that a file has, ready to parse its rows."""

    def __init__(self, shape: Shape, columns: tuple[str, ...] | None, mapping: Mapping[str, str]) -> None:
        places = _place_fields(shape, columns, mapping)
        if shape.has_attributes:
            places += _place_attributes(columns, mapping)
        self._places = [place for place in places if place.column is not None]
        self.columns: list[str | None] = [place.column for place in self._places]
        self._key = next(i for i, place in enumerate(self._places) if place.field.name == shape.key)
        # Rows of one order repeat most of their cells: each field remembers its last one.
        self._last: list[tuple[Any, Any]] = [(None, None)] * len(self._places)

    def key_of(self, record: Record) -> str | None:
        """The name of the item that a row belongs to, as it stands there; None where it does not say."""
        value = record.cells[self._key]
        # A list or an object names nothing; nested deeply enough it could not even be written out.
        return None if cells.is_empty(value) or isinstance(value, list | dict) else str(value).strip() or None

    def parse(self, record: Record) -> tuple[ParsedRow, str]:
        """A row's values, and what is wrong with it: empty where nothing is."""
        values: dict[str, Any] = {}
        faults = [record.fault] if record.fault else []
        for index, (place, cell) in enumerate(zip(self._places, record.cells, strict=True)):
            field = place.field
            if cells.is_empty(cell):
                if field.required and not record.fault:
                    faults.append(f"has no {field.name}")
                continue
            last_cell, last_value = self._last[index]
            if cell is last_cell or (type(cell) is str and cell == last_cell):
                values[field.name] = last_value
                continue
            try:
                value = field.read(cell)
            except CellInvalid as problem:
                if not record.fault:
                    faults.append(f"{field.name} {problem}")
                continue
            if field.name == ATTRIBUTES:
                values.update(value)
            elif value == "":  # nothing but white space
                if field.required and not record.fault:
                    faults.append(f"has no {field.name}")
            else:
                self._last[index] = (cell, value)
                values[field.name] = value
        return ParsedRow(record.line, values), "; ".join(faults)


def _place_fields(shape: Shape, columns: tuple[str, ...] | None, mapping: Mapping[str, str]) -> list[Place]:
    names = [field.name for field in shape.fields]
    for name in mapping:
        if name not in names and not (shape.has_attributes and name.startswith(PREFIX)):
            more = " and attributes.NAME" if shape.has_attributes else ""
            raise MappingInvalid(f"There is no field {name}: the fields are {', '.join(names)}{more}.")
    places = [Place(field, _find_column(field, columns, mapping)) for field in shape.fields]
    missing = [place.field.name for place in places if place.field.required and place.column is None]
    if missing and columns is not None:
        raise FileUnusable(
            f"The file has no column for {', '.join(missing)}. Its columns are {_name_all(columns)}. "
            f"Where a column has another name, say --map {missing[0]}=COLUMN."
        )
    return places


def _find_column(field: Field, columns: tuple[str, ...] | None, mapping: Mapping[str, str]) -> str | None:
    if columns is None:
        return mapping.get(field.name, field.name)
    if field.name in mapping:
        return _look_up(mapping[field.name], columns, told=True)
    for name in (field.name, *field.other_names):
        if found := _look_up(name, columns, told=False):
            return found
    return None


def _look_up(name: str, columns: tuple[str, ...], *, told: bool) -> str | None:
    found = [column for column in columns if column == name]
    found = found or [column for column in columns if _plain(column) == _plain(name)]
    if len(found) > 1:
        raise FileUnusable(f"The file has more than one column {name}.")
    if told and not found:
        raise MappingInvalid(f"The file has no column {name}. Its columns are {_name_all(columns)}.")
    return found[0] if found else None


def _place_attributes(columns: tuple[str, ...] | None, mapping: Mapping[str, str]) -> list[Place]:
    named = {name: column for name, column in mapping.items() if name.startswith(PREFIX)}
    for column in columns or ():
        if column.startswith(PREFIX):
            named.setdefault(column, column)
    places = []
    for name, column in named.items():
        found = column if columns is None else _look_up(column, columns, told=True)
        bare, _, kind = name.partition(":")
        if kind and kind not in ATTRIBUTE_TYPES:
            raise MappingInvalid(f"{kind} is no type of attributes: those are {', '.join(ATTRIBUTE_TYPES)}.")
        places.append(Place(Field(bare, _attribute_reader(kind)), found))
    if columns is None or ATTRIBUTES in columns:
        places.append(Place(Field(ATTRIBUTES, _read_attributes), ATTRIBUTES))
    return places


def _attribute_reader(kind: str) -> Callable[[Any], Any]:
    return lambda value: cells.read_attribute(value, kind)


def _read_attributes(value: Any) -> dict[str, Any]:
    """An object of attributes: as JSON has it, or as JSON text in a cell."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise CellInvalid(f"is not a JSON object: {cells.show(value)}") from None
    if not isinstance(value, dict):
        raise CellInvalid(f"is not an object: {cells.show(value)}")
    return {
        f"{PREFIX}{name}": cells.read_attribute(one, "")
        for name, one in value.items()
        if not cells.is_empty(one)
    }


def _plain(name: str) -> str:
    """A column's name as it is compared: `Order ID` is `order_id`."""
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _name_all(columns: Sequence[str]) -> str:
    shown = ", ".join(column or "(no name)" for column in columns[:30])
    return f"{shown} and {len(columns) - 30} more" if len(columns) > 30 else shown
