"""DATABASE_URL names a server of one's own: all that the embedded one does, it does."""

import http.client
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cli.terminal import Up, is_one_sentence, regulars
from tests.deployment.own_server import OwnServer, find_programs, running

PROGRAMS = find_programs()

pytestmark = [
    # A cluster of its own and a dozen processes that load Django.
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAMS is None, reason="There are no PostgreSQL programs here but the wheel's."),
]

# Sorted by their bytes, in a dictionary and in a Turkish one, these come in three orders.
EXTERNAL_IDS = ("ID-1", "id-2", "İD-3", "ID-ı4", "I-D5", "ID_6", "Id 7", "iz-8")
MEMBERS = "external_id,given_name,family_name\n" + "".join(f"{one},İpek,Işık\n" for one in EXTERNAL_IDS)
ORDERS = "order_id,member_id,occurred_at,sku,quantity,amount\n" + "".join(
    f"A{number},{one},2026-03-04,bread,1,12.50\n" for number, one in enumerate(EXTERNAL_IDS)
)


@dataclass(frozen=True, slots=True)
class Shop:
    """A data directory, and the server that is used instead of the embedded one."""

    data_dir: Path
    server: OwnServer

    def run(self, *arguments: str) -> "CompletedProcess[str]":
        return regulars(self.data_dir, *arguments, DATABASE_URL=self.server.url)

    def write(self, name: str, text: str) -> str:
        file = self.data_dir.parent / name
        file.write_text(text)
        return str(file)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """An installation that has members and orders."""
    assert PROGRAMS is not None
    with tempfile.TemporaryDirectory() as parent, running(PROGRAMS) as server:
        made = Shop(Path(parent) / "data", server)
        migrated = made.run("migrate")
        assert migrated.returncode == 0, migrated.stderr
        for kind, text in (("members", MEMBERS), ("orders", ORDERS)):
            imported = made.run("import", kind, made.write(f"{kind}.csv", text))
            assert imported.returncode == 0, imported.stdout + imported.stderr
        yield made


def test_there_is_no_embedded_server_beside_it(shop: Shop) -> None:
    assert not (shop.data_dir / "postgres").exists()


def test_migrating_again_changes_nothing(shop: Shop) -> None:
    assert shop.run("migrate").stdout == "The database is up to date.\n"


def test_doctor_proves_the_ledger_and_misses_only_a_worker(shop: Shop) -> None:
    done = shop.run("doctor", "--ledger")
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("BAD")] == ["worker"], done.stdout
    assert any("the server that DATABASE_URL names" in line for line in lines)
    assert any(re.search(r"replay of [\d,]*[1-9][\d,]* entries", line) for line in lines)
    assert done.returncode == 1


def test_importing_again_changes_nothing(shop: Shop) -> None:
    again = shop.run("import", "orders", shop.write("orders.csv", ORDERS))
    assert again.returncode == 0
    assert "Nothing changed" in again.stdout


def test_up_serves_and_works_and_doctor_is_content(shop: Shop) -> None:
    key = shop.run("key", "create", "till", "--scope", "members:read").stdout.strip()
    with Up(shop.data_dir, DATABASE_URL=shop.server.url) as up:
        done = shop.run("doctor", "--ledger")
        assert done.returncode == 0, done.stdout
        found = list(_walk(up.port, key, "id-"))
        assert sorted(found) == ["ID-1", "ID-ı4", "id-2"]
        everyone = list(_walk(up.port, key, "Işık"))
        assert sorted(everyone) == sorted(EXTERNAL_IDS)
        assert up.end() == 0


def test_a_wrong_password_is_one_sentence_that_does_not_tell_it(shop: Shop) -> None:
    wrong = shop.server.url_with("hush/hush")
    done = regulars(shop.data_dir, "migrate", DATABASE_URL=wrong)
    assert done.returncode == 1
    assert is_one_sentence(done.stderr)
    assert "database does not answer" in done.stderr
    assert "hush" not in done.stderr


def _walk(port: int, key: str, text: str) -> Iterator[str]:
    """The external ids that the API finds, page by page of two."""
    cursor: str | None = ""
    while cursor is not None:
        page = _ask(port, key, {"search": text, "size": "2", **({"cursor": cursor} if cursor else {})})
        yield from (member["external_id"] for member in page["items"])
        cursor = page["next_cursor"]


def _ask(port: int, key: str, query: dict[str, str]) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        path = f"/api/v1/members?{urlencode(query)}"
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        assert answer.status == 200
        return json.load(answer)
    finally:
        connection.close()
