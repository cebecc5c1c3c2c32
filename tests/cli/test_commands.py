"""The commands that do one thing and end, run for real."""

import subprocess
from pathlib import Path

import pytest

from regulars.postgres import facade as postgres
from regulars.rules.facade import read_example
from tests.cli.terminal import COMMAND, environment, is_one_sentence, regulars

pytestmark = pytest.mark.slow  # each starts an interpreter, Django and a database


def test_migrate_twice(fresh_dir: Path) -> None:
    first = regulars(fresh_dir, "migrate")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("Applied ")
    second = regulars(fresh_dir, "migrate")
    assert (second.returncode, second.stdout) == (0, "The database is up to date.\n")
    assert not postgres.is_running(fresh_dir)


def test_two_that_migrate_at_once_do_it_once(fresh_dir: Path) -> None:
    both = [
        subprocess.Popen(
            [*COMMAND, "migrate"],
            env=environment(fresh_dir),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=120) for process in both)
    assert [process.returncode for process in both] == [0, 0], said
    assert [out.split()[0] for out, _ in said] == ["Applied", "The"]


def test_doctor_before_the_first_migration(fresh_dir: Path) -> None:
    done = regulars(fresh_dir, "doctor")
    assert done.returncode == 1
    assert "BAD   migrations" in done.stdout
    assert "regulars migrate" in done.stdout
    assert is_one_sentence(done.stderr)


def test_doctor_when_all_is_well(data_dir: Path) -> None:
    done = regulars(data_dir, "doctor", "--ledger")
    assert done.returncode == 0, done.stdout
    subjects = [line.split()[1] for line in done.stdout.splitlines()]
    assert subjects == [
        "disk",
        "database",
        "clock",
        "time",
        "migrations",
        "worker",
        "jobs",
        "facts",
        "segments",
        "recommend",
        "ledger",
        "points",
        "seals",
    ]
    assert "BAD" not in done.stdout
    assert not postgres.is_running(data_dir)


def test_doctor_when_others_run_but_no_worker(data_dir: Path) -> None:
    with postgres.attach(data_dir):
        done = regulars(data_dir, "doctor")
    assert done.returncode == 1
    assert "BAD   worker" in done.stdout


def test_doctor_when_the_database_does_not_answer(fresh_dir: Path) -> None:
    done = regulars(fresh_dir, "doctor", DATABASE_URL="postgresql://nobody@127.0.0.1:1/x")
    assert done.returncode == 1
    assert "good  disk" in done.stdout
    assert "BAD   database" in done.stdout
    assert "Traceback" not in done.stderr


def test_doctor_names_data_of_another_version(data_dir: Path) -> None:
    (data_dir / "postgres/cluster/PG_VERSION").write_text("14\n")
    done = regulars(data_dir, "doctor")
    assert done.returncode == 1
    assert "PostgreSQL 14" in done.stdout


def test_a_programme_is_checked_published_and_shown(served_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "programme.toml"
    file.write_text(read_example() + "\n# ours\n")
    assert regulars(served_dir, "programme", "check", str(file)).returncode == 0

    published = regulars(served_dir, "programme", "publish", str(file), "--note", "Begin with this")
    assert published.returncode == 0, published.stderr
    assert published.stdout.startswith("Version 2 is in force")
    again = regulars(served_dir, "programme", "publish", str(file))
    assert "nothing was published" in again.stdout

    shown = regulars(served_dir, "programme", "show")
    assert shown.stdout == file.read_text()
    assert "Begin with this" in shown.stderr
    assert regulars(served_dir, "programme", "show", "1").stdout == read_example()
    missing = regulars(served_dir, "programme", "show", "9")
    assert missing.returncode == 1
    assert is_one_sentence(missing.stderr)
    assert len(regulars(served_dir, "programme", "show", "--list").stdout.splitlines()) == 2


def test_mistakes_in_a_programme_name_file_line_and_field(served_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "programme.toml"
    lines = read_example().splitlines()
    at = next(n for n, line in enumerate(lines, 1) if line.startswith("time_zone"))
    lines[at - 1] = 'time_zone = "Europe/Atlantis"'
    file.write_text("\n".join(lines))
    for command in ("check", "publish"):
        done = regulars(served_dir, "programme", command, str(file))
        assert done.returncode == 1
        assert done.stdout.startswith(f"{file}:{at} programme.time_zone: ")
    assert len(regulars(served_dir, "programme", "show", "--list").stdout.splitlines()) == 1


def test_a_programme_that_is_no_text(fresh_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "programme.toml"
    file.write_bytes(b"name = '\xff'")
    done = regulars(fresh_dir, "programme", "check", str(file))
    assert done.returncode == 1
    assert is_one_sentence(done.stderr)
    assert not (fresh_dir / "postgres").exists()  # checking needs no database


def test_an_operator_and_a_key(served_dir: Path) -> None:
    arguments = ["operator", "create", "ada@example.com", "--role", "marketer"]
    made = regulars(served_dir, *arguments, stdin="a long enough secret\n")
    assert made.returncode == 0, made.stderr
    assert made.stdout == "ada@example.com can sign in to the console as marketer.\n"
    again = regulars(served_dir, *arguments, stdin="a long enough secret\n")
    assert again.returncode == 1
    assert is_one_sentence(again.stderr)
    weak = regulars(served_dir, "operator", "create", "bob@example.com", stdin="12345\n")
    assert weak.returncode == 1
    assert is_one_sentence(weak.stderr)

    key = regulars(served_dir, "key", "create", "till", "--scope", "orders:write")
    assert key.returncode == 0, key.stderr
    assert len(key.stdout.split()) == 1  # the secret and nothing else: ready for a pipe
    assert "orders:write" in key.stderr
    assert key.stdout.strip() not in key.stderr


def test_a_key_is_revoked_and_an_operator_let_go(served_dir: Path) -> None:
    secret = regulars(served_dir, "key", "create", "till").stdout.strip()
    prefix = secret.split("_")[1]
    assert prefix in regulars(served_dir, "key", "list").stdout
    unknown = regulars(served_dir, "key", "revoke", "nothing", "--reason", "Lost")
    assert (unknown.returncode, is_one_sentence(unknown.stderr)) == (1, True)
    done = regulars(served_dir, "key", "revoke", prefix, "--reason", "Lost")
    assert (done.returncode, done.stdout) == (0, f"Key {prefix} for till is revoked.\n")
    listed = regulars(served_dir, "key", "list").stdout
    assert "revoked" in listed
    assert secret not in listed

    for email in ("ada@example.com", "bob@example.com"):
        made = regulars(served_dir, "operator", "create", email, stdin="a long enough secret\n")
        assert made.returncode == 0, made.stderr
    changed = regulars(served_dir, "operator", "password", "BOB@example.com", stdin="yet another secret\n")
    assert changed.returncode == 0, changed.stderr
    assert regulars(served_dir, "operator", "deactivate", "bob@example.com").returncode == 0
    assert "bob@example.com  owner  deactivated" in regulars(served_dir, "operator", "list").stdout
    last = regulars(served_dir, "operator", "deactivate", "ada@example.com")
    assert (last.returncode, is_one_sentence(last.stderr)) == (1, True)
    stranger = regulars(served_dir, "operator", "password", "eve@example.com", stdin="a long enough secret\n")
    assert (stranger.returncode, is_one_sentence(stranger.stderr)) == (1, True)
