"""The state of a table, as its address holds it: a reload, a link and the way back show the same."""

from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from regulars.console.tables.types import Column, Table

SIZES = (25, 50, 100)
OWN = ("sort", "cols", "size", "cursor", "before")


@dataclass(frozen=True)
class TableState:
    """What of a table is shown. Whatever the address says wrongly is taken as not said."""

    table: Table
    given: QueryDict
    sort: str
    cols: tuple[str, ...]
    size: int
    cursor: str | None
    backwards: bool = False

    @cached_property
    def form(self) -> forms.Form:
        """The filters as given."""
        return self.table.form(self.given)

    @property
    def filters(self) -> dict[str, str]:
        """What it is narrowed by, as given."""
        fields = self.table.form.base_fields
        return {name: value for name in fields if (value := self.given.get(name, "").strip())}

    @property
    def is_narrowed(self) -> bool:
        """Whether there may be more than what is shown."""
        return bool(self.filters)

    @property
    def sorted_by(self) -> str:
        """The name of the column."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the greatest comes first."""
        return self.sort.startswith("-")

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns shown, in the order of the definition."""
        return tuple(column for column in self.table.columns if column.name in self.cols)

    def query(self) -> str:
        """The state without the page one is at, as an address has it; what is as always is left out."""
        own = {
            "sort": self.sort if self.sort != self.table.sort else "",
            "cols": ",".join(self.cols) if self.cols != self.table.initial else "",
            "size": str(self.size) if self.size != SIZES[0] else "",
        }
        return urlencode(self.filters | {name: value for name, value in own.items() if value}, safe=",:")

    def address(self, cursor: str | None = None, *, backwards: bool = False) -> str:
        """Where this state is shown, from a cursor on where one is given, or up to it."""
        query = self.query()
        if cursor:
            query += ("&" if query else "") + urlencode({"before" if backwards else "cursor": cursor})
        return reverse(self.table.view) + (f"?{query}" if query else "")

    @property
    def here(self) -> str:
        """The address of just this page of it."""
        return self.address(self.cursor, backwards=self.backwards)

    @property
    def csv_address(self) -> str:
        """Where all of it is to be had as a file."""
        query = replace(self, size=SIZES[0]).query()
        return reverse(self.table.csv_view) + (f"?{query}" if query else "")

    def sorted_as(self, sort: str) -> "TableState":
        """The same in another order, from its beginning."""
        return replace(self, sort=sort, cursor=None, backwards=False)


def read_state(table: Table, request: HttpRequest) -> TableState:
    """What the address of a request says of a table."""
    return parse_state(table, request.GET)


def parse_state(table: Table, given: QueryDict) -> TableState:
    """The same of a query alone."""
    by_name = {column.name: column for column in table.columns}
    sort = given.get("sort", "")
    known = by_name.get(sort.removeprefix("-"))
    asked = {name for part in given.getlist("cols") for name in part.split(",")} & by_name.keys()
    fixed = {column.name for column in table.columns if column.fixed}
    cols = tuple(name for name in by_name if name in asked | fixed) if asked else table.initial
    size = given.get("size", "")
    before = given.get("before") or None
    return TableState(
        table=table,
        given=given,
        sort=sort if known and known.sort else table.sort,
        cols=cols,
        size=int(size) if size in {str(each) for each in SIZES} else SIZES[0],
        cursor=before or given.get("cursor") or None,
        backwards=before is not None,
    )
