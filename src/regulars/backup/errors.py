"""What backing up, restoring and moving refuse, each in one sentence. Nothing has changed then."""

from regulars.kit.errors import Conflict, InvalidInput, Unavailable


class BackupUnusable(InvalidInput):
    """The file is no backup, is damaged, or comes from a newer Regulars."""

    code = "backup_unusable"


class TargetNotEmpty(Conflict):
    """There is data already where the backup would go."""

    code = "target_not_empty"


class TargetUnsuited(Conflict):
    """The database there cannot take the backup as it is."""

    code = "target_unsuited"


class DatabaseInUse(Conflict):
    """Someone is at work on a database that must lie still."""

    code = "database_in_use"


class FileExists(Conflict):
    """A backup never overwrites a file."""

    code = "file_exists"


class DumpFailed(Unavailable):
    """pg_dump or pg_restore broke off."""

    code = "dump_failed"


class RestoreFailed(Unavailable):
    """What came out is not what was put in; everything is as it was before."""

    code = "restore_failed"
