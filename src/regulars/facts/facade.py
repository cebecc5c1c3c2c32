"""The door of facts."""

from regulars.facts.schemas import SCHEMAS, Column, ColumnType, Schema

__all__ = ["SCHEMAS", "Column", "ColumnType", "Schema"]
