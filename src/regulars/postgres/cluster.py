"""Making a cluster: initdb, the role, the database, our settings. A cluster exists whole or not at all."""

import os
import shutil
from pathlib import Path
from subprocess import CompletedProcess

from regulars.postgres.account import Account
from regulars.postgres.binaries import Binaries
from regulars.postgres.errors import PostgresUnavailable, WrongVersion
from regulars.postgres.layout import NO_SPACE, Layout, disk_full
from regulars.postgres.memory import read_memory_mb, size_settings
from regulars.postgres.programs import address, last_complaint, run

DATABASE = "regulars"
ROLE = "regulars"
SUPERUSER = "postgres"

SETTINGS = """\
# Written by Regulars at every start; change nothing here.
# Your own settings go into postgresql.conf below the line that includes this file, or through ALTER SYSTEM.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off
wal_buffers = 16MB
min_wal_size = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
log_checkpoints = off
timezone = 'UTC'
log_timezone = 'UTC'
"""

FIRST_SQL = f"""\
CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE {DATABASE} OWNER {ROLE};
"""


def make_cluster(
    layout: Layout, binaries: Binaries, account: Account, *, lock: int, is_durable: bool
) -> None:
    """Make the cluster under another name and rename it when complete. Raises PostgresUnavailable."""
    new = layout.unfinished
    if new.exists():
        shutil.rmtree(new)  # left by a start that was killed
    new.mkdir(mode=0o700)
    account.own(new)
    where = address(new, account)
    try:
        made = run(
            account,
            [
                binaries.program("initdb"),
                f"--pgdata={where}",
                f"--username={SUPERUSER}",
                "--auth=trust",  # whoever can enter the socket's 0700 directory is trusted
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--data-checksums",
                *([] if is_durable else ["--no-sync"]),
            ],
            cwd=new,
            lock=lock,
        )
        _require(made, layout, "initdb")
        _include_settings(new)
        single = [binaries.program("postgres"), "--single", "-D", where, "-c", "exit_on_error=on"]
        if not is_durable:
            single += ["-c", "fsync=off"]
        _require(run(account, [*single, SUPERUSER], cwd=new, lock=lock, stdin=FIRST_SQL), layout, "postgres")
        new.rename(layout.cluster)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def write_settings(layout: Layout, account: Account) -> None:
    """Write our settings anew: an upgrade of Regulars may bring other values."""
    file = layout.cluster / "regulars.conf"
    # The cluster belongs to the service user: root must not be led elsewhere by a link planted there.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(SETTINGS + size_settings(read_memory_mb()))
        account.own(descriptor)


def require_version(layout: Layout, binaries: Binaries) -> None:
    """Refuse a cluster of another major version. Raises WrongVersion."""
    found = (layout.cluster / "PG_VERSION").read_text().strip()
    if found != str(binaries.major):
        raise WrongVersion(
            f"{layout.cluster} was made by PostgreSQL {found}, and the programs here are PostgreSQL "
            f"{binaries.major}: point REGULARS_PG_BIN at PostgreSQL {found}, `regulars backup` there, and "
            "`regulars restore` here into a new directory."
        )


def _include_settings(cluster: Path) -> None:
    with (cluster / "postgresql.conf").open("a") as stream:
        stream.write(
            "\n# Settings of Regulars; your own go below and win.\ninclude_if_exists = 'regulars.conf'\n"
        )


def _require(done: CompletedProcess[str], layout: Layout, program: str) -> None:
    if done.returncode == 0:
        return
    with layout.log.open("a") as log:
        log.write(done.stdout)
    if NO_SPACE in done.stdout:
        raise PostgresUnavailable(disk_full(layout))
    raise PostgresUnavailable(
        f"PostgreSQL cannot make its files in {layout.cluster} ({program}: {last_complaint(done.stdout)}); "
        f"the whole story is in {layout.log}."
    )
