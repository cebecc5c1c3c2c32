"""Repeats within one file, found in bounded memory: what was seen goes to a private file on disk."""

import sqlite3
from hashlib import blake2b
from types import TracebackType
from typing import Any, Self


class SeenKeys:
    """Every key with what it stood for first. SQLite keeps them in a temporary file once they are many."""

    def __init__(self) -> None:
        # An empty name is a private database on disk that goes away with the connection.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(
            "CREATE TABLE seen (key BLOB PRIMARY KEY, content BLOB, line INTEGER) WITHOUT ROWID"
        )

    def find_conflict(self, key: str, content: Any, line: int) -> int | None:
        """The line where the key stood before for something else; None where it is new or says the same."""
        name, digest = _digest(key), _digest(repr(content))
        self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (name, digest, line))
        found, first = self._database.execute(
            "SELECT content, line FROM seen WHERE key = ?", (name,)
        ).fetchone()
        return None if found == digest else int(first)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
