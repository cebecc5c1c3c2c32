"""Where everything stands in a document, to the byte: what an edit needs to touch nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter
import tree_sitter_toml

from regulars.rules.document.positions import Path, key_names

_LANGUAGE = tree_sitter.Language(tree_sitter_toml.language())


@dataclass(frozen=True, slots=True)
class Pair:
    """A key with its value. Bytes are half-open; rows count from 0. `inline`: it stands within braces."""

    start: int
    end: int
    value_start: int
    value_end: int
    first_row: int
    last_row: int
    inline: bool


@dataclass(slots=True)
class Section:
    """A table with a header: where it begins, and the last row of what it holds."""

    path: Path
    first_row: int
    last_row: int


class Layout:
    """The pairs and the sections of a valid document."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.pairs: dict[Path, Pair] = {}
        self.sections: list[Section] = []
        self._counts: dict[Path, int] = {}
        tree = tree_sitter.Parser(_LANGUAGE).parse(self.data)
        for node in tree.root_node.named_children:
            if node.type == "pair":
                self._read_pair(node, (), inline=False)
            elif node.type in {"table", "table_array_element"}:
                self._read_section(node)

    def find_section(self, path: Path) -> Section | None:
        """The section with this path of its own."""
        return next((section for section in self.sections if section.path == path), None)

    def sections_in(self, path: Path) -> list[Section]:
        """The sections at a path and below it, in the document's order."""
        return [section for section in self.sections if section.path[: len(path)] == path]

    def pairs_below(self, path: Path) -> dict[Path, Pair]:
        """The pairs below a path whose keys are written with dots, or stand in a section of its own."""
        depth = len(path)
        return {at: pair for at, pair in self.pairs.items() if at[:depth] == path and len(at) > depth}

    def _read_section(self, node: tree_sitter.Node) -> None:
        header, *body = node.named_children
        path = self._resolve(key_names(header))
        if node.type == "table_array_element":
            position = self._counts.get(path, 0)
            self._counts[path] = position + 1
            path = (*path, position)
        section = Section(path, node.start_point.row, header.end_point.row)
        self.sections.append(section)
        for child in body:
            if child.type == "pair":
                self._read_pair(child, path, inline=False)
                section.last_row = child.end_point.row

    def _resolve(self, names: list[str]) -> Path:
        path: Path = ()
        for number, name in enumerate(names, start=1):
            path = (*path, name)
            if number < len(names) and path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path

    def _read_pair(self, node: tree_sitter.Node, table: Path, *, inline: bool) -> None:
        key, value = [child for child in node.named_children if child.type != "comment"]
        path = (*table, *key_names(key))
        self.pairs[path] = Pair(
            start=node.start_byte,
            end=node.end_byte,
            value_start=value.start_byte,
            value_end=value.end_byte,
            first_row=node.start_point.row,
            last_row=value.end_point.row,
            inline=inline,
        )
        self._read_value(value, path)

    def _read_value(self, node: tree_sitter.Node, path: Path) -> None:
        if node.type == "inline_table":
            for child in node.named_children:
                if child.type == "pair":
                    self._read_pair(child, path, inline=True)
        elif node.type == "array":
            for position, child in enumerate(_elements(node)):
                self._read_value(child, (*path, position))


def _elements(array: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    return (child for child in array.named_children if child.type != "comment")
