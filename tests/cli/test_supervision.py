"""Parts that will not live."""

import os
import signal
import threading

import pytest

from regulars.cli import supervision
from regulars.cli.supervision import Part, PartFails, supervise


def nothing() -> None:
    return None


@pytest.mark.slow  # starts six interpreters
def test_a_part_that_dies_again_and_again_ends_everything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervision, "BACKOFF_SECONDS_MAX", 0.05)
    part = Part("gadget", ["no-such-command"])
    with pytest.raises(PartFails, match=r"^The gadget ended 6 times in a row \(exit code 2\); see above\.$"):
        supervise([part], keep_running=nothing, is_ready=lambda: False, on_ready=nothing)
    assert capsys.readouterr().err.count("starting it again") == 5


def test_readiness_is_announced_once_and_signals_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    announced: list[bool] = []
    threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGTERM]).start()
    supervise([], keep_running=nothing, is_ready=lambda: True, on_ready=lambda: announced.append(True))
    assert announced == [True]
    assert signal.getsignal(signal.SIGTERM) == before
