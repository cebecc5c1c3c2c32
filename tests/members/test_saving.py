"""Saving members: what was told is kept, row by row, in few statements."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.kit.actor import SYSTEM
from regulars.members import facade as members
from regulars.members.facade import IdentityKind, MemberInput, SaveStatus
from regulars.members.models import Member, MemberIdentity
from regulars.trail import facade as trail

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def save(*batch: MemberInput, now: datetime = NOW) -> list[members.MemberOutcome]:
    return members.save_members(actor=SYSTEM, now=now, batch=batch)


def everything() -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    return list(Member.objects.order_by("id").values()), list(MemberIdentity.objects.order_by("id").values())


def test_a_new_member_is_stored_in_its_normal_form() -> None:
    [outcome] = save(
        MemberInput(
            external_id=" 17 ",
            given_name="Ada ",
            family_name="King  of Lovelace",
            email="Ada@Example.ORG",
            phone="0044 (20) 7946-0018",
            cards=["29 11-aa"],
            birthday=date(1815, 12, 10).replace(year=1915),
            joined_at=NOW - timedelta(days=3),
            locale="en_gb",
            time_zone="Europe/London",
            attributes={"size": 38, "vip": True, "club": "Analytical", "since": date(2020, 2, 29)},
        )
    )
    assert outcome.status is SaveStatus.CREATED
    assert outcome.member_id is not None
    profile = members.get_member(outcome.member_id)
    assert profile == members.MemberProfile(
        id=outcome.member_id,
        external_id="17",
        given_name="Ada",
        family_name="King of Lovelace",
        birthday=date(1915, 12, 10),
        joined_at=NOW - timedelta(days=3),
        locale="en-GB",
        time_zone="Europe/London",
        email="ada@example.org",
        phone="+442079460018",
        cards=("2911AA",),
        attributes={"size": 38, "vip": True, "club": "Analytical", "since": "2020-02-29"},
    )


def test_the_same_batch_again_changes_nothing() -> None:
    batch = [MemberInput(str(n), given_name=f"N{n}", email=f"n{n}@example.org") for n in range(5)]
    save(*batch)
    before = everything()
    again = save(*batch, now=NOW + timedelta(days=1))
    assert [outcome.status for outcome in again] == [SaveStatus.UNCHANGED] * 5
    assert everything() == before
    assert len(trail.list_audit(action="member.created").items) == 5


def test_what_is_not_told_stays_and_what_is_cleared_goes() -> None:
    [created] = save(
        MemberInput(
            "1", given_name="Ada", email="a@example.org", cards=["1111"], attributes={"a": 1, "b": "x"}
        )
    )
    [updated] = save(
        MemberInput("1", family_name="Lovelace", cards=["2222"], attributes={"a": None, "c": False})
    )
    assert updated.member_id == created.member_id
    assert updated.status is SaveStatus.UPDATED
    profile = members.get_member(created.member_id)  # type: ignore[arg-type]
    assert (profile.name, profile.email, profile.cards) == ("Ada Lovelace", "a@example.org", ("1111", "2222"))
    assert profile.attributes == {"b": "x", "c": False}
    save(MemberInput("1", cards=["3333"], clear=frozenset({"email", "cards"})))
    profile = members.get_member(created.member_id)  # type: ignore[arg-type]
    assert (profile.email, profile.cards) == (None, ("3333",))
    assert members.find_member(IdentityKind.EMAIL, "a@example.org") is None


def test_a_number_and_a_yes_are_different_things() -> None:
    save(MemberInput("1", attributes={"vip": 1}))
    [outcome] = save(MemberInput("1", attributes={"vip": True}))
    assert outcome.status is SaveStatus.UPDATED
    assert members.find_member(IdentityKind.EXTERNAL, "1").attributes["vip"] is True  # type: ignore[union-attr]


def test_an_identity_of_another_member_refuses_that_row_only() -> None:
    save(MemberInput("1", email="shared@example.org"))
    before = members.find_member(IdentityKind.EXTERNAL, "1")
    outcomes = save(
        MemberInput("2", email="two@example.org"),
        MemberInput("3", given_name="Eve", email="SHARED@example.org"),
        MemberInput("4", phone="+4930123456"),
        MemberInput("5", phone="+49 30 123456"),
    )
    assert [(o.status.value, o.code) for o in outcomes] == [
        ("created", ""),
        ("refused", "identity_taken"),
        ("created", ""),
        ("refused", "identity_taken"),
    ]
    assert members.find_member(IdentityKind.EMAIL, "shared@example.org") == before
    assert members.find_member_ids(["2", "3", "4", "5"]).keys() == {"2", "4"}


def test_a_batch_means_the_same_as_its_rows_one_after_another() -> None:
    save(MemberInput("a", email="x@example.org"), MemberInput("b", email="y@example.org"))
    outcomes = save(
        MemberInput("a", clear=frozenset({"email"})),
        MemberInput("b", email="x@example.org"),
        MemberInput("a", email="y@example.org"),
        MemberInput("new", given_name="N"),
        MemberInput("new", family_name="M"),
        MemberInput("new", family_name="M"),
    )
    assert [outcome.status.value for outcome in outcomes] == [
        "updated",
        "updated",
        "updated",
        "created",
        "updated",
        "unchanged",
    ]
    assert members.find_member(IdentityKind.EMAIL, "x@example.org").external_id == "b"  # type: ignore[union-attr]
    assert members.find_member(IdentityKind.EMAIL, "y@example.org").external_id == "a"  # type: ignore[union-attr]
    assert outcomes[3].member_id == outcomes[5].member_id is not None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (MemberInput(""), "external id"),
        (MemberInput("erased:1"), "erased:"),
        (MemberInput("1", email="nobody"), "'nobody' is not an e-mail address"),
        (MemberInput("1", email='"a b"@example.org'), "not an e-mail address"),
        (MemberInput("1", phone="030 123456"), "country code"),
        (MemberInput("1", cards=["!"]), "card number"),
        (MemberInput("1", birthday=date(2027, 1, 1)), "birthday"),
        (MemberInput("1", joined_at=datetime(2026, 1, 1)), "time zone"),  # noqa: DTZ001  (what is refused)
        (MemberInput("1", locale="english please"), "locale"),
        (MemberInput("1", time_zone="Mars/Olympus"), "time zone"),
        (MemberInput("1", attributes={"Size": 1}), "attribute's name"),
        (MemberInput("1", attributes={"size": 1.5}), "neither text"),  # type: ignore[dict-item]
        (MemberInput("1", attributes={"size": [1]}), "neither text"),  # type: ignore[dict-item]
        (MemberInput("1", attributes={"size": 2**53}), "beyond"),
        (MemberInput("1", attributes={"day": "2026-02-30"}), "there is no 2026-02-30"),
        (MemberInput("1", attributes={"text": "x" * 501}), "longer"),
        (MemberInput("1", given_name="a\0b"), "control characters"),
        (MemberInput("1", clear=frozenset({"external_id"})), "not a field that can be emptied"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(given: MemberInput, says: str) -> None:
    save(MemberInput("1", given_name="Ada"))
    before = everything()
    bad, good = save(given, MemberInput("1"))
    assert bad.status is SaveStatus.REFUSED
    assert says in bad.detail
    assert bad.code == "member_invalid"
    assert good.status is SaveStatus.UNCHANGED
    assert everything() == before


def test_each_change_leaves_a_line_without_personal_data() -> None:
    [outcome] = save(MemberInput("1", given_name="Ada"))
    save(MemberInput("1", email="ada@example.org", attributes={"club": "x"}))
    latest, first = trail.list_audit(subject=f"member:{outcome.member_id}").items
    assert (first.action, dict(first.details)) == ("member.created", {})
    assert (latest.action, dict(latest.details)) == (
        "member.updated",
        {"fields": ["email", "attributes.club"]},
    )


def test_a_year_of_members_is_saved_in_a_handful_of_statements() -> None:
    batch = [
        MemberInput(
            f"h{n}",
            given_name=f"Given {n}",
            family_name=f"Family {n % 97}",
            email=f"h{n}@example.org",
            cards=[f"CARD{n:06}"],
            attributes={"household": n, "age_band": "35-44", "homeowner": n % 2 == 0},
        )
        for n in range(2_500)
    ]
    with CaptureQueriesContext(
        connection,
    ) as small:
        save(*batch[:1])
    with CaptureQueriesContext(connection) as large:
        save(*batch)
    # The audit trail is written in runs of a thousand.
    assert len(large) <= len(small) + 3
    assert Member.objects.count() == 2_500
    assert MemberIdentity.objects.count() == 5_000


def test_a_batch_too_large_is_refused_whole() -> None:
    with pytest.raises(members.ProfileInvalid):
        save(*[MemberInput(str(n)) for n in range(10_001)])
    assert Member.objects.count() == 0
