from pathlib import Path

import pytest

from regulars.postgres import facade as postgres

LIMIT = 107  # bytes of a socket's path on Linux, without the final NUL


def socket_path(data_dir: Path) -> Path:
    return postgres.socket_dir(data_dir) / f".s.PGSQL.{postgres.PORT}"


def test_the_socket_lies_below_the_data_directory(tmp_path: Path) -> None:
    assert postgres.socket_dir(Path("/srv/regulars")) == Path("/srv/regulars/postgres/socket")


@pytest.mark.parametrize("length", [1, 60, 90, 100, 200, 3000])
def test_no_data_directory_is_too_long_for_its_socket(length: int) -> None:
    data_dir = Path("/srv") / Path(*["d" * 50] * (length // 50), "d" * (length % 50 + 1))
    assert len(bytes(socket_path(data_dir))) <= LIMIT


def test_the_limit_counts_bytes_not_letters() -> None:
    assert len(bytes(socket_path(Path("/srv/" + "д" * 60)))) <= LIMIT


def test_long_directories_do_not_share_a_socket() -> None:
    first, second = (postgres.socket_dir(Path("/srv") / ("d" * 120 + end)) for end in "ab")
    assert first != second


def test_every_way_to_name_a_directory_leads_to_one_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    names = [tmp_path / "data", Path("data"), Path("link"), Path("data/../data")]
    assert len({postgres.socket_dir(name) for name in names}) == 1


def test_the_environment_does_not_move_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    data_dir = Path("/srv") / ("d" * 150)
    before = postgres.socket_dir(data_dir)
    monkeypatch.setenv("TMPDIR", "/srv/tmp")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    assert postgres.socket_dir(data_dir) == before


def test_naming_the_socket_makes_nothing(tmp_path: Path) -> None:
    short, long = tmp_path / "data", tmp_path / ("d" * 150)
    assert not postgres.socket_dir(short).exists()
    assert not postgres.socket_dir(long).exists()
    assert list(tmp_path.iterdir()) == []
    assert not postgres.is_running(short)
