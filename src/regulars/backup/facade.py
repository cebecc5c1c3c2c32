"""The door of backups: one file out, one file in, and closing what was moved away."""

from regulars.backup.closing import close_database, open_database
from regulars.backup.errors import (
    BackupUnusable,
    DatabaseInUse,
    DumpFailed,
    FileExists,
    RestoreFailed,
    TargetNotEmpty,
    TargetUnsuited,
)
from regulars.backup.restoring import require_alone, restore_backup
from regulars.backup.types import BackupReport, Manifest, Progress, RestoreReport
from regulars.backup.writing import create_backup, verify_backup

__all__ = [
    "BackupReport",
    "BackupUnusable",
    "DatabaseInUse",
    "DumpFailed",
    "FileExists",
    "Manifest",
    "Progress",
    "RestoreFailed",
    "RestoreReport",
    "TargetNotEmpty",
    "TargetUnsuited",
    "close_database",
    "create_backup",
    "open_database",
    "require_alone",
    "restore_backup",
    "verify_backup",
]
