"""What a table consists of: columns, filters, what can be done with many rows at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django import forms
from django.utils.functional import Promise

Value = str | int | date | datetime | None
Direction = Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `name` stands in the address and at the head of the file; `export` reads a row's value.

    `sort` is the way the first press sorts, None where no index answers it. `fixed` columns are always there;
    those not `shown` have to be chosen.
    """

    name: str
    label: Promise
    export: Callable[[Any], Value]
    sort: Direction | None = None
    number: bool = False
    fixed: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something that can be done with the chosen rows: where to, after which a page says what will happen."""

    view: str
    label: Promise
    icon: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its definition. `sort` is a column's name, with a minus in front for descending.

    `cell` is the template of one cell, which is given `row` and `column`; `empty` that of what to say
    where there is nothing yet; `form` holds the filters, of which `q` is the search. `has_views`: whether
    ways to look at it are saved; where not, the filters are what it is about, and are not taken away.
    """

    name: str
    caption: Promise
    view: str
    csv_view: str
    columns: tuple[Column, ...]
    sort: str
    form: type[forms.Form]
    cell: str
    empty: str
    has_views: bool = True

    @property
    def initial(self) -> tuple[str, ...]:
        """The columns that show where nobody chose."""
        return tuple(column.name for column in self.columns if column.shown or column.fixed)
