"""What cannot work is said in one sentence, and leaves nothing half-done."""

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.kit.errors import Refusal
from regulars.postgres import facade as postgres
from regulars.postgres.account import find_account
from tests.postgres.conftest import needs_root
from tests.postgres.processes import FAST, find_ordinary_user, list_postgres, run_as

pytestmark = pytest.mark.slow  # each starts, stops or kills real servers, some make a cluster first


def refuse(data_dir: Path) -> Refusal:
    """The refusal of an attempt to attach; checks that it is one sentence and that nothing runs."""
    with pytest.raises(Refusal) as caught:
        postgres.attach(data_dir, options=FAST)
    assert caught.value.detail.endswith(".")
    assert "\n" not in caught.value.detail
    assert list_postgres(data_dir) == []
    return caught.value


def test_data_of_another_major_version(data_dir: Path) -> None:
    postgres.attach(data_dir, options=FAST).close()
    version = data_dir / "postgres/cluster/PG_VERSION"
    version.write_text("15\n")
    refusal = refuse(data_dir)
    assert isinstance(refusal, postgres.WrongVersion)
    assert "PostgreSQL 15" in refusal.detail
    assert version.read_text() == "15\n"


def test_a_data_directory_that_is_a_file(fresh_dir: Path) -> None:
    fresh_dir.write_text("precious")
    assert str(fresh_dir) in refuse(fresh_dir).detail
    assert fresh_dir.read_text() == "precious"


def test_broken_settings_name_the_log(data_dir: Path) -> None:
    postgres.attach(data_dir, options=FAST).close()
    with (data_dir / "postgres/cluster/postgresql.conf").open("a") as file:
        file.write("work_mem = plenty\n")
    detail = refuse(data_dir).detail
    assert "server.log" in detail
    assert "postgresql.conf" in detail


def test_initdb_that_fails(fresh_dir: Path) -> None:
    """A limit on the size of files makes the real initdb fail in the middle of its work."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        detail = refuse(fresh_dir).detail
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "initdb" in detail
    assert not (fresh_dir / "postgres/cluster").exists()
    assert not (fresh_dir / "postgres/cluster.new").exists()
    postgres.attach(fresh_dir, options=FAST).close()  # and once the obstacle is gone, it works


@pytest.fixture
def small_disk(fresh_dir: Path) -> Iterator[Path]:
    fresh_dir.mkdir(parents=True)
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", fresh_dir], capture_output=True, check=False
    ).returncode:
        pytest.skip("this system does not let us mount a small disk")
    yield fresh_dir
    subprocess.run(["umount", fresh_dir], check=True)


@needs_root
def test_a_full_disk(small_disk: Path) -> None:
    assert refuse(small_disk).detail.startswith(f"The disk of {small_disk} is full")
    assert not (small_disk / "postgres/cluster").exists()


@needs_root
def test_a_directory_of_someone_else(data_dir: Path) -> None:
    postgres.attach(data_dir, options=FAST).close()
    data_dir.parent.chmod(0o755)
    user = find_ordinary_user(but_not=find_account(data_dir / "postgres/cluster").uid)

    def work() -> str:
        try:
            postgres.attach(data_dir)
        except Refusal as refusal:
            return refusal.detail
        return ""

    assert "REGULARS_DATA" in run_as(user, work)


@needs_root
@pytest.mark.parametrize("trap", ["directory", "link", "open"])
def test_a_socket_directory_prepared_by_someone_else(fresh_dir: Path, open_dir: Path, trap: str) -> None:
    long = fresh_dir / ("d" * 120)
    place = postgres.socket_dir(long)
    stranger = find_ordinary_user(but_not=find_account(long / "none").uid)
    if trap == "link":
        place.symlink_to(open_dir)
    else:
        place.mkdir(mode=0o700)
        os.chown(place, stranger.uid, stranger.gid) if trap == "directory" else place.chmod(0o777)
    try:
        assert isinstance(refuse(long), postgres.UnsafeDirectory)
        assert not (long / "postgres/cluster").exists()
    finally:
        place.unlink() if trap == "link" else place.rmdir()


def test_programs_that_are_not_there(
    fresh_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGULARS_PG_BIN", str(tmp_path))
    refusal = refuse(fresh_dir)
    assert isinstance(refusal, postgres.BinariesMissing)
    assert str(tmp_path) in refusal.detail


@needs_root
@pytest.mark.parametrize(
    ("name", "words"), [("no-such-user", "no such user"), ("root", "never runs as root")]
)
def test_service_users_that_will_not_do(
    fresh_dir: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.setenv("REGULARS_PG_USER", name)
    assert words in refuse(fresh_dir).detail
    assert not fresh_dir.exists()
