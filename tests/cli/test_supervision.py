"""Parts that will not live."""

import os
import signal
import threading

import pytest

from regulars.cli import supervision
from regulars.cli.supervision import Part, PartFails, persevere, supervise
from regulars.kit.errors import Unavailable


def nothing() -> None:
    return None


def runs() -> bool:
    return True


@pytest.mark.slow  # starts six interpreters
def test_a_part_that_dies_again_and_again_ends_everything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervision, "BACKOFF_SECONDS_MAX", 0.05)
    part = Part("gadget", ["no-such-command"])
    with pytest.raises(PartFails, match=r"^The gadget ended 6 times in a row \(exit code 2\); see above\.$"):
        supervise([part], keep_running=runs, is_ready=lambda: False, on_ready=nothing)
    assert capsys.readouterr().err.count("starting it again") == 5


def test_readiness_is_announced_once_and_signals_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    announced: list[bool] = []
    threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGTERM]).start()
    supervise([], keep_running=runs, is_ready=lambda: True, on_ready=lambda: announced.append(True))
    assert announced == [True]
    assert signal.getsignal(signal.SIGTERM) == before


def test_what_cannot_be_started_now_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A disk that is full now may be freed: the reason is told once, and told anew where it is another."""
    monkeypatch.setattr(supervision, "RETRY_SECONDS", 0)
    reasons = ["The disk is full.", "The disk is full.", "", "The disk is full.", ""]

    def start() -> None:
        if reason := reasons.pop(0):
            raise Unavailable(reason)

    keep_running = persevere(start)
    assert [keep_running() for _ in range(5)] == [False, False, True, False, True]
    assert capsys.readouterr().err.count("The disk is full.") == 2


def test_it_is_not_tried_more_often_than_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "RETRY_SECONDS", 3600)
    tries: list[bool] = []

    def start() -> None:
        tries.append(True)
        raise Unavailable("The disk is full.")

    keep_running = persevere(start)
    assert [keep_running() for _ in range(3)] == [False] * 3
    assert tries == [True]


@pytest.mark.slow  # starts an interpreter
def test_while_what_they_need_is_away_no_part_is_started_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would die for the same reason, and six deaths in a row end everything."""
    monkeypatch.setattr(supervision, "BACKOFF_SECONDS_MAX", 0)
    part = Part("gadget", ["no-such-command"])
    looks_after_its_end = 0

    def is_away() -> bool:
        nonlocal looks_after_its_end
        looks_after_its_end += part._process is not None and part._process.poll() is not None
        if looks_after_its_end == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        return False

    supervise([part], keep_running=is_away, is_ready=lambda: False, on_ready=nothing)
    assert looks_after_its_end == 5
    assert "starting it again" not in capsys.readouterr().err
