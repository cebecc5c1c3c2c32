"""Where the embedded PostgreSQL keeps what below a data directory."""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from regulars.postgres.account import Account
from regulars.postgres.errors import PostgresUnavailable, UnsafeDirectory

PORT = 5432
NO_SPACE = "No space left on device"
SOCKET_NAME = f".s.PGSQL.{PORT}"
SOCKET_PATH_BYTES_MAX = 103
"""What sockaddr_un holds on macOS and the BSDs; Linux holds four more."""
SHORT_PLACE = Path("/tmp")  # noqa: S108  (made 0700 and checked for its owner before use)
"""Not TMPDIR or XDG_RUNTIME_DIR: web and worker may have different environments and must meet."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one embedded PostgreSQL."""

    data_dir: Path

    @property
    def home(self) -> Path:
        """Everything of PostgreSQL lies here."""
        return self.data_dir / "postgres"

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.home / "cluster"

    @property
    def unfinished(self) -> Path:
        """A cluster in the making; it is renamed when complete."""
        return self.home / "cluster.new"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "server.log"

    @property
    def near_socket(self) -> Path:
        """Where the socket lies if it can."""
        return self.home / "socket"

    @property
    def socket_dir(self) -> Path:
        """The directory of the socket: below the data directory, or where that will not do in /tmp."""
        near = self.near_socket
        # To libpq, a comma separates hosts.
        if len(os.fsencode(near / SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX and "," not in str(near):
            return near
        digest = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:24]
        return SHORT_PLACE / f"regulars-{digest}"

    @property
    def socket(self) -> Path:
        """The socket itself."""
        return self.socket_dir / SOCKET_NAME


def find_layout(data_dir: Path) -> Layout:
    """The layout below `data_dir`, made absolute and free of links: every process finds the same socket."""
    return Layout(Path(os.path.realpath(data_dir)))


def make_directories(layout: Layout, account: Account) -> None:
    """Make the directories that may be missing. Raises OSError, UnsafeDirectory."""
    layout.data_dir.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        layout.home.mkdir(mode=0o700)
        if account.is_switched:
            layout.home.chmod(0o711)  # the service user passes through, and owns only what is below
    if not account.is_switched and layout.home.stat().st_uid != account.uid:
        raise UnsafeDirectory(
            f"{layout.home} belongs to another user: run Regulars as that user, or set REGULARS_DATA."
        )
    _make_own(layout.socket_dir, account)


def _make_own(directory: Path, account: Account) -> None:
    """A directory of the account's alone. One that someone else prepared, or a link, is refused."""
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    found = directory.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == 0 and account.is_switched:
        account.own(directory)
        found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise UnsafeDirectory(
            f"{directory} should be a directory for user {account.name} alone, and it is not: remove it."
        )


@contextlib.contextmanager
def explained(layout: Layout) -> Iterator[None]:
    """Say file system errors in a sentence. Raises PostgresUnavailable."""
    try:
        yield
    except OSError as error:
        raise PostgresUnavailable(_sentence(layout, error)) from error


def disk_full(layout: Layout) -> str:
    """The sentence for a full disk."""
    return f"The disk of {layout.data_dir} is full: free some space and start again."


def _sentence(layout: Layout, error: OSError) -> str:
    where = error.filename or layout.home
    if error.errno == errno.ENOSPC:
        return disk_full(layout)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return (
            f"This user cannot use {where} ({error.strerror}): set REGULARS_DATA to a directory of your own."
        )
    return f"The data directory {layout.data_dir} cannot be used: {error.strerror or error}."
