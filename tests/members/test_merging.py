"""Two members found to be one: every identity leads to the survivor, and back again after an undoing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from django.db import connections, transaction

from regulars.kit.actor import SYSTEM
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import IdentityKind, MemberInput, SaveStatus
from regulars.members.models import Member, MemberIdentity, MemberMerge
from regulars.members.operations import merging

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ADA = MemberInput(
    external_id="A-1",
    given_name="Ada",
    family_name="Lovelace",
    email="ada@example.com",
    phone="+44 20 7946 0018",
    cards=["C-0001"],
    birthday=date(1990, 11, 22),
    attributes={"size": "m"},
)
COUNTESS = MemberInput(external_id="A-2", given_name="Augusta", family_name="King", email="aking@example.com")
IDENTITIES = [
    (IdentityKind.EXTERNAL, "A-1"),
    (IdentityKind.EMAIL, "ada@example.com"),
    (IdentityKind.PHONE, "+442079460018"),
    (IdentityKind.CARD, "C-0001"),
]


def save(*batch: MemberInput) -> list[members.MemberOutcome]:
    return members.save_members(actor=SYSTEM, now=NOW, batch=batch)


def make(*batch: MemberInput) -> list[MemberId]:
    return [MemberId(outcome.member_id or 0) for outcome in save(*batch)]


def merge(member_id: MemberId, into: MemberId, reason: str = "one person") -> int:
    with transaction.atomic():
        return members.note_merge(
            actor=SYSTEM, now=NOW, member_id=member_id, into_member_id=into, reason=reason
        )


def undo(member_id: MemberId) -> MemberId:
    with transaction.atomic():
        return members.note_unmerge(actor=SYSTEM, now=NOW, member_id=member_id, reason="two after all")


def stored() -> list[object]:
    return [list(table.objects.order_by("pk").values()) for table in (Member, MemberIdentity, MemberMerge)]


@pytest.mark.django_db
def test_every_identity_finds_the_survivor_until_it_is_undone() -> None:
    ada, countess = make(ADA, COUNTESS)
    before = members.get_member(ada)
    merge(ada, countess)
    for kind, value in IDENTITIES:
        found = members.find_member(kind, value)
        assert found is not None
        assert found.id == countess
    assert members.find_member_ids(["A-1"]) == {"A-1": countess}
    assert members.find_member_ids(["A-1", "A-2"]) == {"A-1": countess, "A-2": countess}
    assert members.get_member(ada).merged_into == countess
    assert members.get_traits([countess])[countess].merged == (ada,)
    assert members.find_survivors([ada, countess]) == {ada: countess}
    assert [found.id for found in members.search_members("lovelace").items] == [countess]
    assert [found.id for found in members.search_members().items] == [countess]
    assert members.count_members() == 1
    assert members.list_birthdays(NOW.date()) == []
    assert undo(ada) == countess
    assert members.get_member(ada) == before
    for kind, value in IDENTITIES:
        assert members.find_member(kind, value) == before
    assert members.count_members() == 2
    assert members.list_birthdays(NOW.date()) == [ada]
    (told,) = members.list_merges(ada)
    assert (told.into_member_id, told.reason, told.undone_reason) == (
        countess,
        "one person",
        "two after all",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("member", "into", "refusal"),
    [
        (0, 0, members.MergeInvalid),
        (0, 9, members.MemberUnknown),
        (2, 0, members.MemberMerged),
        (0, 2, members.MemberMerged),
        (1, 0, members.MemberMerged),
        (0, None, members.MemberMerged),
        (9, None, members.MemberUnknown),
    ],
)
def test_a_merge_that_cannot_be_changes_nothing(
    member: int, into: int | None, refusal: type[Refusal]
) -> None:
    """Of three members, the third is merged into the second. `into` None: an undoing."""
    ids = dict(enumerate(make(ADA, COUNTESS, MemberInput(external_id="A-3"))))
    merge(ids[2], ids[1])
    before = stored()
    nobody = MemberId(999)
    with pytest.raises(refusal):
        if into is None:
            undo(ids.get(member, nobody))
        else:
            merge(ids.get(member, nobody), ids.get(into, nobody))
    assert stored() == before
    with pytest.raises(members.MergeInvalid):
        merge(ids[0], ids[1], " ")


@pytest.mark.django_db
def test_what_the_shop_tells_of_either_afterwards() -> None:
    ada, countess = make(ADA, COUNTESS)
    merge(ada, countess)
    (outcome,) = save(MemberInput(external_id="A-1", given_name="Ada Augusta"))
    assert (outcome.status, outcome.member_id) == (SaveStatus.UPDATED, countess)
    assert members.get_member(ada).given_name == "Ada Augusta"
    assert members.get_member(countess).given_name == "Augusta"
    (outcome,) = save(MemberInput(external_id="A-2", phone="+442079460018"))
    assert (outcome.status, outcome.member_id) == (SaveStatus.UPDATED, countess)
    undo(ada)
    assert (members.get_member(ada).phone, members.get_member(countess).phone) == (None, "+442079460018")
    assert members.get_member(ada).email == "ada@example.com"


@pytest.mark.django_db
def test_erasing_the_survivor_forgets_the_whole_person() -> None:
    ada, countess = make(ADA, COUNTESS)
    merge(ada, countess)
    members.erase_member(actor=SYSTEM, now=NOW, member_id=countess, reason="asked for")
    assert all(members.get_member(one).anonymised_at for one in (ada, countess))
    assert not MemberIdentity.objects.exists()


def together(*works: Callable[[], object]) -> list[object]:
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            barrier.wait(10)
            return work()
        except Exception as error:  # handed to the test, which says what it expects
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.mark.slow  # commits, so the tables are emptied after it
@pytest.mark.django_db(transaction=True)
def test_two_merges_at_once_make_neither_chain_nor_circle() -> None:
    for n in range(5):
        one, two, three = make(*(MemberInput(external_id=f"{n}-{letter}") for letter in "abc"))
        circle = together(lambda a=one, b=two: merge(a, b), lambda a=one, b=two: merge(b, a))
        assert sorted(isinstance(answer, members.MemberMerged) for answer in circle) == [False, True]
        loser = one if Member.objects.get(id=one).merged_into else two
        undo(loser)
        chain = together(lambda a=one, b=two: merge(a, b), lambda b=two, c=three: merge(b, c))
        assert sorted(isinstance(answer, members.MemberMerged) for answer in chain) == [False, True]


@pytest.mark.slow  # commits, so the tables are emptied after it
@pytest.mark.django_db(transaction=True)
def test_without_the_locks_two_merges_do_make_a_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    """What shows that the test above can fail."""
    one, two = make(MemberInput(external_id="a"), MemberInput(external_id="b"))
    meeting = Barrier(2)
    write = MemberMerge.objects.create

    def read(member_ids: list[MemberId]) -> dict[int, Member]:
        return {row.pk: row for row in Member.objects.filter(id__in=member_ids)}

    def write_once_both_have_looked(**values: object) -> MemberMerge:
        meeting.wait(30)
        return write(**values)

    monkeypatch.setattr(merging, "_lock", read)
    monkeypatch.setattr(MemberMerge.objects, "create", write_once_both_have_looked)
    together(lambda: merge(one, two), lambda: merge(two, one))
    assert set(Member.objects.values_list("id", "merged_into")) == {(one, two), (two, one)}
