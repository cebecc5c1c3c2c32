"""A database that does not answer now, told from a mistake of ours."""

from django.db import InterfaceError, OperationalError

RETRY_AFTER_SECONDS = 2
# Classes of SQLSTATE: connection lost, transaction rolled back, out of resources, server going down.
_LATER = ("08", "40", "53", "57P")


def is_outage(error: Exception) -> bool:
    """Whether the same request may well succeed later. What has no SQLSTATE never reached the server."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(_LATER)
