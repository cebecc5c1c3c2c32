"""Lines of text out of a file of bytes: any line ending, any encoding, however long, in bounded memory."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from regulars.imports.errors import FileUnusable

LINE_LENGTH_MAX = 1_048_576
_MAGIC = {
    b"PK\x03\x04": "looks like a spreadsheet or an archive, not text: save it as CSV",
    b"\x1f\x8b": "is compressed: unpack it first",
    b"\x28\xb5\x2f\xfd": "is compressed: unpack it first",
    b"PAR1": "is Parquet: say --format parquet",
}


class TooLong:
    """Stands for a line beyond all measure, which was skipped."""


TOO_LONG = TooLong()


def open_text(file: BinaryIO, encoding: str | None) -> io.TextIOWrapper:
    """The file as text. Bytes that are not in the encoding come through as lone surrogates, found later.

    A byte order mark decides where no encoding is given. Raises FileUnusable for what is no text at all.
    """
    head = file.read(4)
    file.seek(0)
    for magic, words in _MAGIC.items():
        if head.startswith(magic):
            raise FileUnusable(f"The file {words}.")
    errors = "surrogateescape"
    if encoding is None:
        encoding = "utf-8-sig"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding, errors = "utf-16", "replace"
    elif encoding.lower().replace("_", "-").startswith(("utf-16", "utf16", "utf-32")):
        errors = "replace"
    try:
        return io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
    except LookupError:
        raise FileUnusable(f"There is no encoding called {encoding}.") from None


def iterate_lines(text: io.TextIOWrapper) -> Iterator[str | TooLong]:
    """The lines with their ends, each at most LINE_LENGTH_MAX long; in place of a longer one, TOO_LONG."""
    while line := text.readline(LINE_LENGTH_MAX):
        if len(line) == LINE_LENGTH_MAX and line[-1] not in "\r\n":
            while (rest := text.readline(LINE_LENGTH_MAX)) and rest[-1] not in "\r\n":
                pass
            yield TOO_LONG
        else:
            yield line
