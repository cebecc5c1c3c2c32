"""Which system user PostgreSQL runs as.

PostgreSQL refuses to run as root. An ordinary user runs it as themselves. Root hands it to a service
user: the one named in REGULARS_PG_USER, else whoever owns the cluster already (so that the choice never
flips under existing data), else `regulars`, `postgres` or `nobody`, the first that exists. `nobody` comes
last because other programs run under it too; it is on every system, so a fresh container works.
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulars.postgres.errors import PostgresUnavailable

CANDIDATES = ("regulars", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A system user, and whether we must change to it to become it."""

    name: str
    uid: int
    gid: int
    is_switched: bool
    """True where we are root and PostgreSQL runs as another user."""

    def popen_arguments(self) -> dict[str, Any]:
        """Keyword arguments of subprocess that make a child run as this account."""
        if not self.is_switched:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, target: Path | int) -> None:
        """Give a file or directory (path or descriptor) to this account. A link is never followed."""
        if not self.is_switched:
            return
        if isinstance(target, int):
            os.fchown(target, self.uid, self.gid)
        else:
            os.lchown(target, self.uid, self.gid)


def find_account(cluster: Path) -> Account:
    """The account that PostgreSQL of this cluster runs as. Raises PostgresUnavailable."""
    uid = os.geteuid()
    if uid != 0:
        return Account(_name(uid), uid, os.getegid(), is_switched=False)
    entry = _service_user(cluster)
    if entry.pw_uid == 0:
        raise PostgresUnavailable("PostgreSQL never runs as root: name an ordinary user in REGULARS_PG_USER.")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, is_switched=True)


def _service_user(cluster: Path) -> pwd.struct_passwd:
    if name := os.environ.get("REGULARS_PG_USER"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            raise PostgresUnavailable(
                f"REGULARS_PG_USER names {name!r}, and there is no such user."
            ) from None
    try:
        return pwd.getpwuid(cluster.lstat().st_uid)
    except FileNotFoundError:
        pass
    except KeyError:
        raise PostgresUnavailable(
            f"{cluster} belongs to a user id without a name on this machine; name a user in REGULARS_PG_USER."
        ) from None
    for name in CANDIDATES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresUnavailable("Root needs an ordinary user to run PostgreSQL: name one in REGULARS_PG_USER.")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        # PostgreSQL's own tools ask for the name as well, and their complaint is less clear than ours.
        raise PostgresUnavailable(
            f"User id {uid} has no name on this machine, and PostgreSQL needs one: "
            "add it to /etc/passwd, or set DATABASE_URL to a PostgreSQL of your own."
        ) from None
