"""Finding members: by any identity, by the beginning of what is known of them, page by page."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.kit.paging import BadCursor
from regulars.members import facade as members
from regulars.members.facade import IdentityKind, MemberInput
from regulars.members.queries import SEARCH_SQL, find_patterns

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def save(*batch: MemberInput) -> None:
    outcomes = members.save_members(actor=SYSTEM, now=NOW, batch=batch)
    assert [outcome.detail for outcome in outcomes if outcome.detail] == []


def found(text: str) -> list[str]:
    return [profile.external_id for profile in members.search_members(text).items]


@pytest.fixture
def people() -> None:
    save(
        MemberInput("S-1", "Ada", "Lovelace", "ada@example.org", "+44 20 7946 0018", ["9826 0001"]),
        MemberInput("S-2", "Alan", "Turing", "alan@example.org", birthday=date(1996, 2, 29)),
        MemberInput("S-3", "Zoë", "Straße", "zoe@example.net", birthday=date(1990, 2, 28)),
        MemberInput("100%_real", "Bobby", "Tables"),
    )


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("ada", ["S-1"]),
        ("ADA LOV", ["S-1"]),
        ("lovelace a", ["S-1"]),
        ("al", ["S-2"]),
        ("strasse", ["S-3"]),
        ("ZOË", ["S-3"]),
        ("s-", ["S-1", "S-3", "S-2"]),
        ("zoe@", ["S-3"]),
        ("+44 20", ["S-1"]),
        ("0044 (20) 79", ["S-1"]),
        ("9826-0", ["S-1"]),
        ("100%_", ["100%_real"]),
        ("100%%", []),
        ("nobody", []),
        ("%", []),
        ("\\", []),
        ("a\0", ["S-1", "S-2"]),
    ],
)
def test_search_finds_by_the_beginning(text: str, who: list[str]) -> None:
    assert found(text) == who


def test_external_ids_are_found_in_either_case_whatever_the_locale_of_the_database() -> None:
    # Where it is Turkish, lower('ID') is not 'id'; outside ASCII, what lower case is depends on the locale.
    save(MemberInput("ID-Ä1"))
    assert found("id-") == found("ID-") == found("iD-Ä") == ["ID-Ä1"]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("kind", "value", "who"),
    [
        (IdentityKind.EMAIL, "ADA@example.org", "S-1"),
        (IdentityKind.PHONE, "00442079460018", "S-1"),
        (IdentityKind.CARD, "98-26-00-01", "S-1"),
        (IdentityKind.EXTERNAL, "S-1", "S-1"),
        (IdentityKind.EXTERNAL, "s-1", None),
        (IdentityKind.EMAIL, "not an address", None),
        (IdentityKind.CARD, "ada@example.org", None),
    ],
)
def test_look_up_by_any_identity(kind: IdentityKind, value: str, who: str | None) -> None:
    profile = members.find_member(kind, value)
    assert (profile.external_id if profile else None) == who


@pytest.mark.usefixtures("people")
def test_birthdays_of_29_february() -> None:
    leapling = members.find_member_ids(["S-2"])["S-2"]
    ordinary = members.find_member_ids(["S-3"])["S-3"]
    assert members.list_birthdays(date(2026, 2, 28)) == [leapling, ordinary]
    assert members.list_birthdays(date(2028, 2, 28)) == [ordinary]
    assert members.list_birthdays(date(2028, 2, 29)) == [leapling]
    assert members.list_birthdays(date(2026, 2, 28), after=leapling) == [ordinary]


def test_paging_gives_everyone_once_in_order_though_members_join_meanwhile() -> None:
    save(*[MemberInput(f"m{n:02}", "Same", "Name" if n % 3 else "Other") for n in range(25)])
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = members.search_members("m", cursor, 4)
        seen += [profile.external_id for profile in page.items]
        save(MemberInput(f"aaa{len(seen)}", "Aaron", "Aaa"))
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 25
    assert seen == sorted(seen, key=lambda key: (int(key[1:]) % 3 == 0, key))


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(BadCursor):
        members.search_members("a", "bm9uc2Vuc2U")


def test_one_and_thirty_found_members_take_the_same_queries() -> None:
    save(MemberInput("only"), *[MemberInput(f"m{n}", email=f"m{n}@example.org") for n in range(30)])
    with CaptureQueriesContext(connection) as one:
        assert len(members.search_members("only", size=30).items) == 1
    with CaptureQueriesContext(connection) as thirty:
        assert len(members.search_members("m", size=30).items) == 30
    assert len(one) == len(thirty) == 2


def test_unknown_members() -> None:
    with pytest.raises(members.MemberUnknown):
        members.get_member(MemberId(404))
    assert members.get_profiles([MemberId(404)]) == {}
    assert members.find_member_ids(["404"]) == {}
    assert members.find_member_ids([]) == {}


def test_every_branch_of_the_search_has_an_index() -> None:
    save(
        *[
            MemberInput(f"m{n}", email=f"m{n}@example.org", phone=f"+49{n:09}", cards=[f"CARD{n}"])
            for n in range(300)
        ]
    )
    with connection.cursor() as cursor:
        # Without knowing what the tables hold, one index is as good as another to the planner.
        cursor.execute("ANALYZE members_member, members_memberidentity")
        # A table of a few rows is read whole whatever indexes there are.
        cursor.execute("SET LOCAL enable_seqscan = off")
        params = {"name": "", "id": 0, "limit": 21, "reach": None} | find_patterns("4915")
        cursor.execute(f"EXPLAIN {SEARCH_SQL}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan
    for name in ("members_by_name", "members_by_name_reversed", "members_by_external_prefix"):
        assert name in plan
    assert plan.count("members_identity_unique") >= 3
    assert plan.count("Index Cond") >= 6
