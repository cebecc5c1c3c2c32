"""The draft: kept as it is typed, changed by several at once without loss, published as it was looked at."""

from datetime import UTC, datetime, timedelta

import pytest

from regulars.kit.actor import Actor, ActorKind
from regulars.kit.errors import InvalidInput
from regulars.kit.ids import ProgrammeVersion
from regulars.rules import facade as rules
from regulars.rules.facade import DraftEdit, DraftMoved, EditAction, NoDraft, PromisesWorse
from regulars.trail import facade as trail
from tests.rules.documents import MINIMAL

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
ADA = Actor(ActorKind.OPERATOR, "7")
BO = Actor(ActorKind.OPERATOR, "8")
DOUBLE = {"id": "double", "type": "multiplier", "factor": 2}

pytestmark = pytest.mark.django_db


def actions() -> list[str]:
    return [record.action for record in reversed(trail.list_audit().items)]


def begin() -> rules.DraftInfo:
    rules.publish_programme(actor=ADA, now=NOW, text=MINIMAL)
    return rules.begin_draft(actor=ADA, now=NOW)


def edit(address: str, **values: object) -> DraftEdit:
    found = rules.find_draft()
    assert found
    data = rules.read_document(found.text)
    path = rules.find_path(data, address)
    assert path
    seen = rules.fingerprint(rules.table_at(data, path))
    return DraftEdit(EditAction.CHANGE, address, values, seen)


def test_a_draft_begins_from_what_is_latest_and_keeps_even_mistakes() -> None:
    draft = begin()
    assert (draft.text, draft.base, draft.revision) == (MINIMAL, 1, 1)
    saved = rules.save_draft(actor=ADA, now=LATER, text="[programme", revision=1)
    assert (saved.text, saved.revision, saved.saved_at) == ("[programme", 2, LATER)
    assert rules.begin_draft(actor=BO, now=LATER) == saved
    assert actions() == ["programme.published", "programme.draft_begun"]
    rules.discard_draft(actor=BO, now=LATER, revision=2)
    assert rules.find_draft() is None
    assert actions()[-1] == "programme.draft_discarded"


def test_nobody_writes_over_what_another_wrote() -> None:
    begin()
    rules.save_draft(actor=BO, now=NOW, text=MINIMAL + "# Bo\n", revision=1)
    with pytest.raises(DraftMoved) as refusal:
        rules.save_draft(actor=ADA, now=LATER, text=MINIMAL + "# Ada\n", revision=1)
    assert refusal.value.extra["saved_by"] == str(BO)
    with pytest.raises(DraftMoved):
        rules.discard_draft(actor=ADA, now=LATER, revision=1)
    draft = rules.find_draft()
    assert draft
    assert draft.text == MINIMAL + "# Bo\n"
    # The hand-over is told once, not each press of a key.
    rules.save_draft(actor=BO, now=LATER, text=MINIMAL + "# Bo!\n", revision=2)
    assert actions().count("programme.draft_changed") == 1


def test_two_who_change_different_tables_both_keep_their_change() -> None:
    begin()
    adas, bos = edit("earn:purchases", points=3), edit("programme", name="Bo's")
    again = edit("earn:purchases", points=4)
    rules.edit_draft(actor=BO, now=NOW, edit=bos)
    rules.edit_draft(actor=ADA, now=LATER, edit=adas)
    draft = rules.find_draft()
    assert draft
    assert draft.text == MINIMAL.replace("Corner Shop Club", "Bo's").replace("points = 1", "points = 3")
    # And one who opened the form on the rule before it changed is told, whatever the revision says.
    with pytest.raises(DraftMoved):
        rules.edit_draft(actor=BO, now=LATER, edit=again)
    assert rules.find_draft() == draft


def test_rules_are_added_moved_put_to_rest_and_taken() -> None:
    begin()
    for each in (
        DraftEdit(EditAction.ADD, "earn", DOUBLE),
        DraftEdit(EditAction.UP, "earn:double"),
        DraftEdit(EditAction.CHANGE, "earn:double", {"enabled": False}),
    ):
        rules.edit_draft(actor=ADA, now=NOW, edit=each)
    draft = rules.find_draft()
    assert draft
    found = rules.parse_programme(draft.text)
    assert [(rule.id, rule.enabled) for rule in found.rules] == [("double", False), ("purchases", True)]
    rules.edit_draft(actor=ADA, now=NOW, edit=DraftEdit(EditAction.REMOVE, "earn:double"))
    with pytest.raises(rules.EditRefused):
        rules.edit_draft(actor=ADA, now=NOW, edit=DraftEdit(EditAction.REMOVE, "earn:double"))
    draft = rules.find_draft()
    assert draft
    assert draft.text == MINIMAL
    assert trail.list_audit(action="programme.draft_changed").items[0].details == {
        "what": "remove",
        "where": "earn:double",
    }


def publish(revision: int, against: int | None, **more: object) -> rules.ProgrammeVersionInfo:
    return rules.publish_draft(
        actor=ADA, now=LATER, revision=revision, against=against, note="n", **more  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_draft_is_published_as_it_was_looked_at_and_ends() -> None:
    begin()
    rules.edit_draft(actor=BO, now=NOW, edit=edit("earn:purchases", points=2))
    with pytest.raises(DraftMoved):
        publish(1, 1)
    rules.publish_programme(actor=BO, now=NOW, text=MINIMAL + "# meanwhile\n")
    with pytest.raises(DraftMoved):
        publish(2, 1)
    with pytest.raises(InvalidInput):
        publish(2, 2, effective_from=NOW)
    assert len(rules.list_versions()) == 2
    info = publish(2, 2)
    assert (info.number, info.published_by) == (3, str(ADA))
    assert rules.find_draft() is None
    with pytest.raises(NoDraft):
        publish(2, 3)


def test_promises_made_worse_are_acknowledged_or_nothing_is_published() -> None:
    begin()
    rules.edit_draft(actor=ADA, now=NOW, edit=edit("earn:purchases", per=2))
    draft = rules.find_draft()
    assert draft
    for acknowledged in ("", "yes"):
        with pytest.raises(PromisesWorse):
            publish(2, 1, acknowledged=acknowledged)
    assert len(rules.list_versions()) == 1
    assert rules.find_draft() == draft
    worse = rules.list_worse(draft.text, begins=LATER)
    assert publish(2, 1, acknowledged=rules.fingerprint_worse(worse)).number == 2
    record = trail.list_audit(action="programme.published").items[0]
    assert record.details["made_worse"] == ["rule:purchases: rule_rate"]


def test_an_old_version_is_published_again_as_a_new_one() -> None:
    draft = begin()
    rules.publish_programme(actor=ADA, now=NOW, text=MINIMAL.replace("points = 1", "points = 2"))

    def back(against: int, acknowledged: str = "") -> rules.ProgrammeVersionInfo:
        return rules.publish_again(
            actor=BO,
            now=LATER,
            number=ProgrammeVersion(1),
            against=against,
            note="Too dear.",
            acknowledged=acknowledged,
        )

    with pytest.raises(DraftMoved):
        back(1)
    with pytest.raises(PromisesWorse):
        back(2)
    worse = rules.list_worse(MINIMAL, begins=LATER)
    info = back(2, rules.fingerprint_worse(worse))
    assert (info.number, info.text, info.note) == (3, MINIMAL, "Too dear.")
    assert trail.list_audit(action="programme.published").items[0].details["restores"] == 1
    assert rules.find_draft() == draft
