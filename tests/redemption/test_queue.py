"""The queue at the counter: by status, oldest first, narrowed and searched; and what a code stands for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.kit.ids import MemberId
from regulars.kit.paging import BadCursor, encode_cursor
from regulars.members.facade import MemberInput, save_members
from regulars.redemption.facade import (
    QueueFilter,
    QueueStatus,
    RedemptionView,
    cancel_redemption,
    count_queue,
    find_at_counter,
    fulfil_redemption,
    hand_over,
    list_queue,
    redeem_reward,
    reserve_reward,
)
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
EVERYTHING = QueueFilter()


@pytest.fixture(autouse=True)
def _programme() -> None:
    publish()
    make_reward()


def take(member_id: MemberId, number: int, reward: str = "mug", units: int = 1) -> RedemptionView:
    return redeem_reward(
        actor=OPERATOR, now=NOW + number * MINUTE, member_id=member_id, reward_code=reward,
        idempotency_key=f"k{number}", units=units,
    )  # fmt: skip


def ids(status: QueueStatus, wanted: QueueFilter = EVERYTHING) -> list[int]:
    found: list[int] = []
    cursor = None
    while True:
        page = list_queue(status=status, wanted=wanted, cursor=cursor, size=2)
        found += [view.id for view in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_each_stands_where_it_belongs_and_what_waits_comes_oldest_first() -> None:
    member = make_member(points=50_000)
    rows = [take(member, number, units=2) for number in range(8)]
    act = {"actor": OPERATOR, "now": NOW + DAY}
    for view in rows[3:5]:
        hand_over(**act, redemption_id=view.id, idempotency_key="a", units=1)
    fulfil_redemption(**act, redemption_id=rows[5].id)
    fulfil_redemption(**act, redemption_id=rows[6].id)
    cancel_redemption(**act, redemption_id=rows[7].id, reason="x")
    reserve_reward(**act, member_id=member, reward_code="mug", idempotency_key="held")
    assert ids(QueueStatus.TO_DO) == [view.id for view in rows[:3]]
    assert ids(QueueStatus.IN_PART) == [view.id for view in rows[3:5]]
    assert ids(QueueStatus.DONE) == [rows[6].id, rows[5].id]
    assert ids(QueueStatus.CANCELLED) == [rows[7].id]
    assert count_queue(EVERYTHING) == {
        QueueStatus.TO_DO: 3,
        QueueStatus.IN_PART: 2,
        QueueStatus.DONE: 2,
        QueueStatus.CANCELLED: 1,
    }


def test_it_is_narrowed_by_reward_age_and_word() -> None:
    make_voucher("GREEN-1", "GREEN-2")
    ada, bob = make_member("ada", points=5_000), make_member("bob", points=5_000)
    named = MemberInput(external_id="ada", given_name="Ada", family_name="Lovelace")
    save_members(actor=OPERATOR, now=NOW, batch=[named])
    mug, cinema, late = take(ada, 0), take(bob, 1, "cinema"), take(bob, 60)
    assert ids(QueueStatus.TO_DO, QueueFilter(reward_code="cinema")) == [cinema.id]
    assert ids(QueueStatus.TO_DO, QueueFilter(reward_code="none")) == []
    hour = QueueFilter(taken_before=NOW + 30 * MINUTE)
    assert ids(QueueStatus.TO_DO, hour) == [mug.id, cinema.id]
    assert count_queue(hour)[QueueStatus.TO_DO] == 2
    for text in ("lovelace", "ada", mug.reference, mug.reference[:6].lower()):
        assert ids(QueueStatus.TO_DO, QueueFilter(text=text)) == [mug.id], text
    assert ids(QueueStatus.TO_DO, QueueFilter(text=cinema.code or "")) == [cinema.id]
    assert ids(QueueStatus.TO_DO, QueueFilter(text="bob", reward_code="mug")) == [late.id]
    assert ids(QueueStatus.TO_DO, QueueFilter(text="\x00%_")) == []
    with pytest.raises(BadCursor):
        list_queue(status=QueueStatus.TO_DO, wanted=EVERYTHING, cursor=encode_cursor("x"))


def test_a_code_is_found_as_it_is_typed_and_one_nobody_saw_is_not() -> None:
    make_voucher("GREEN-1", "GREEN-2")
    member = make_member(points=5_000)
    view = take(member, 0, "cinema")
    bare = view.reference.replace("-", "").lower()
    for word in (view.code, f" {view.code} ", view.reference, bare, f"{bare[:5]} {bare[5:]}"):
        assert [found.id for found in find_at_counter(word or "")] == [view.id]
    held = reserve_reward(
        actor=OPERATOR, now=NOW, member_id=member, reward_code="cinema", idempotency_key="held"
    )
    other = "GREEN-2" if view.code == "GREEN-1" else "GREEN-1"
    for word in ("", "   ", "nothing", "x" * 10_000, "\x00", other):
        assert find_at_counter(word) == []
    assert [found.id for found in find_at_counter(held.reference)] == [held.id]


def test_a_page_costs_the_same_whatever_is_on_it() -> None:
    member = make_member(points=50_000)
    take(member, 0)
    with CaptureQueriesContext(connection) as one:
        list_queue(status=QueueStatus.TO_DO, wanted=QueueFilter(text="m1"), size=30)
    for number in range(1, 30):
        take(member, number)
    with CaptureQueriesContext(connection) as thirty:
        list_queue(status=QueueStatus.TO_DO, wanted=QueueFilter(text="m1"), size=30)
    assert len(one) == len(thirty) <= 8
