"""What the shop of these tests holds, and how to see that two databases hold the same."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

from regulars.postgres import facade as postgres
from tests.cli.terminal import environment
from tests.postgres.processes import connect

SIGNING_KEY = "some_signing_key.pem"
"""Of a name that the backup has never heard of: keys are taken because they are there."""
MEMBERS = "external_id,given_name,family_name\n" + "".join(
    f'm{number},"Ann\\N, ""the {number}""",İpek\t語\n' for number in range(40)
)
ORDERS = "order_id,member_id,occurred_at,sku,quantity,amount\n" + "".join(
    f"A{number},m{number * 7 % 40},2026-0{number % 9 + 1}-1{number % 10},bread,1,{number % 90 + 1}.50\n"
    for number in range(400)
)
MORE = "order_id,member_id,occurred_at,sku,quantity,amount\nB1,m1,2026-09-09,bread,1,9.50\n"
_IN_TURN = """
import json, sys
from regulars.cli.entry import run
for arguments in json.loads(sys.argv[1]):
    if code := run(arguments):
        sys.exit(code)
"""
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


def in_turn(data_dir: Path, *commands: list[str], **more: str) -> "subprocess.CompletedProcess[str]":
    """Several commands in one process, up to the first that fails: each start takes two seconds."""
    return subprocess.run(
        [sys.executable, "-c", _IN_TURN, json.dumps(commands)],
        env=environment(data_dir, **more),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def look(data_dir: Path) -> dict[str, str]:
    """Every row of the embedded database, by table. It must be running or be startable."""
    with postgres.attach(data_dir), connect(data_dir) as connection:
        return look_through(connection)


def look_at(url: str) -> dict[str, str]:
    """Every row of another database, by table."""
    with psycopg.connect(url) as connection:
        return look_through(connection)


def look_through(connection: "psycopg.Connection[Any]") -> dict[str, str]:
    connection.execute("SET timezone = 'UTC'")
    names = [row[0] for row in connection.execute(_TABLES)]
    found = {}
    for name in names:
        rows = connection.execute(f'SELECT t::text FROM "{name}" AS t').fetchall()
        found[name] = "\n".join(sorted(row[0] for row in rows))
    return found


def look_at_files(data_dir: Path) -> dict[str, bytes]:
    """The files beside the database."""
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(data_dir)): path.read_bytes()
        for path in files
        if path.relative_to(data_dir).parts[0] != "postgres"
    }
