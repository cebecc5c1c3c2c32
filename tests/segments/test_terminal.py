"""`regulars segment` as people use it, and what the doctor says of segments."""

from typing import Any

import pytest
from click.testing import CliRunner, Result

from regulars.cli import checks
from regulars.cli import segment as command
from regulars.segments.models import Segment
from tests.segments.world import NOW, Person, World, create, members_of, publish, tree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    settings.EMBEDDED_POSTGRES = False  # the tests' own server runs already
    monkeypatch.setattr(command, "utc_now", lambda: NOW)
    publish()
    return World([Person(orders=[(3, 1000, 0, "north", ())]), Person()])


def call(*arguments: str) -> Result:
    return CliRunner().invoke(command.segment, list(arguments), catch_exceptions=False)


def test_segments_are_listed_shown_and_made_anew() -> None:
    assert "none yet" in call("list").output
    made = create({"count": "orders", "at_least": 1}, "Buyers")
    done = call("rebuild", made.code)
    assert (done.exit_code, "buyers: 1 members, 1 entered" in done.output) == (0, True)
    assert "current, tested" in call("list").output
    shown = call("show", "buyers").output
    assert "Members with: orders: at least 1." in shown
    assert "entered" in shown
    assert [finding.is_problem for finding in checks.check_segments()] == [False]


def test_one_that_fails_is_named_everywhere() -> None:
    made = create({"count": "orders", "at_least": 1}, "Buyers")
    call("rebuild")
    Segment.objects.update(tree=tree({"count": "comets", "at_least": 1}))
    done = call("rebuild")
    assert done.exit_code == 1
    assert "keeps its last members" in done.output
    assert len(members_of(made.code)) == 1
    assert "FAILING" in call("list").output
    (finding,) = checks.check_segments()
    assert finding.is_problem
    assert "buyers" in finding.sentence
