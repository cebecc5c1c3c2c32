"""Readers: one per format, all streaming, all handing on rows alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regulars.imports.errors import FileUnusable
from regulars.imports.readers.delimited import DelimitedSource
from regulars.imports.readers.jsonlines import JsonLinesSource
from regulars.imports.readers.parquet import ParquetSource
from regulars.imports.records import Source
from regulars.imports.types import FileFormat, ImportOptions

_EXTENSIONS = {
    ".csv": FileFormat.CSV,
    ".tsv": FileFormat.CSV,
    ".tab": FileFormat.CSV,
    ".txt": FileFormat.CSV,
    ".jsonl": FileFormat.JSONL,
    ".ndjson": FileFormat.JSONL,
    ".parquet": FileFormat.PARQUET,
    ".pq": FileFormat.PARQUET,
}


def detect_format(path: Path) -> FileFormat:
    """The format that a file's extension stands for. Raises FileUnusable."""
    try:
        return _EXTENSIONS[path.suffix.lower()]
    except KeyError:
        raise FileUnusable(
            f"{path.name} has none of the extensions .csv, .tsv, .jsonl and .parquet: say its --format."
        ) from None


@contextmanager
def open_source(path: Path, options: ImportOptions) -> Iterator[Source]:
    """Open a file for reading. Raises FileUnusable in words where that cannot be done."""
    if not path.exists():
        raise FileUnusable(f"There is no file {path}.")
    if not path.is_file():
        raise FileUnusable(f"{path} is not a file.")
    kind = options.format or detect_format(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            if not size:
                raise FileUnusable(f"{path.name} is empty.")
            match kind:
                case FileFormat.CSV:
                    yield DelimitedSource(file, size, options)
                case FileFormat.JSONL:
                    yield JsonLinesSource(file, size, options)
                case FileFormat.PARQUET:
                    yield ParquetSource(file, path.name)
    except PermissionError:
        raise FileUnusable(f"{path} may not be read by this user.") from None
