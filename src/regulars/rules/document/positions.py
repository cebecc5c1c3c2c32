"""On which line each key and value of a TOML document stands, through tree-sitter."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter
import tree_sitter_toml

Path = tuple[str | int, ...]
"""Where something stands in a document: names of keys, and positions in lists from 0."""

_LANGUAGE = tree_sitter.Language(tree_sitter_toml.language())


@dataclass(frozen=True, slots=True)
class Repeated:
    """A key or table that was written twice."""

    path: Path
    line: int
    line_before: int


class Positions:
    """Lines (from 1) of everything in a document, as far as it can be read; it need not be valid."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._values: dict[Path, tuple[int, str]] = {}
        self._counts: dict[Path, int] = {}
        self._declared: dict[Path, int] = {}
        self.repeated: list[Repeated] = []
        tree = tree_sitter.Parser(_LANGUAGE).parse(text.encode())
        for node in tree.root_node.named_children:
            if node.type == "pair":
                self._read_pair(node, ())
            elif node.type in {"table", "table_array_element"}:
                self._read_table(node)

    def line(self, path: Path) -> int:
        """The line on which `path` stands, or the nearest table around it that is written out."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def value(self, path: Path) -> tuple[int, str]:
        """The first line of a value and its text as written, quotes and all."""
        return self._values.get(path, (self.line(path), ""))

    def _read_table(self, node: tree_sitter.Node) -> None:
        header, *body = node.named_children
        line = _line(node)
        path = self._resolve(key_names(header))
        if node.type == "table_array_element":
            position = self._counts.get(path, 0)
            self._counts[path] = position + 1
            self._lines.setdefault(path, line)
            path = (*path, position)
        else:
            self._declare(path, line)
        self._lines.setdefault(path, line)
        for child in body:
            if child.type == "pair":
                self._read_pair(child, path)

    def _resolve(self, names: list[str]) -> Path:
        """A header's names as a path: within a list of tables, the last one that was begun."""
        path: Path = ()
        for number, name in enumerate(names, start=1):
            path = (*path, name)
            if number < len(names) and path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path

    def _read_pair(self, node: tree_sitter.Node, table: Path) -> None:
        parts = [child for child in node.named_children if child.type not in {"comment", "ERROR"}]
        if len(parts) != 2:
            return
        names = key_names(parts[0])
        line = _line(node)
        for length in range(1, len(names)):
            self._lines.setdefault((*table, *names[:length]), line)
        path = (*table, *names)
        self._declare(path, line)
        self._read_value(parts[1], path, line)

    def _declare(self, path: Path, line: int) -> None:
        if path in self._declared:
            self.repeated.append(Repeated(path, line, self._declared[path]))
        self._declared.setdefault(path, line)

    def _read_value(self, node: tree_sitter.Node, path: Path, line: int) -> None:
        self._lines.setdefault(path, line)
        if node.type == "inline_table":
            for child in node.named_children:
                if child.type == "pair":
                    self._read_pair(child, path)
        elif node.type == "array":
            for position, child in enumerate(_elements(node)):
                self._read_value(child, (*path, position), _line(child))
        elif node.text is not None:
            self._values.setdefault(path, (_line(node), node.text.decode()))


def _line(node: tree_sitter.Node) -> int:
    return node.start_point.row + 1


def _elements(array: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    return (child for child in array.named_children if child.type != "comment")


def key_names(key: tree_sitter.Node) -> list[str]:
    """The names of a key, one for each part between its dots."""
    if key.type == "dotted_key":
        return [name for child in key.named_children for name in key_names(child)]
    text = (key.text or b"").decode()
    if key.type != "quoted_key":
        return [text]
    try:
        return list(tomllib.loads(f"{text} = 0"))
    except tomllib.TOMLDecodeError:
        return [text]
