"""From the embedded database to a server of one's own, and from an older major version to a newer one."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from regulars.cli.backup import AddressInvalid, TargetDoesNotAnswer, require_answer
from regulars.postgres import facade as postgres
from tests.backup.shop import MORE, in_turn, look, look_at
from tests.cli.terminal import is_one_sentence, regulars
from tests.deployment.own_server import OwnServer, find_programs, running
from tests.postgres.processes import ask

PROGRAMS = find_programs()

pytestmark = [
    # A cluster of its own beside the embedded one, and a dozen processes that load Django.
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAMS is None, reason="There are no PostgreSQL programs here but the wheel's."),
]

CLOSED = "SELECT current_setting('default_transaction_read_only') = 'on'"


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    assert PROGRAMS is not None
    with running(PROGRAMS) as made:
        yield made


def is_closed(data_dir: Path) -> bool:
    with postgres.attach(data_dir):
        return bool(ask(data_dir, CLOSED))


def test_who_does_not_answer_is_noticed_before_anything_begins(server: OwnServer) -> None:
    with pytest.raises(TargetDoesNotAnswer, match="does not answer") as wrong:
        require_answer(server.url_with("hush/hush"))
    assert "hush" not in wrong.value.detail
    with pytest.raises(AddressInvalid) as nonsense:
        require_answer("postgresql://a:se cret@[::1/x")
    assert "cret" not in nonsense.value.detail
    require_answer(server.url)


def test_what_cannot_be_moved_stays_in_use(shop: Path, server: OwnServer) -> None:
    with postgres.attach(shop):
        busy = regulars(shop, "move", "--to", server.url)
        assert (busy.returncode, "Someone is at work" in busy.stderr) == (1, True)
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE not_ours AS SELECT 42 AS answer")
    full = regulars(shop, "move", "--to", server.url)
    assert full.returncode == 1
    assert full.stderr.endswith("Nothing was moved, and the database here is in use as before.\n")
    assert not is_closed(shop)
    assert look_at(server.url) == {"not_ours": "(42)"}
    with psycopg.connect(server.url) as connection:
        connection.execute("DROP TABLE not_ours")
    assert not [path for path in shop.iterdir() if path.name.startswith(".moving")]


def test_moving_loses_nothing_and_closes_what_it_leaves(shop: Path, place: Path, server: OwnServer) -> None:
    before = look(shop)
    moved = regulars(shop, "move", REGULARS_MOVE_TO=server.url)
    assert moved.returncode == 0, moved.stderr
    assert "A replay of the ledger's history gave every balance." in moved.stdout
    assert look_at(server.url) == before
    assert look(shop) == before
    assert "p@ss" not in moved.stdout + moved.stderr

    # Nobody goes on in the old one by mistake, and nothing that they try is half done.
    orders = place / "more.csv"
    orders.write_text(MORE)
    refused = regulars(shop, "import", "orders", str(orders))
    assert (refused.returncode, "moved" in refused.stderr) == (1, True), refused.stdout + refused.stderr
    assert is_one_sentence(refused.stderr.splitlines(keepends=True)[-1])
    assert look(shop) == before
    there = regulars(shop, "import", "orders", str(orders), DATABASE_URL=server.url)
    assert "1 order new" in there.stdout, there.stdout + there.stderr

    # From PostgreSQL 15 (or whichever is here) to the embedded one: the way to a newer major version.
    file, newer = place / "older.backup", place / "newer"
    made = regulars(shop, "backup", str(file), DATABASE_URL=server.url)
    assert made.returncode == 0, made.stderr
    restored = regulars(newer, "restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert look(newer) == look_at(server.url) != before

    back = in_turn(shop, ["move", "--back"], ["import", "orders", str(orders)])
    assert "1 order new" in back.stdout, back.stdout + back.stderr
