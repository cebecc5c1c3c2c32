"""The door to the embedded PostgreSQL.

`socket_dir` starts nothing: Django's settings can name the address before the server runs.
A process that uses it attaches first, and holds the attachment until it ends.
"""

from pathlib import Path

from regulars.postgres.attachment import Attachment, attach, is_running
from regulars.postgres.binaries import Binaries, find_client_programs
from regulars.postgres.cluster import DATABASE, ROLE, SUPERUSER
from regulars.postgres.errors import BinariesMissing, PostgresUnavailable, UnsafeDirectory, WrongVersion
from regulars.postgres.layout import PORT, find_layout

__all__ = [
    "DATABASE",
    "MIGRATION_LOCK",
    "PORT",
    "ROLE",
    "SUPERUSER",
    "Attachment",
    "Binaries",
    "BinariesMissing",
    "PostgresUnavailable",
    "UnsafeDirectory",
    "WrongVersion",
    "attach",
    "find_client_programs",
    "is_running",
    "socket_dir",
]

MIGRATION_LOCK = 0x52454755
"""The advisory lock of whoever changes tables or needs them unchanged; any constant will do."""


def socket_dir(data_dir: Path) -> Path:
    """The directory of the server's socket: what a client calls the host. Follows from the path alone."""
    return find_layout(data_dir).socket_dir
