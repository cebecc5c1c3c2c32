"""The programme: versions side by side, mistakes at their lines, publishing after a look."""

import re
from datetime import UTC, datetime
from html import unescape

from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.console.pages.programme import compare
from regulars.identity.facade import Role
from regulars.kit.clock import utc_now
from regulars.rules import facade as rules
from regulars.trail import facade as trail
from tests.console.conftest import Staffed
from tests.store.shop import PROGRAMME

EDIT = "/console/programme/new/"
CHANGED = PROGRAMME.replace("points = 20", "points = 30")


def words(page: bytes) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page.decode()).split()))


def send(client: Client, step: str, text: str, **more: str) -> tuple[int, str]:
    # A browser sends two signs for each line end.
    sent = {"step": step, "text": text.replace("\n", "\r\n"), "base": "1", **more}
    answer = client.post(EDIT, sent)
    return answer.status_code, words(answer.content)


def test_a_change_is_checked_looked_at_and_published(staffed: Staffed, owner: Client) -> None:
    assert 'name = "Linden Market"' in words(owner.get(EDIT).content)
    status, shown = send(owner, "check", CHANGED)
    assert status == 200
    assert "No mistakes found." in shown
    status, shown = send(owner, "review", CHANGED)
    assert status == 200
    assert "Compared with version 1." in shown
    assert "− removed points = 20" in shown
    assert "+ added points = 30" in shown
    assert len(rules.list_versions()) == 1

    status, _shown = send(owner, "publish", CHANGED, note="Thirty for a review.")
    assert status == 302
    latest = rules.list_versions()[0]
    assert (latest.number, latest.text, latest.note) == (2, CHANGED, "Thirty for a review.")
    assert latest.published_by == str(staffed.staff[Role.OWNER].actor)
    record = trail.list_audit(action="programme.published").items[0]
    assert (record.actor, record.reason) == (staffed.staff[Role.OWNER].actor, "Thirty for a review.")

    listed = words(owner.get("/console/programme/").content)
    assert "Thirty for a review. In force" in listed
    assert "+1 −1 lines" in listed
    changes = words(owner.get("/console/programme/2/?show=changes").content)
    assert "− removed points = 20" in changes
    assert "30" in words(owner.get("/console/programme/2/").content)
    assert 'name = "Linden Market"' in words(owner.get("/console/programme/2/?show=text").content)


def test_mistakes_stand_at_their_lines(staffed: Staffed, owner: Client) -> None:
    wrong = PROGRAMME.replace('rounding = "floor"', 'rounding = "sideways"')
    line = wrong.splitlines().index('rounding = "sideways"') + 1
    for step in ("check", "review", "publish"):
        status, shown = send(owner, step, wrong, note="n")
        assert status == 422
        assert f"Line {line} programme.rounding must be one of" in shown
        assert wrong.splitlines()[line] in shown
    assert len(rules.list_versions()) == 1


def test_publishing_needs_a_sentence_and_text(staffed: Staffed, owner: Client) -> None:
    assert send(owner, "publish", CHANGED, note=" ")[0] == 422
    assert send(owner, "publish", "", note="n")[0] == 422
    assert send(owner, "publish", CHANGED, note="n", effective_from="whenever")[0] == 422
    assert len(rules.list_versions()) == 1


def test_a_version_of_someone_else_in_the_meantime_is_not_run_over(staffed: Staffed, owner: Client) -> None:
    other = PROGRAMME.replace("points = 50", "points = 60")
    rules.publish_programme(actor=staffed.staff[Role.MARKETER].actor, now=utc_now(), text=other, note="Sixty")
    status, shown = send(owner, "publish", CHANGED, note="Thirty for a review.")
    assert status == 200
    assert "Version 2 was published in the meantime" in shown
    assert "− removed points = 60" in shown
    assert "Thirty for a review." in shown
    assert len(rules.list_versions()) == 2
    assert send(owner, "publish", CHANGED, note="Thirty for a review.", base="2")[0] == 302
    assert rules.list_versions()[0].text == CHANGED


def test_it_may_begin_later_in_the_programmes_own_time(staffed: Staffed, owner: Client) -> None:
    year = utc_now().year + 1
    status, _shown = send(owner, "publish", CHANGED, note="Next year", effective_from=f"{year}-01-01T00:00")
    assert status == 302
    latest = rules.list_versions()[0]
    assert latest.effective_from == datetime(year, 1, 1, 5, tzinfo=UTC)  # midnight in New York
    listed = words(owner.get("/console/programme/").content)
    assert "Next year Coming" in listed
    assert "begins" in listed


def test_back_to_the_text_keeps_what_was_written(staffed: Staffed, owner: Client) -> None:
    status, shown = send(owner, "write", CHANGED)
    assert status == 200
    assert "points = 30" in shown


def test_publishing_the_same_again_makes_no_version(staffed: Staffed, owner: Client) -> None:
    assert "Nothing changes: the text is the same." in send(owner, "review", PROGRAMME)[1]
    assert send(owner, "publish", PROGRAMME, note="n")[0] == 302
    assert len(rules.list_versions()) == 1


def test_support_reads_but_does_not_publish(staffed: Staffed, support: Client) -> None:
    assert support.get("/console/programme/1/").status_code == 200
    assert send(support, "publish", CHANGED, note="n")[0] == 403
    assert len(rules.list_versions()) == 1


LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30).map("\n".join)


@settings(deadline=None)
@given(LINES, LINES)
def test_a_comparison_tells_both_texts(old: str, new: str) -> None:
    before, after = old.splitlines(), new.splitlines()
    comparison = compare(old, new)
    for line in comparison.lines:
        if line.old is not None:
            assert before[line.old - 1] == line.text
        if line.new is not None:
            assert after[line.new - 1] == line.text
    removed = {line.old for line in comparison.lines if line.kind == "removed"}
    added = {line.new for line in comparison.lines if line.kind == "added"}
    assert [text for n, text in enumerate(before, 1) if n not in removed] == [
        text for n, text in enumerate(after, 1) if n not in added
    ]
    assert (comparison.lines == ()) == (before == after)
    gaps = sum(int(line.text) for line in comparison.lines if line.kind == "gap")
    told = sum(line.kind in {"same", "removed"} for line in comparison.lines)
    assert gaps + told == (len(before) if comparison.lines else 0)
