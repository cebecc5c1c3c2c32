"""SQL out of the extracts, with `%(zone)s`, and `%(since)s`: the oldest transaction not seen to its end."""

import re
from collections.abc import Sequence

from regulars.facts.schemas import SCHEMAS, ColumnType, Schema
from regulars.facts.types import Extract

POSTGRES_TYPES = {
    ColumnType.INTEGER: "bigint",
    ColumnType.TEXT: "text",
    ColumnType.INSTANT: "timestamptz",
    ColumnType.DAY: "date",
    ColumnType.FLAG: "boolean",
    ColumnType.INTEGERS: "bigint[]",
    ColumnType.TEXTS: "text[]",
}
WHOLE = "whole"
DAYS = {"occurred_on": "occurred_at", "joined_on": "joined_at"}
_FRESH = re.compile(r"\{fresh:(\w+)\}")


def is_fresh(alias: str) -> str:
    """Whether a row was written by a transaction that may not have ended when facts were last copied.

    By transactions, not by clocks: what is recorded under an earlier hour, or committed late, is not missed.
    """
    return f"age({alias}.xmin) BETWEEN 0 AND age(%(since)s::text::xid)"


def expressions_of(extract: Extract) -> dict[str, str]:
    """The expression of each column of the schema, in its order; what no room knows is null."""
    schema = SCHEMAS[extract.table]
    found = {}
    for column in schema.columns:
        instant = extract.columns.get(DAYS.get(column.name, ""))
        if column.name in extract.columns:
            found[column.name] = extract.columns[column.name]
        elif instant:
            found[column.name] = f"({instant} AT TIME ZONE %(zone)s)::date"
        else:
            found[column.name] = f"NULL::{POSTGRES_TYPES[column.type]}"
    return found


def select_rows(extract: Extract, months: Sequence[str] | None) -> str:
    """The rows of these months, or all."""
    columns = ", ".join(
        f"({sql})::{POSTGRES_TYPES[column.type]} AS {column.name}"
        for column, sql in zip(SCHEMAS[extract.table].columns, expressions_of(extract).values(), strict=True)
    )
    where = "" if months is None else f" WHERE {_within(extract, months)}"
    return f"SELECT {columns} FROM {extract.source}{where}"  # noqa: S608 - written by rooms, not by users


def _within(extract: Extract, months: Sequence[str]) -> str:
    instant = extract.columns["occurred_at"]
    ranges = []
    for first, after in _stretches(months):
        ranges.append(
            f"({instant} >= DATE '{first}-01'::timestamp AT TIME ZONE %(zone)s"
            f" AND {instant} < DATE '{after}-01'::timestamp AT TIME ZONE %(zone)s)"
        )
    return " OR ".join(ranges)


def _stretches(months: Sequence[str]) -> list[tuple[str, str]]:
    """Months as half-open stretches of months that follow one another."""
    found: list[tuple[str, str]] = []
    for month in sorted(months):
        if found and found[-1][1] == month:
            found[-1] = (found[-1][0], next_month(month))
        else:
            found.append((month, next_month(month)))
    return found


def next_month(month: str) -> str:
    """2026-12 → 2027-01."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def select_changed(extract: Extract) -> list[str]:
    """Statements that give the months in which something was written since, and the first day that it was
    of; for whole tables any row does, and there is no day.
    """
    found = [_changed(extract, " OR ".join(is_fresh(alias) for alias in extract.written))]
    for members in extract.rewritten:
        ids = _FRESH.sub(lambda match: is_fresh(match[1]), members)
        found.append(_changed(extract, f"{extract.owner} IN ({ids})"))
    return found


def _changed(extract: Extract, where: str) -> str:
    if SCHEMAS[extract.table].monthly:
        day = f"({extract.columns['occurred_at']} AT TIME ZONE %(zone)s)::date"
        return f"SELECT {_month_of(extract)}, min({day}) FROM {extract.source} WHERE {where} GROUP BY 1"  # noqa: S608 - see above
    return f"SELECT '{WHOLE}', NULL WHERE EXISTS (SELECT FROM {extract.source} WHERE {where})"  # noqa: S608


def _month_of(extract: Extract) -> str:
    return f"to_char({extract.columns['occurred_at']} AT TIME ZONE %(zone)s, 'YYYY-MM')"


def summed_columns(schema: Schema) -> list[str]:
    """Columns whose sums are compared: those of the schema, and whole numbers that name the rows."""
    integers = {column.name for column in schema.columns if column.type is ColumnType.INTEGER}
    keys = [name for name in (*schema.key, "member_id") if name in integers]
    return list(dict.fromkeys([*schema.summed, *keys]))


def select_sums(extract: Extract) -> str:
    """Rows and sums by month, as PostgreSQL has them."""
    expressions = expressions_of(extract)
    schema = SCHEMAS[extract.table]
    month = _month_of(extract) if schema.monthly else f"'{WHOLE}'"
    sums = "".join(
        f", coalesce(sum(({expressions[name]})::bigint), 0)::text" for name in summed_columns(schema)
    )
    return f"SELECT {month}, count(*){sums} FROM {extract.source} GROUP BY 1"  # noqa: S608 - see above
