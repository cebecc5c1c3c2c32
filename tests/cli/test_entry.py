"""What every command has in common: help at once, one sentence for errors, exit codes."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from regulars.cli import entry
from regulars.cli.commands import COMMANDS, Entry
from regulars.cli.failures import explain
from regulars.kit.errors import Conflict
from regulars.postgres import facade as postgres
from tests.cli.terminal import is_one_sentence, regulars


def test_help_lists_the_commands_without_loading_django(fresh_dir: Path) -> None:
    code = (
        "import sys; from regulars.cli.entry import run; code = run(['--help']); "
        "sys.exit(code or 'django' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name, command in COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert command.help.split()[0] in done.stdout


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.run([]) == 0
    assert "Commands:" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.run([name, "--help"]) == 0
    assert f"Usage: regulars {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["up", "--port", "many"],
        ["up", "--port", "70000"],
        ["programme", "check"],
        ["doctor", "--x"],
    ],
)
def test_wrong_usage_is_one_sentence_and_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.run(arguments) == 2
    said = capsys.readouterr()
    assert is_one_sentence(said.err)
    assert "--help" in said.err
    assert said.out == ""


def test_a_mistake_of_ours_is_one_sentence_that_names_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        entry.cli, "entries", {"explode": Entry("tests.cli.exploding:explode", "Break.")}, raising=True
    )
    assert entry.run(["explode"]) == 70
    said = capsys.readouterr().err
    log = Path(settings.DATA_DIR) / "errors.log"
    assert is_one_sentence(said)
    assert "LookupError: the drawer is empty" in said
    assert str(log) in said
    assert "Traceback" in log.read_text()
    assert "in explode" in log.read_text()


def test_a_mistake_where_no_log_can_be_written_finds_another_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path / "missing")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    failure = explain(LookupError("gone"))
    (log,) = tmp_path.glob("regulars-*.log")
    assert str(log) in failure.sentence
    assert "LookupError: gone" in log.read_text()


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (Conflict("It has moved on."), 1, "It has moved on."),
        (ImproperlyConfigured("X must be\n  a number."), 1, "X must be a number."),
        (OperationalError("connection refused\nIs it running?"), 1, "connection refused"),
        (KeyboardInterrupt(), 130, "Stopped."),
        (click.Abort(), 130, "Stopped."),
        (FileNotFoundError(2, "No such file or directory", "/a/b"), 1, "/a/b"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
    ],
)
def test_expected_errors(error: BaseException, code: int, words: str) -> None:
    failure = explain(error)
    assert failure.exit_code == code
    assert words in failure.sentence
    assert is_one_sentence(failure.sentence + "\n")


pytest_slow = pytest.mark.slow  # starts an interpreter that loads Django


@pytest_slow
def test_a_data_directory_that_cannot_be_used(fresh_dir: Path) -> None:
    fresh_dir.write_text("precious")
    done = regulars(fresh_dir, "migrate")
    assert done.returncode == 1
    assert is_one_sentence(done.stderr)
    assert str(fresh_dir) in done.stderr
    assert fresh_dir.read_text() == "precious"


@pytest_slow
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://localhost/x", "DATABASE_URL"),
        ("postgresql://localhost:port/x", "DATABASE_URL"),
        ("postgresql://nobody@127.0.0.1:1/x", "database does not answer"),
    ],
)
def test_a_database_url_that_leads_nowhere(fresh_dir: Path, url: str, words: str) -> None:
    done = regulars(fresh_dir, "migrate", DATABASE_URL=url)
    assert done.returncode == 1
    assert is_one_sentence(done.stderr)
    assert words in done.stderr
    assert not (fresh_dir / "postgres").exists()


@pytest_slow
def test_a_reader_that_has_seen_enough_is_no_error(fresh_dir: Path) -> None:
    line = f"'{sys.executable}' -m regulars.cli --help | true"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest_slow
def test_what_needs_no_database_starts_none(fresh_dir: Path) -> None:
    done = regulars(fresh_dir, "programme", "--help")
    assert done.returncode == 0
    assert not (fresh_dir / "postgres").exists()
    assert not postgres.is_running(fresh_dir)
