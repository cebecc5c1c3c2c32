"""Lists, the viewer, and the timeline: a constant number of queries, every row once."""

from itertools import pairwise

import pytest
from pytest_django import DjangoAssertNumQueries

from regulars.catalogue.facade import RewardState, list_rewards
from regulars.kit.ids import MemberId
from regulars.kit.paging import BadCursor, encode_cursor
from regulars.members.facade import list_timeline
from regulars.redemption.facade import (
    RedemptionState,
    RedemptionView,
    cancel_redemption,
    list_redemptions,
    load_viewer,
    redeem_reward,
    reserve_reward,
)
from regulars.rules.facade import get_programme_at
from tests.redemption.examples import (
    DAY,
    MINUTE,
    NOW,
    OPERATOR,
    make_member,
    make_reward,
    make_voucher,
    publish,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _programme() -> None:
    publish()


def redeem(member_id: MemberId, number: int, reward_code: str = "mug") -> RedemptionView:
    return redeem_reward(
        actor=OPERATOR,
        now=NOW + (number // 2) * MINUTE,
        member_id=member_id,
        reward_code=reward_code,
        idempotency_key=f"k{number}",
    )


def test_pages_meet_every_redemption_once_latest_first() -> None:
    member, other = make_member(points=10_000), make_member("other", points=10_000)
    make_reward()
    ids = [redeem(member, number).id for number in range(7)]
    redeem(other, 0)
    seen: list[int] = []
    cursor = None
    while True:
        page = list_redemptions(member_id=member, size=2, cursor=cursor)
        seen += [view.id for view in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ids[::-1]
    assert len(list_redemptions(size=100).items) == 8
    cancel_redemption(actor=OPERATOR, now=NOW, redemption_id=ids[3], reason="x")
    assert [v.id for v in list_redemptions(states=[RedemptionState.CANCELLED]).items] == [ids[3]]
    for bad in ("x", encode_cursor("a", 1), encode_cursor(1), encode_cursor(10**30, 1)):
        with pytest.raises(BadCursor):
            list_redemptions(cursor=bad)


def test_every_page_is_found_again_from_the_next_one() -> None:
    member = make_member(points=10_000)
    make_reward()
    for number in range(7):
        redeem(member, number)
    pages = [list_redemptions(size=2)]
    while cursor := pages[-1].next_cursor:
        pages.append(list_redemptions(cursor=cursor, size=2))
    assert len(pages) == 4
    assert pages[0].previous_cursor is None
    for before, after in pairwise(pages):
        assert list_redemptions(cursor=after.previous_cursor, backwards=True, size=2) == before


def test_four_queries_at_one_and_at_thirty(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    member = make_member(points=100_000)
    make_voucher(*(f"C{number}" for number in range(30)))
    redeem(member, 0, "cinema")
    with django_assert_num_queries(4):
        list_redemptions(member_id=member, size=30)
    for number in range(1, 30):
        redeem(member, number, "cinema")
    with django_assert_num_queries(4):
        page = list_redemptions(member_id=member, size=30)
    assert len({view.code for view in page.items}) == 30


def test_the_viewer_knows_points_tier_and_what_was_had() -> None:
    member = make_member(points=700, gold=True)
    make_reward(per_member_max=1)
    make_reward("poster", price_points=201)
    redeem(member, 0)
    viewer = load_viewer(member_id=member, programme=get_programme_at(NOW), now=NOW)
    assert (viewer.points, viewer.tier, viewer.tier_rank, viewer.early_access_hours) == (200, "gold", 1, 48)
    assert [tier.name for tier in viewer.tiers] == ["Bronze", "Gold"]
    states = {view.code: view.availability.state for view in list_rewards(viewer=viewer).items}
    assert states == {"mug": RewardState.LIMIT_REACHED, "poster": RewardState.SHORT}
    stranger = load_viewer(member_id=None, programme=get_programme_at(NOW), now=NOW)
    assert (stranger.points, stranger.tier, len(stranger.tiers)) == (0, None, 2)


def test_loading_a_viewer_costs_four_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    member, programme = make_member(points=700), get_programme_at(NOW)
    load_viewer(member_id=member, programme=programme, now=NOW)
    with django_assert_num_queries(4):
        load_viewer(member_id=member, programme=programme, now=NOW)
    with django_assert_num_queries(3):
        viewer = load_viewer(member_id=member, programme=programme, now=NOW, points=700)
    assert viewer.points == 700


def test_the_timeline_tells_what_happened() -> None:
    member = make_member(points=2_000)
    make_reward()
    redeem(member, 0)
    held = reserve_reward(
        actor=OPERATOR, now=NOW + DAY, member_id=member, reward_code="mug", idempotency_key="r"
    )
    cancel_redemption(actor=OPERATOR, now=NOW + 2 * DAY, redemption_id=held.id, reason="Too late")
    entries = [entry for entry in list_timeline(member).items if entry.kind.startswith("redemption.")]
    told = [(str(entry.title), str(entry.detail)) for entry in entries]
    assert told == [
        ("Cancelled: Mug", "500 points · Too late"),
        ("Reserved: Mug", "500 points"),
        ("Redeemed: Mug", "500 points"),
    ]
    assert entries[0].link_ref == f"redemption:{held.id}"
    pages = [entry for entry in _walk(member) if entry.startswith("redemption.")]
    assert pages == ["redemption.cancelled", "redemption.reserved", "redemption.confirmed"]


def _walk(member: MemberId) -> list[str]:
    kinds: list[str] = []
    cursor = None
    while True:
        page = list_timeline(member, before=cursor, size=1)
        kinds += [entry.kind for entry in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return kinds
