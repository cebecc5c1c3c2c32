"""Notes on members and invitations: kept once, audited without words, forgotten with the person."""

from datetime import UTC, datetime
from typing import Any

import pytest

from regulars.delivery.models import Email
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.errors import IdempotencyConflict, Refusal
from regulars.kit.ids import MemberId
from regulars.members.copies import collect_copy
from regulars.members.facade import (
    MemberErased,
    MemberInput,
    MemberUnknown,
    NothingToInviteTo,
    NotThem,
    ProfileInvalid,
    delete_note,
    erase_member,
    get_consents,
    invite_member,
    list_notes,
    save_members,
    write_note,
)
from regulars.members.models import Note
from regulars.trail.facade import list_audit

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
OPERATOR = Actor(ActorKind.OPERATOR, "1")


def join(external_id: str = "ada", **more: Any) -> MemberId:
    (outcome,) = save_members(actor=OPERATOR, now=NOW, batch=[MemberInput(external_id, **more)])
    assert outcome.member_id is not None
    return outcome.member_id


def note(member_id: MemberId, text: str = " Prefers a call. ", key: str = "k", **more: Any) -> Any:
    told = {"actor": OPERATOR, "now": NOW} | more
    return write_note(member_id=member_id, text=text, idempotency_key=key, **told)


def refuse(refusal: type[Refusal], act: Any) -> None:
    before = (list(Note.objects.values()), Email.objects.count(), len(list_audit(size=100).items))
    with pytest.raises(refusal):
        act()
    assert (list(Note.objects.values()), Email.objects.count(), len(list_audit(size=100).items)) == before


def test_a_note_is_kept_once_told_in_the_copy_and_forgotten_with_the_person() -> None:
    ada = join()
    first = note(ada)
    assert note(ada) == first
    assert first.text == "Prefers a call."
    refuse(IdempotencyConflict, lambda: note(ada, "Other words."))
    refuse(ProfileInvalid, lambda: note(ada, "  ", key="o"))
    refuse(ProfileInvalid, lambda: note(ada, "x" * 2_001, key="o"))
    refuse(MemberUnknown, lambda: note(MemberId(404)))
    refuse(NotThem, lambda: note(ada, actor=Actor(ActorKind.MEMBER, str(ada)), key="o"))
    second = note(ada, "Moved to Bremen.", key="k2")
    assert list_notes(ada) == [second, first]
    assert "Bremen" not in str(list_audit(size=100).items)
    assert [one["text"] for one in collect_copy(ada, NOW)["notes"]] == ["Moved to Bremen.", "Prefers a call."]
    for _ in range(2):
        delete_note(actor=OPERATOR, now=NOW, member_id=ada, note_id=second.id)
    assert list_notes(ada) == [first]
    assert len(list_audit(action="member.note_deleted").items) == 1
    erase_member(actor=OPERATOR, now=NOW, member_id=ada, reason="asked for it")
    assert not Note.objects.exists()
    refuse(MemberErased, lambda: note(ada, key="o"))


def test_an_invitation_goes_to_their_own_address_and_agrees_to_nothing() -> None:
    ada = join(email="ada@example.org", given_name="Ada")
    told = {"actor": OPERATOR, "now": NOW, "shop": "Linden", "link": "https://shop.example/sign-in/"}
    assert invite_member(member_id=ada, **told) == "ada@example.org"
    (message,) = Email.objects.all()
    assert message.recipient == "ada@example.org"
    assert "https://shop.example/sign-in/" in message.text
    assert get_consents(ada) == {}
    assert len(list_audit(action="member.invited").items) == 1
    bob = join("bob")
    refuse(NothingToInviteTo, lambda: invite_member(member_id=bob, **told))
    erase_member(actor=OPERATOR, now=NOW, member_id=ada, reason="asked for it")
    refuse(NothingToInviteTo, lambda: invite_member(member_id=ada, **told))


def test_only_new_changes_nobody_who_is_there() -> None:
    ada = join(given_name="Ada")
    again = MemberInput("ada", given_name="Eve", only_new=True)
    new = MemberInput("eve", given_name="Eve", only_new=True)
    refused, created = save_members(actor=OPERATOR, now=NOW, batch=[again, new])
    assert (refused.status, refused.code) == ("refused", "member_exists")
    assert created.status == "created"
    assert collect_copy(ada, NOW)["profile"]["given_name"] == "Ada"
