"""Changing a document's text in place: only what is changed moves, comments and order stay."""

from regulars.rules.editing.edits import add_table, change_table, move_table, read_document, remove_table

__all__ = ["add_table", "change_table", "move_table", "read_document", "remove_table"]
