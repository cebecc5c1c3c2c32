"""What makes a whole file unusable. A single bad row is never an error: it is rejected and counted."""

from regulars.kit.errors import InvalidInput, Unavailable


class FileUnusable(InvalidInput):
    """Nothing of the file can be read as what it is said to be; nothing was imported."""

    code = "file_unusable"


class MappingInvalid(InvalidInput):
    """A `--map` names a field that there is not, or a column that the file does not have."""

    code = "mapping_invalid"


class ReaderMissing(Unavailable):
    """The format needs a package that is not installed."""

    code = "reader_missing"


class CellInvalid(ValueError):
    """One cell cannot be read; the text says why, for the rejects file."""
