"""Running PostgreSQL's programs as the right account, and reading their complaints."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from regulars.postgres.account import Account


def run(
    account: Account,
    command: Sequence[str],
    *,
    cwd: Path,
    lock: int,
    stdin: str = "",
    output: IO[Any] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run one program to its end as the account; what it says is returned, or goes to `output`.

    A session of its own keeps Ctrl-C in the terminal away from it and from the server that it may start.
    It inherits the descriptor `lock`, so that the server's lock is held as long as any PostgreSQL process
    lives. Its environment is bare: PGDATA and the like, set for another server, must not leak in.
    """
    return subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        input=stdin,
        text=True,
        errors="replace",
        stdout=output or subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        start_new_session=True,
        umask=0o077,
        pass_fds=(lock,),
        **account.popen_arguments(),
    )


def address(cluster: Path, account: Account) -> str:
    """How a program whose working directory is the cluster names it.

    A service user may be shut out of a directory above the cluster (/root, a 0700 checkout). Root puts the
    program into the cluster, and this name needs no way through the directories above.
    """
    return "/proc/self/cwd" if account.is_switched and sys.platform == "linux" else str(cluster)


def last_complaint(text: str) -> str:
    """The last line of a PostgreSQL log or output that complains, without its prefix."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for mark in ("FATAL:", "PANIC:", "error:", "ERROR:"):
        for line in reversed(lines):
            if mark in line:
                return line.split(mark, 1)[1].strip().rstrip(".")
    return lines[-1].rstrip(".") if lines else "it said nothing"
