"""The rejects file: every row that was not imported, its line, the reason, and the row as it was.

It is CSV with the head `line,reason,<the file's columns>`: mend it and import it as it stands.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from regulars.imports.errors import FileUnusable
from regulars.imports.records import Record


def default_path(path: Path) -> Path:
    """Beside the file: `orders.csv` → `orders.rejects.csv`."""
    return path.with_name(f"{path.stem}.rejects.csv")


class RejectsFile:
    """Made with the first rejected row; one left by an earlier run is taken away."""

    def __init__(self, path: Path, source: Path) -> None:
        if path.exists() and path.samefile(source):
            raise FileUnusable("The rejects cannot go into the file that is imported.")
        self.path = path
        self.count = 0
        self._file: Any = None
        self._writer: Any = None
        try:
            path.unlink(missing_ok=True)
        except OSError as problem:
            raise FileUnusable(f"The rejects cannot be written to {path}: {problem.strerror}.") from None

    def write(self, rows: Iterable[tuple[Record, str]], columns: Sequence[str]) -> None:
        """Add rows with their reasons, in the order of their lines."""
        for record, reason in sorted(rows, key=lambda row: row[0].line):
            if self._writer is None:
                self._open(columns)
            self._writer.writerow([record.line, reason, *map(_clean, record.raw)])
            self.count += 1
        if self._file is not None:
            self._file.flush()

    def _open(self, columns: Sequence[str]) -> None:
        try:
            # Closed by __exit__: the file is made with the first rejected row, wherever that comes.
            self._file = self.path.open("w", encoding="utf-8", newline="")
        except OSError as problem:
            raise FileUnusable(f"The rejects cannot be written to {self.path}: {problem.strerror}.") from None
        self._writer = csv.writer(self._file)
        self._writer.writerow(["line", "reason", *map(_clean, columns)])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()


def _clean(text: str) -> str:
    """Text that can be written: bytes that were in no encoding are shown as \\udcXX."""
    return text.encode("utf-8", "backslashreplace").decode()
