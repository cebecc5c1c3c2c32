"""The programme: versions, the draft as forms and as text, publishing after a look, rolling back."""

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
from regulars.tiers import facade as tiers
from regulars.trail import facade as trail
from tests.console.conftest import Staffed
from tests.store.shop import PROGRAMME

HOME = "/console/programme/"
DRAFT = f"{HOME}draft/"
TEXT = f"{DRAFT}text/"
REVIEW = f"{DRAFT}review/"
CHANGED = PROGRAMME.replace("points = 20", "points = 30")


def words(page: bytes) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page.decode()).split()))


def begin(client: Client, text: str = "") -> rules.DraftInfo:
    assert client.post(f"{HOME}begin/").status_code == 302
    draft = rules.find_draft()
    assert draft
    if text:
        # A browser sends two signs for each line end.
        sent = {"text": text.replace("\n", "\r\n"), "revision": str(draft.revision)}
        assert client.post(TEXT, sent).status_code == 200
        draft = rules.find_draft()
        assert draft
        assert draft.text == text
    return draft


def publish(client: Client, *, address: str = REVIEW, **more: str) -> tuple[int, str]:
    draft = rules.find_draft()
    sent = {"step": "publish", "note": "n", "against": "1", "revision": str(draft.revision if draft else 0)}
    answer = client.post(address, {**sent, **more})
    return answer.status_code, words(answer.content)


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    return found[1] if found else ""


def test_a_draft_is_looked_at_published_and_ends(staffed: Staffed, owner: Client) -> None:
    begin(owner, CHANGED)
    shown = words(owner.get(REVIEW).content)
    assert "− removed points = 20" in shown
    assert "+ added points = 30" in shown
    assert "No promise to members gets worse." in shown
    assert len(rules.list_versions()) == 1
    assert publish(owner, note="Thirty for a review.")[0] == 302
    latest = rules.list_versions()[0]
    assert (latest.number, latest.text, latest.note) == (2, CHANGED, "Thirty for a review.")
    assert latest.published_by == str(staffed.staff[Role.OWNER].actor)
    record = trail.list_audit(action="programme.published").items[0]
    assert (record.actor, record.reason) == (staffed.staff[Role.OWNER].actor, "Thirty for a review.")
    assert rules.find_draft() is None

    listed = words(owner.get(HOME).content)
    assert "Thirty for a review. In force" in listed
    assert "+1 −1 lines" in listed
    assert "− removed points = 20" in words(owner.get(f"{HOME}2/?show=changes").content)
    assert 'name = "Linden Market"' in words(owner.get(f"{HOME}2/?show=text").content)


def test_mistakes_are_kept_and_stand_at_their_lines(staffed: Staffed, owner: Client) -> None:
    wrong = PROGRAMME.replace('rounding = "floor"', 'rounding = "sideways"')
    line = wrong.splitlines().index('rounding = "sideways"') + 1
    begin(owner, wrong)
    shown = words(owner.get(TEXT).content)
    assert f"Line {line} programme.rounding must be one of" in shown
    assert "It can be read once the mistakes are mended." in shown
    assert "1 mistake" in words(owner.get(DRAFT).content)
    assert owner.get(REVIEW).status_code == 302
    assert publish(owner)[0] == 302
    assert len(rules.list_versions()) == 1
    begin(owner, "[programme")
    assert "No form can show the draft as it is" in words(owner.get(DRAFT).content)
    assert owner.get(f"{DRAFT}part/expiry/").status_code == 409


def test_the_text_is_kept_as_one_types_and_its_meaning_follows(staffed: Staffed, owner: Client) -> None:
    draft = begin(owner)
    sent = {"text": CHANGED, "revision": str(draft.revision)}
    answer = owner.post(TEXT, sent, HTTP_HX_REQUEST="true")
    shown = words(answer.content)
    assert "30 points when you write a review, whatever its stars" in shown
    assert "no longer" in shown
    assert field(answer.content.decode(), "revision") == str(draft.revision + 1)
    assert "<html" not in answer.content.decode()
    # What htmx puts in is what a reload shows.
    part = answer.content.decode().split("<input")[0].strip()
    assert " ".join(part.split()) in " ".join(owner.get(TEXT).content.decode().split())


def test_two_at_one_text_are_told_and_neither_is_run_over(staffed: Staffed, owner: Client) -> None:
    draft = begin(owner)
    marketer = staffed.client(Role.MARKETER)
    begin(marketer, PROGRAMME + "# Mara\n")
    mine = {"text": CHANGED, "revision": str(draft.revision)}
    answer = owner.post(TEXT, mine)
    shown = words(answer.content)
    assert answer.status_code == 409
    assert "Mara Lindt has changed the draft meanwhile" in shown
    assert "points = 30" in shown
    kept = rules.find_draft()
    assert kept
    assert kept.text == PROGRAMME + "# Mara\n"
    assert "Not kept: Mara Lindt" in words(owner.post(TEXT, mine, HTTP_HX_REQUEST="true").content)
    assert "Mara Lindt has changed this draft since you opened it." in words(
        owner.get(f"{DRAFT}pulse/?revision={draft.revision}").content
    )
    # Having looked, one may put one's own in its place.
    again = {"text": CHANGED, "revision": field(answer.content.decode(), "revision")}
    assert owner.post(TEXT, again).status_code == 200
    kept = rules.find_draft()
    assert kept
    assert kept.text == CHANGED


def test_publishing_needs_a_sentence_and_a_moment_to_come(staffed: Staffed, owner: Client) -> None:
    begin(owner, CHANGED)
    assert publish(owner, note=" ")[0] == 422
    assert publish(owner, effective_from="whenever")[0] == 422
    assert publish(owner, effective_from="2020-01-01T00:00")[0] == 409
    assert len(rules.list_versions()) == 1


def test_a_version_of_someone_else_in_the_meantime_is_not_run_over(staffed: Staffed, owner: Client) -> None:
    begin(owner, CHANGED)
    other = PROGRAMME.replace("points = 50", "points = 60")
    rules.publish_programme(actor=staffed.staff[Role.MARKETER].actor, now=utc_now(), text=other, note="Sixty")
    status, shown = publish(owner, note="Thirty for a review.")
    assert status == 409
    assert "Another version was published meanwhile" in shown
    assert "− removed points = 60" in shown
    assert "Thirty for a review." in shown
    assert len(rules.list_versions()) == 2


def test_it_may_begin_later_in_the_programmes_own_time(staffed: Staffed, owner: Client) -> None:
    year = utc_now().year + 1
    begin(owner, CHANGED)
    assert publish(owner, note="Next year", effective_from=f"{year}-01-01T00:00")[0] == 302
    latest = rules.list_versions()[0]
    assert latest.effective_from == datetime(year, 1, 1, 5, tzinfo=UTC)  # midnight in New York
    listed = words(owner.get(HOME).content)
    assert "Next year Coming" in listed
    begin(owner, PROGRAMME + "# now\n")
    assert f"Version 2 begins {year}-01-01 00:00 and replaces this one then." in words(
        owner.get(REVIEW).content
    )


def test_worse_promises_are_numbered_and_acknowledged(staffed: Staffed, owner: Client) -> None:
    worse = PROGRAMME.replace("points = 50", "points = 40")
    begin(owner, worse)
    page = owner.get(REVIEW)
    shown = words(page.content)
    assert "1 promise to members gets worse" in shown
    assert "% less: 40 instead of 50." in shown
    status, shown = publish(owner)
    assert status == 409
    assert "Say that you know it, then publish." in shown
    assert len(rules.list_versions()) == 1
    assert publish(owner, acknowledged=field(page.content.decode(), "acknowledged"))[0] == 302
    assert rules.list_versions()[0].text == worse


def test_members_who_would_fall_are_counted(staffed: Staffed, owner: Client) -> None:
    standing = tiers.count_members_by_tier()
    code, count = next((code, count) for code, count in standing.items() if code not in {"", "bronze"})
    tier = rules.parse_programme(PROGRAMME).find_tier(code)
    assert tier
    head, found, tail = PROGRAMME.partition(f'code = "{code}"')
    assert found
    top = tail.split("[[tiers.tier]]")[0]
    begin(owner, head + found + top.replace(f"threshold = {tier.threshold}", "threshold = 999999"))
    shown = words(owner.get(REVIEW).content)
    assert f"{tier.name} asks for more: 999,999" in shown
    assert f"{count} member{'s' if count > 1 else ''} would fall from {tier.name}." in shown


def test_an_old_version_is_rolled_back_to(staffed: Staffed, owner: Client) -> None:
    begin(owner, CHANGED)
    publish(owner, note="Thirty")
    assert "Roll back to this" in words(owner.get(f"{HOME}1/").content)
    page = owner.get(f"{HOME}1/restore/")
    assert "Roll back to version 1?" in words(page.content)
    sent = {"acknowledged": field(page.content.decode(), "acknowledged"), "against": "2", "note": "Back."}
    assert publish(owner, address=f"{HOME}1/restore/", **sent)[0] == 302
    latest = rules.list_versions()[0]
    assert (latest.number, latest.text, latest.note) == (3, PROGRAMME, "Back.")


def test_nothing_to_publish_and_nothing_to_work_on(staffed: Staffed, owner: Client) -> None:
    assert owner.get(DRAFT).status_code == 302
    assert owner.get(REVIEW).status_code == 404
    draft = begin(owner)
    assert "Nothing to publish" in words(owner.get(REVIEW).content)
    assert "are lost for good" in words(owner.get(f"{DRAFT}discard/").content)
    assert owner.post(f"{DRAFT}discard/", {"revision": "99"}).status_code == 409
    assert rules.find_draft() == draft
    assert owner.post(f"{DRAFT}discard/", {"revision": str(draft.revision)}).status_code == 302
    assert rules.find_draft() is None


def test_support_reads_but_neither_drafts_nor_publishes(
    staffed: Staffed, support: Client, owner: Client
) -> None:
    draft = begin(owner, CHANGED)
    assert support.get(HOME).status_code == 200
    assert support.get(f"{HOME}1/").status_code == 200
    assert support.get(f"{HOME}basket/").status_code == 200
    for address in (DRAFT, TEXT, REVIEW, f"{DRAFT}part/expiry/", f"{HOME}1/restore/"):
        assert support.get(address).status_code == 403
    assert publish(support)[0] == 403
    assert support.post(TEXT, {"text": "x", "revision": str(draft.revision)}).status_code == 403
    assert rules.find_draft() == draft
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


def test_what_no_browser_sends_is_refused_and_changes_nothing(staffed: Staffed, owner: Client) -> None:
    before = begin(owner, CHANGED)
    for address, sent, status in (
        (TEXT, {"text": "name\x00", "revision": str(before.revision)}, 422),
        (f"{DRAFT}discard/", {"revision": "9" * 5_000}, 409),
        (f"{DRAFT}add/tier/", {}, 422),
        (f"{HOME}1/restore/", {}, 422),
        (REVIEW, {}, 422),
        ("/console/rewards/preview/", {"known": "a\x00b"}, 404),
    ):
        assert owner.post(address, sent).status_code == status, address
    assert rules.find_draft() == before
    assert len(rules.list_versions()) == 1
