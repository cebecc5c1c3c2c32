"""From rows to items: the rows of one order stand together and are imported together, or not at all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from regulars.imports.layout import Layout
from regulars.imports.records import Record
from regulars.imports.shapes import Shape
from regulars.imports.shapes.base import ItemInvalid, ParsedRow

GROUP_ROWS_MAX = 10_000


@dataclass(slots=True)
class Group:
    """The rows of one item. `faults` are by line; `fault` is about all of them."""

    key: str | None
    records: list[Record] = field(default_factory=list)
    rows: list[ParsedRow] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    fault: str = ""
    continued: bool = False
    """Whether an earlier group of the same item was cut off for its length."""

    def add(self, record: Record, row: ParsedRow, fault: str) -> None:
        """Take a row in."""
        self.records.append(record)
        self.rows.append(row)
        if fault:
            self.faults[record.line] = fault

    def reject(self) -> list[tuple[Record, str]]:
        """Every row with the reason why it was not imported."""
        culprit = next(iter(self.faults), 0)
        spread = f"stands with line {culprit}, which was rejected" if culprit else self.fault
        return [(record, self.faults.get(record.line, spread)) for record in self.records]


def group_rows(records: Iterable[Record], layout: Layout, shape: Shape) -> Iterator[Group]:
    """The items of a file, in its order.

    A row that cannot be read far enough to say to which item it belongs takes the item along that
    stands both before and after it: that item would lack a line.
    """
    group: Group | None = None
    homeless: list[Group] = []
    for record in records:
        row, fault = layout.parse(record)
        key = layout.key_of(record)
        if group is not None and shape.grouped and key is not None and key == group.key:
            for lost in homeless:
                group.add(lost.records[0], lost.rows[0], lost.faults[lost.records[0].line])
            homeless.clear()
            if len(group.records) >= GROUP_ROWS_MAX:
                group.fault = f"has more than {GROUP_ROWS_MAX} rows: {shape.key} {key[:60]}"
                yield group
                group = Group(key, fault=group.fault, continued=True)
            group.add(record, row, fault)
            continue
        if shape.grouped and key is None and fault and group is not None and len(homeless) < GROUP_ROWS_MAX:
            lost = Group(None)
            lost.add(record, row, fault)
            homeless.append(lost)
            continue
        if group is not None:
            yield group
        yield from homeless
        homeless.clear()
        group = Group(key)
        group.add(record, row, fault)
    if group is not None:
        yield group
    yield from homeless


def build_item(group: Group, shape: Shape) -> Any:
    """The item that a group makes; None where it makes none, and then the group says why."""
    if group.faults or group.fault:
        return None
    try:
        return shape.build(group.rows)
    except ItemInvalid as problem:
        group.fault = str(problem)
        return None
