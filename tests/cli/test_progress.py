"""A bar for people, lines for logs."""

import pytest

from regulars.cli import progress


def test_elsewhere_it_says_plain_lines_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 0.0, 1.0, 6.0, 7.0, 12.0, 75.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with progress.track("Importing orders", total=400, unit="orders") as track:
        track.advance(50)
        track.advance(50)
        track.note("week 2")
        track.advance(50)
        track.advance(50)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "Importing orders: 100 of 400 (25%) orders, 17 a second",
        "Importing orders: 200 of 400 (50%) orders, 17 a second; week 2",
        "Importing orders: 200 orders in 1 min 15 s.",
    ]


def test_a_total_may_come_later_or_never(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.track("Reading") as track:
        track.reach(10)
        track.reach(20, total=30)
    assert capsys.readouterr().err.startswith("Reading: 20 in ")


def test_an_error_ends_the_bar_and_passes_through(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(LookupError), progress.track("Reading") as track:
        track.advance()
        raise LookupError
    assert capsys.readouterr().err == ""


def test_on_a_terminal_there_is_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with progress.track("Importing orders", total=4, unit="orders") as track:
        track.note("week [2]")
        track.advance(4)
    said = capsys.readouterr().err
    assert "4/4" in said
    assert "Importing orders: week [2]" in said
    assert "Importing orders: 4 orders in" in said.splitlines()[-1]
