"""Erasing a person takes away who it was, never what was owed (law 10)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from regulars.delivery import facade as delivery
from regulars.identity import facade as identity
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import IdentityKind, MemberInput
from regulars.members.models import Member, MemberIdentity
from regulars.trail import facade as trail

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
AGENT = Actor(ActorKind.OPERATOR, "3")
pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> MemberId:
    [outcome] = members.save_members(
        actor=AGENT,
        now=NOW,
        batch=[
            MemberInput(
                "17",
                "Ada",
                "Lovelace",
                "ada@example.org",
                "+442079460018",
                ["1234"],
                date(1990, 12, 10),
                attributes={"club": "x"},
            )
        ],
    )
    assert outcome.member_id is not None
    return outcome.member_id


def test_nothing_says_who_it_was_and_the_row_stays(ada: MemberId) -> None:
    email_id = delivery.send_email(to="Ada@example.org", subject="Your code", text="Code 123456", now=NOW)
    identity.issue_sign_in_code(member_id=ada, now=NOW)
    members.erase_member(actor=AGENT, now=NOW, member_id=ada, reason="asked by letter")

    profile = members.get_member(ada)
    assert profile.external_id == f"erased:{ada}"
    assert (profile.name, profile.email, profile.phone, profile.cards) == (f"erased:{ada}", None, None, ())
    assert (profile.birthday, dict(profile.attributes), profile.anonymised_at) == (None, {}, NOW)
    assert profile.joined_at == NOW
    assert members.find_member(IdentityKind.EMAIL, "ada@example.org") is None
    assert members.find_member(IdentityKind.EXTERNAL, "17") is None
    assert members.search_members("").items == ()
    assert members.search_members("ada").items == ()
    assert [found.id for found in members.search_members("erased:").items] == [ada]
    assert MemberIdentity.objects.count() == 0
    message = delivery.find_email(email_id)
    assert message is not None
    assert (message.to, message.subject, message.state) == ("", "", delivery.EmailState.FORGOTTEN)
    latest = trail.list_audit(subject=f"member:{ada}").items[0]
    assert (latest.action, latest.actor, latest.reason) == ("member.erased", AGENT, "asked by letter")


def test_the_trail_and_the_database_hold_nothing_personal_afterwards(ada: MemberId) -> None:
    members.erase_member(actor=AGENT, now=NOW, member_id=ada, reason="asked")
    text = repr(list(Member.objects.values())) + repr(
        [(record.subject, record.details, record.reason) for record in trail.list_audit().items]
    )
    for personal in ("Ada", "Lovelace", "ada@", "7946", "1234", "1990"):
        assert personal not in text


def test_the_shops_next_word_of_that_person_begins_a_new_member(ada: MemberId) -> None:
    members.erase_member(actor=AGENT, now=NOW, member_id=ada, reason="asked")
    [outcome] = members.save_members(actor=AGENT, now=NOW, batch=[MemberInput("17", email="ada@example.org")])
    assert outcome.status is members.SaveStatus.CREATED
    assert outcome.member_id != ada


def test_refusals_change_nothing(ada: MemberId) -> None:
    before = members.get_member(ada)
    with pytest.raises(members.ProfileInvalid):
        members.erase_member(actor=AGENT, now=NOW, member_id=ada, reason=" ")
    with pytest.raises(members.MemberUnknown):
        members.erase_member(actor=AGENT, now=NOW, member_id=MemberId(ada + 1), reason="asked")
    assert members.get_member(ada) == before
    members.erase_member(actor=AGENT, now=NOW, member_id=ada, reason="asked")
    erased = members.get_member(ada)
    with pytest.raises(members.MemberErased):
        members.erase_member(actor=AGENT, now=NOW + timedelta(days=1), member_id=ada, reason="again")
    assert members.get_member(ada) == erased
