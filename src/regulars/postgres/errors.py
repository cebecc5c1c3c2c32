"""What can go wrong with the embedded PostgreSQL, each in one sentence."""

from regulars.kit.errors import Unavailable


class PostgresUnavailable(Unavailable):
    """The embedded PostgreSQL cannot be made to run; the sentence says why and what to do."""

    code = "postgres_unavailable"


class BinariesMissing(PostgresUnavailable):
    """No usable PostgreSQL programs were found."""

    code = "postgres_binaries_missing"


class WrongVersion(PostgresUnavailable):
    """The data directory was made by another major version of PostgreSQL."""

    code = "postgres_wrong_version"


class UnsafeDirectory(PostgresUnavailable):
    """A directory that must be ours alone belongs to someone else."""

    code = "postgres_unsafe_directory"
