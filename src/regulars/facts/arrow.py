"""Schemas in Arrow's terms. Imports pyarrow: loaded by the worker and the command line, never by the web."""

from typing import Any

import pyarrow as pa

from regulars.facts.schemas import ColumnType, Schema

# Without a zone: what an engine's session believes to be local cannot move them.
ARROW_TYPES: dict[ColumnType, Any] = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.TEXT: pa.string(),
    ColumnType.INSTANT: pa.timestamp("us"),
    ColumnType.DAY: pa.date32(),
    ColumnType.FLAG: pa.bool_(),
    ColumnType.INTEGERS: pa.list_(pa.int64()),
    ColumnType.TEXTS: pa.list_(pa.string()),
}


def make_arrow_schema(schema: Schema) -> Any:
    """Give the pyarrow.Schema of a table. Null is allowed everywhere: engines differ here."""
    return pa.schema([pa.field(column.name, ARROW_TYPES[column.type]) for column in schema.columns])


def fit_column(wanted: ColumnType, values: Any) -> Any:
    """Bring a pyarrow array to a type; an instant with a zone becomes UTC's."""
    if wanted is ColumnType.INSTANT and getattr(values.type, "tz", None):
        values = values.cast(pa.timestamp("us", "UTC"))
    return values.cast(ARROW_TYPES[wanted])


def fit_table(schema: Schema, table: Any) -> Any:
    """Bring a pyarrow.Table to the schema: order of the columns and types; instants with a zone become UTC's.

    A column that may be null may be missing. Raises ValueError where another one is missing, where one is
    not of the schema, or where a value does not fit its type.
    """
    unknown = set(table.column_names) - {column.name for column in schema.columns}
    missing = {column.name for column in schema.columns if not column.nullable} - set(table.column_names)
    if unknown or missing:
        raise ValueError(f"{schema.name}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    columns = []
    for column in schema.columns:
        if column.name in table.column_names:
            columns.append(fit_column(column.type, table.column(column.name)))
        else:
            columns.append(pa.nulls(table.num_rows, ARROW_TYPES[column.type]))
    return pa.Table.from_arrays(columns, schema=make_arrow_schema(schema))
