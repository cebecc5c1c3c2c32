"""A PostgreSQL server of somebody else's care: not the wheel's programs, on a port, with a password."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from regulars.postgres.account import Account, find_account
from tests.cli.terminal import free_port

DEBIAN = Path("/usr/lib/postgresql")
MAJOR_MIN = 15
DATABASE, ROLE, PASSWORD = "my shop", "sho p@1", "p@ss/w:rd%?#+é"
OPTIONS = "sslmode=disable&connect_timeout=3"
# The most different from the embedded server's: I and i are two letters, and signs hardly count in sorting.
LOCALES = (["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=tr-TR"], ["--locale=C"])


def find_programs() -> Path | None:
    """REGULARS_TEST_PG_BIN, else the oldest of Debian's that will do; None where there is neither."""
    if named := os.environ.get("REGULARS_TEST_PG_BIN"):
        return Path(named)
    found = {
        int(number.group()): path
        for path in DEBIAN.glob("*/bin")
        if (number := re.match(r"\d+", path.parent.name)) and (path / "initdb").exists()
    }
    return min(((major, path) for major, path in found.items() if major >= MAJOR_MIN), default=(0, None))[1]


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A running server, with an empty database that a role without rights beyond it owns."""

    port: int

    @property
    def url(self) -> str:
        """DATABASE_URL, with everything percent-encoded that must be, and options."""
        return self.url_with(PASSWORD)

    def url_with(self, password: str) -> str:
        who = f"{quote(ROLE, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{who}@127.0.0.1:{self.port}/{quote(DATABASE)}?{OPTIONS}"


@contextlib.contextmanager
def running(programs: Path) -> Iterator[OwnServer]:
    """Make a cluster, start it, and take it away afterwards."""
    home = Path(tempfile.mkdtemp(prefix="own-server-"))
    account = find_account(home / "missing")
    account.own(home)
    cluster, port = home / "cluster", free_port()
    try:
        _make(programs, account, home)
        settings = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={home} -c fsync=off"
        )
        _run(
            programs, account, home, "pg_ctl", f"--options={settings}", "--wait", "start", "-D", str(cluster)
        )
        try:
            _fill(home, port)
            yield OwnServer(port)
        finally:
            _run(programs, account, home, "pg_ctl", "--mode=immediate", "--wait", "stop", "-D", str(cluster))
    finally:
        shutil.rmtree(home)


def _make(programs: Path, account: Account, home: Path) -> None:
    failed = None
    for locale in LOCALES:
        try:
            arguments = ["--username=postgres", "--encoding=UTF8", "--auth-local=trust", "--no-sync", *locale]
            _run(programs, account, home, "initdb", "--auth-host=scram-sha-256", *arguments, "cluster")
            return
        except subprocess.CalledProcessError as error:  # a build without ICU
            failed = error
            shutil.rmtree(home / "cluster", ignore_errors=True)
    assert failed is not None
    raise failed


def _run(programs: Path, account: Account, home: Path, name: str, *arguments: str) -> None:
    with (home / "log").open("a") as log:
        subprocess.run(
            [programs / name, *arguments],
            cwd=home,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
            timeout=60,
            **account.popen_arguments(),
        )


def _fill(home: Path, port: int) -> None:
    with psycopg.connect(host=str(home), port=port, user="postgres", autocommit=True) as connection:
        connection.execute(
            psycopg.sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                psycopg.sql.Identifier(ROLE), psycopg.sql.Literal(PASSWORD)
            )
        )
        connection.execute(
            psycopg.sql.SQL("CREATE DATABASE {} OWNER {}").format(
                psycopg.sql.Identifier(DATABASE), psycopg.sql.Identifier(ROLE)
            )
        )
