"""What members say of themselves: profile, consents, a copy of their data, erasure."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import ConsentChannel, ConsentPurpose, MemberInput, PrivacyKind, PrivacyState
from regulars.members.models import ConsentEntry, PrivacyRequestRow
from regulars.members.policies import INTERESTS, join_interests
from regulars.members.tasks import carry_out, write
from regulars.trail.facade import list_audit

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
EMAIL_OFFERS = (ConsentChannel.EMAIL, ConsentPurpose.OFFERS)


@pytest.fixture
def ada() -> MemberId:
    told = MemberInput("ada", "Ada", "Lovelace", "ada@example.org", joined_at=NOW - timedelta(days=9))
    member_id = members.save_members(actor=SYSTEM, now=NOW, batch=[told])[0].member_id
    assert member_id is not None
    return member_id


def herself(member_id: MemberId) -> Actor:
    return Actor(ActorKind.MEMBER, str(member_id))


def change(member_id: MemberId, **changes: object) -> members.MemberProfile:
    told = {"given_name": "Ada", "family_name": "Lovelace", "locale": "", "time_zone": ""} | changes
    return members.change_profile(
        actor=herself(member_id),
        now=NOW,
        member_id=member_id,
        **told,  # type: ignore[arg-type]
    )


def test_a_member_changes_their_profile(ada: MemberId) -> None:
    profile = change(
        ada, given_name=" Augusta  Ada ", family_name="", locale="ru", time_zone="Europe/Moscow",
        birthday=date(1990, 2, 28), interests=["Bread; dark", "Coffee", "Coffee"],
    )  # fmt: skip
    assert (profile.given_name, profile.family_name) == ("Augusta Ada", "")
    assert (profile.locale, profile.time_zone) == ("ru", "Europe/Moscow")
    assert profile.attributes == {INTERESTS: "Bread dark; Coffee"}
    assert members.split_interests(profile.attributes) == ("Bread dark", "Coffee")
    assert change(ada).attributes == {}
    assert list_audit().items[0].actor == herself(ada)


def test_a_birthday_is_told_once(ada: MemberId) -> None:
    change(ada, birthday=date(1990, 2, 28))
    change(ada, birthday=date(1990, 2, 28))
    with pytest.raises(members.BirthdayIsSet):
        change(ada, given_name="Other", birthday=date(1991, 2, 28))
    kept = members.get_member(ada)
    assert (kept.birthday, kept.given_name) == (date(1990, 2, 28), "Ada")


@pytest.mark.parametrize("wrong", [{"time_zone": "Mars/Olympus"}, {"locale": "?"}, {"given_name": "x" * 121}])
def test_a_profile_that_makes_no_sense_is_refused_whole(ada: MemberId, wrong: dict[str, str]) -> None:
    before = members.get_member(ada)
    with pytest.raises(members.ProfileInvalid):
        change(ada, family_name="Byron", **wrong)
    assert members.get_member(ada) == before


def test_nobody_speaks_for_another_member(ada: MemberId) -> None:
    stranger = herself(MemberId(ada + 1))
    attempts = [
        lambda: members.change_profile(
            actor=stranger, now=NOW, member_id=ada, given_name="X", family_name="", locale="", time_zone=""
        ),
        lambda: members.save_consents(actor=stranger, now=NOW, member_id=ada, given={EMAIL_OFFERS: True}),
        lambda: members.request_privacy(actor=stranger, now=NOW, member_id=ada, kind=PrivacyKind.ERASURE),
        lambda: members.withdraw_request(actor=stranger, now=NOW, member_id=ada, kind=PrivacyKind.ERASURE),
    ]
    for attempt in attempts:
        with pytest.raises(members.NotThem):
            attempt()
    assert members.get_member(ada).given_name == "Ada"
    assert ConsentEntry.objects.count() == PrivacyRequestRow.objects.count() == 0


KEYS = list(product(ConsentChannel, ConsentPurpose))


@settings(max_examples=40, deadline=None)
@given(told=st.lists(st.dictionaries(st.sampled_from(KEYS), st.booleans()), max_size=8))
def test_the_latest_word_counts_and_every_change_is_kept(told: list[dict[object, bool]]) -> None:
    outcome = members.save_members(actor=SYSTEM, now=NOW, batch=[MemberInput("consenting")])[0]
    member_id = outcome.member_id
    assert member_id is not None
    ConsentEntry.objects.filter(member_id=member_id).delete()
    expected: dict[object, bool] = dict.fromkeys(KEYS, False)
    changes = 0
    for step, given_ in enumerate(told):
        at = NOW + timedelta(minutes=step)
        saved = members.save_consents(
            actor=herself(member_id),
            now=at,
            member_id=member_id,
            given=given_,  # type: ignore[arg-type]
        )
        assert saved == sum(expected[key] != granted for key, granted in given_.items())
        changes += saved
        expected |= given_
    found = members.get_consents(member_id)
    assert {key: found.get(key, False) for key in KEYS} == expected
    history = members.list_consent_changes(member_id)
    assert len(history) == changes
    assert [one.changed_at for one in history] == sorted((one.changed_at for one in history), reverse=True)


@given(st.lists(st.text(max_size=60), max_size=30))
def test_interests_survive_being_joined(interests: list[str]) -> None:
    joined = join_interests(interests)
    assert len(joined) <= 500
    assert join_interests(members.split_interests({INTERESTS: joined})) == joined


def test_a_copy_is_written_by_a_job_and_can_be_fetched_for_a_week(ada: MemberId) -> None:
    members.save_consents(actor=herself(ada), now=NOW, member_id=ada, given={EMAIL_OFFERS: True})
    asked = members.request_privacy(actor=herself(ada), now=NOW, member_id=ada, kind=PrivacyKind.COPY)
    again = members.request_privacy(actor=herself(ada), now=NOW, member_id=ada, kind=PrivacyKind.COPY)
    assert again == asked
    assert ProcrastinateJob.objects.filter(task_name=members.COPY_TASK).count() == 1
    assert members.find_copy(ada, NOW) is None
    write(request_id=asked.id)
    now = datetime.now(UTC)
    copy = json.loads(members.find_copy(ada, now) or "")
    assert copy["profile"]["email"] == "ada@example.org"
    assert copy["consents"][0] | {"changed_at": ""} == {
        "channel": "email", "purpose": "offers", "granted": True, "changed_at": "",
    }  # fmt: skip
    assert "member.joined" in [entry["kind"] for entry in copy["timeline"]]
    write(request_id=asked.id)
    assert members.find_copy(ada, now + timedelta(days=8)) is None
    members.purge_copies(now=now + timedelta(days=8))
    assert PrivacyRequestRow.objects.get().content == ""


def test_erasure_waits_for_second_thoughts(ada: MemberId) -> None:
    asked = members.request_privacy(actor=herself(ada), now=NOW, member_id=ada, kind=PrivacyKind.ERASURE)
    assert asked.due_at == NOW + timedelta(days=14)
    assert members.carry_out_requests(now=NOW + timedelta(days=13)) == 0
    members.withdraw_request(actor=herself(ada), now=NOW, member_id=ada, kind=PrivacyKind.ERASURE)
    assert members.carry_out_requests(now=NOW + timedelta(days=15)) == 0
    assert members.get_member(ada).anonymised_at is None
    with pytest.raises(members.RequestNotOpen):
        members.withdraw_request(actor=herself(ada), now=NOW, member_id=ada, kind=PrivacyKind.ERASURE)
    assert [one.state for one in members.list_requests(ada)] == [PrivacyState.WITHDRAWN]


def test_erasure_is_carried_out_once_and_takes_the_copies_along(ada: MemberId) -> None:
    copy = members.request_privacy(actor=herself(ada), now=NOW, member_id=ada, kind=PrivacyKind.COPY)
    members.write_copy(now=NOW, request_id=copy.id)
    members.request_privacy(actor=herself(ada), now=NOW, member_id=ada, kind=PrivacyKind.ERASURE)
    carry_out(timestamp=0)
    later = max(NOW + timedelta(days=14), datetime.now(UTC))
    members.carry_out_requests(now=later)
    assert members.carry_out_requests(now=later) == 0
    erased = members.get_member(ada)
    assert erased.anonymised_at is not None
    assert (erased.given_name, erased.email) == ("", None)
    assert {row.content for row in PrivacyRequestRow.objects.all()} == {""}
    for kind in PrivacyKind:
        with pytest.raises(Refusal):
            members.request_privacy(actor=herself(ada), now=later, member_id=ada, kind=kind)
    with pytest.raises(members.MemberErased):
        members.save_consents(actor=herself(ada), now=later, member_id=ada, given={EMAIL_OFFERS: True})
