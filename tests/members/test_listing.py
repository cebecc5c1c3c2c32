"""Members as rows of a table: every sort pages through all once, filters narrow, numbers are found."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.kit.paging import BadCursor
from regulars.members import facade as members
from regulars.members.facade import MemberFilter, MemberInput, MemberSort, MemberState

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def join(count: int) -> list[MemberId]:
    """Members whose names, ids and days of joining run in different orders."""
    return [
        members.save_members(
            actor=SYSTEM,
            now=NOW,
            batch=[
                MemberInput(
                    f"x{n}",
                    given_name="Ann" if n % 3 else "",
                    family_name=f"N{n * 7 % count:03}" if n % 3 else "",
                    joined_at=NOW - timedelta(days=n * 3 % count),
                )
            ],
        )[0].member_id
        for n in range(count)
    ]


def walk(narrowed: MemberFilter, sort: MemberSort, *, descending: bool, size: int) -> list[MemberId]:
    seen: list[MemberId] = []
    cursor = None
    while True:
        page = members.list_members(
            narrowed=narrowed, sort=sort, descending=descending, cursor=cursor, size=size
        )
        seen += [profile.id for profile in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return seen


@pytest.mark.parametrize("sort", MemberSort)
@pytest.mark.parametrize("narrowed", [MemberFilter(), MemberFilter(text="x")])
def test_every_sort_goes_through_all_once_in_both_directions(
    sort: MemberSort, narrowed: MemberFilter
) -> None:
    ids = join(12)
    up = walk(narrowed, sort, descending=False, size=5)
    assert sorted(up) == sorted(ids)
    assert walk(narrowed, sort, descending=True, size=5) == up[::-1]
    assert up == walk(narrowed, sort, descending=False, size=100)
    if sort is MemberSort.NUMBER:
        assert up == sorted(ids)


def know(points: dict[MemberId, int], ranks: dict[MemberId, int]) -> int:
    """What the jobs of the ledger and the tiers do."""
    source = "SELECT * FROM unnest(%(ids)s::bigint[], %(figures)s::bigint[])"
    return sum(
        members.renew_figures(
            figure=figure, source=source, params={"ids": list(known), "figures": list(known.values())}
        )
        for figure, known in ((members.Figure.POINTS, points), (members.Figure.TIER_RANK, ranks))
    )


def test_points_and_tiers_sort_once_they_are_known_and_nobody_is_left_out() -> None:
    ids = join(9)
    points = {member_id: n * 4 % 9 // 2 for n, member_id in enumerate(ids)}
    ranks = {member_id: n % 2 for n, member_id in enumerate(ids)}
    assert walk(MemberFilter(), MemberSort.POINTS, descending=False, size=4) == ids
    changed = know(points, ranks)
    assert changed == sum(map(bool, points.values())) + sum(ranks.values())
    assert know(points, ranks) == 0
    by_points = sorted(ids, key=lambda one: (points[one], one))
    assert walk(MemberFilter(), MemberSort.POINTS, descending=False, size=4) == by_points
    assert walk(MemberFilter(), MemberSort.POINTS, descending=True, size=2) == by_points[::-1]
    by_tier = sorted(ids, key=lambda one: (ranks[one], points[one], one))
    assert walk(MemberFilter(), MemberSort.TIER, descending=True, size=4) == by_tier[::-1]
    upper = MemberFilter(tier_rank=1)
    for sort in MemberSort:
        assert set(walk(upper, sort, descending=False, size=2)) == {one for one in ids if ranks[one]}
    assert walk(MemberFilter(text="x", tier_rank=1), MemberSort.POINTS, descending=False, size=9) == [
        one for one in by_points if ranks[one]
    ]


@pytest.mark.parametrize("sort", MemberSort)
@pytest.mark.parametrize("descending", [False, True])
def test_a_list_is_read_backwards_in_the_same_order(sort: MemberSort, *, descending: bool) -> None:
    ids = join(11)
    know({one: n % 3 for n, one in enumerate(ids)}, {one: n % 2 for n, one in enumerate(ids)})
    pages, cursor = [], None
    while True:
        page = members.list_members(sort=sort, descending=descending, cursor=cursor, size=4)
        pages.append([profile.id for profile in page.items])
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    for expected, further in ((pages[1], True), (pages[0], False)):
        page = members.list_members(
            sort=sort, descending=descending, cursor=page.previous_cursor, backwards=True, size=4
        )
        assert [profile.id for profile in page.items] == expected
        assert (page.next_cursor is not None, page.previous_cursor is not None) == (True, further)


def test_filters_narrow_and_numbers_are_found() -> None:
    ids = join(6)
    joined = {profile.id: profile.joined_at for profile in members.list_members().items}
    since = MemberFilter(joined_from=NOW - timedelta(days=3), joined_before=NOW)
    expected = {one for one, at in joined.items() if NOW - timedelta(days=3) <= at < NOW}
    assert set(walk(since, MemberSort.JOINED, descending=False, size=2)) == expected
    assert expected
    assert walk(MemberFilter(text=str(ids[2])), MemberSort.NAME, descending=False, size=9) == [ids[2]]
    members.erase_member(actor=SYSTEM, now=NOW, member_id=ids[0], reason="asked")
    erased = MemberFilter(state=MemberState.ERASED)
    assert walk(erased, MemberSort.NAME, descending=False, size=9) == [ids[0]]
    assert ids[0] not in walk(MemberFilter(), MemberSort.NAME, descending=False, size=9)
    assert walk(MemberFilter(state=MemberState.MERGED), MemberSort.NAME, descending=False, size=9) == []


def test_a_reach_looks_no_further_and_says_so() -> None:
    join(12)
    near = MemberFilter(text="x", reach=5)
    assert len(walk(near, MemberSort.NAME, descending=False, size=2)) == 5
    assert members.is_broad("x", 5)
    assert not members.is_broad("x", 13)
    assert not members.is_broad("", 1)
    assert len(members.search_members("x", reach=3).items) == 3


@pytest.mark.parametrize("text", ["'", "%", "\0", "\\", "9" * 30, "(", '"', "-1"])
def test_odd_texts_find_nobody_and_break_nothing(text: str) -> None:
    join(3)
    assert members.list_members(narrowed=MemberFilter(text=text)).items == () or text == "\0"


def test_a_cursor_of_another_order_is_refused() -> None:
    join(3)
    page = members.list_members(size=1)
    with pytest.raises(BadCursor):
        members.list_members(sort=MemberSort.JOINED, cursor=page.next_cursor)
    with pytest.raises(BadCursor):
        members.list_members(cursor="nonsense")


def test_a_page_costs_two_queries_however_long() -> None:
    join(12)
    for size in (1, 12):
        with CaptureQueriesContext(connection) as queries:
            members.list_members(size=size, narrowed=MemberFilter(text="x"))
        assert len(queries) == 2
