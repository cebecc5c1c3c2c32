"""A table as a page shows it: heads, rows, views, what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from regulars.console.desk import Desk, show
from regulars.console.tables.state import SIZES, TableState
from regulars.console.tables.types import BulkAction, Column, Table
from regulars.identity import facade as identity
from regulars.identity.facade import SavedViewInfo


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: where pressing it leads, and how it sorts now: `ascending`, `descending` or empty."""

    column: Column
    href: str
    order: str


@dataclass(frozen=True, slots=True)
class ShownView:
    """A saved view and where it leads."""

    info: SavedViewInfo
    href: str
    on: bool
    own: bool


@dataclass(frozen=True)
class ShownTable:
    """All that the template of a table needs."""

    state: TableState
    rows: Sequence[Any]
    next_cursor: str | None
    views: Sequence[ShownView]
    actions: Sequence[BulkAction]
    note: str = ""
    previous_cursor: str | None = None
    hint: str = ""

    @property
    def table(self) -> Table:
        """Its definition."""
        return self.state.table

    @property
    def heads(self) -> list[Head]:
        """The heads of the columns shown."""
        return [_head(self.state, column) for column in self.state.columns]

    @property
    def choices(self) -> list[tuple[Column, bool]]:
        """The columns that may be chosen, each with whether it is."""
        return [(column, column.name in self.state.cols) for column in self.table.columns]

    @property
    def next_href(self) -> str:
        """The next page, or nothing."""
        return self.state.address(self.next_cursor) if self.next_cursor else ""

    @property
    def previous_href(self) -> str:
        """The page before, or nothing."""
        return self.state.address(self.previous_cursor, backwards=True) if self.previous_cursor else ""

    @property
    def first_href(self) -> str:
        """The first page, where one is further on."""
        return self.state.address() if self.state.cursor else ""

    @property
    def sizes(self) -> Sequence[int]:
        """How many rows a page may have."""
        return SIZES

    @property
    def view_now(self) -> ShownView | None:
        """The saved view that this is, if any."""
        return next((view for view in self.views if view.on), None)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What a form of filters keeps of the rest."""
        kept = {
            "sort": self.state.sort if self.state.sort != self.table.sort else "",
            "cols": ",".join(self.state.cols) if self.state.cols != self.table.initial else "",
            "size": str(self.state.size) if self.state.size != SIZES[0] else "",
        }
        return [(name, value) for name, value in kept.items() if value]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form of columns keeps of the rest."""
        return [*self.state.filters.items(), *(pair for pair in self.hidden if pair[0] == "sort")]


def show_table(
    request: HttpRequest,
    desk: Desk,
    template: str,
    state: TableState,
    *,
    rows: Sequence[Any],
    next_cursor: str | None,
    actions: Sequence[BulkAction] = (),
    note: str = "",
    previous_cursor: str | None = None,
    hint: str = "",
    **context: Any,
) -> HttpResponse:
    """The page, or for htmx the table alone, which is the same; the address in the bar is told in short."""
    partial = bool(getattr(request, "htmx", False))
    views = _list_views(desk, state) if state.table.has_views else []
    shown = ShownTable(state, rows, next_cursor, views, actions, note, previous_cursor, hint)
    response = show(
        request, desk, "console/tables/table.html" if partial else template, table=shown, **context
    )
    if partial:
        response["HX-Push-Url"] = state.here
    response["Vary"] = "HX-Request"
    return response


def _list_views(desk: Desk, state: TableState) -> list[ShownView]:
    found = identity.list_views(operator_id=desk.operator.id, table=state.table.name)
    start, now = state.address().partition("?")[0], state.query()
    return [
        ShownView(
            info=info,
            href=f"{start}?{info.query}" if info.query else start,
            on=info.query == now,
            own=info.owner_id == desk.operator.id,
        )
        for info in found
    ]


def _head(state: TableState, column: Column) -> Head:
    if column.sort is None:
        return Head(column, "", "")
    name = column.name
    if state.sorted_by != name:
        return Head(column, state.sorted_as(name if column.sort == "asc" else f"-{name}").address(), "")
    turned = name if state.descending else f"-{name}"
    return Head(column, state.sorted_as(turned).address(), "descending" if state.descending else "ascending")
