"""Points for a reward: both or neither, once per key, codes only once paid."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from regulars.catalogue.facade import (
    LimitReached,
    NotOpenYet,
    RewardNotFound,
    SoldOut,
    TierNeeded,
    get_reward,
    list_pools,
)
from regulars.kit.errors import IdempotencyConflict
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members.facade import MemberErased, MemberUnknown, erase_member
from regulars.redemption.facade import (
    NotYours,
    PaymentNeeded,
    RedemptionInvalid,
    RedemptionState,
    RedemptionView,
    find_redemption,
    get_redemption,
    list_steps,
    redeem_reward,
)
from regulars.redemption.models import Redemption
from tests.redemption.examples import (
    DAY,
    HOUR,
    NOW,
    everything,
    make_member,
    make_reward,
    make_voucher,
    member_of,
    points_of,
    publish,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _programme() -> None:
    publish()


def redeem(
    member_id: MemberId,
    reward_code: str = "mug",
    key: str = "k1",
    now: datetime = NOW,
    *,
    simulated: bool = False,
) -> RedemptionView:
    return redeem_reward(
        actor=member_of(member_id),
        now=now,
        member_id=member_id,
        reward_code=reward_code,
        idempotency_key=key,
        simulated=simulated,
    )


def test_takes_points_and_stock_together() -> None:
    member = make_member(points=1_200)
    make_reward(stock=3, cancellable_for_hours=2)
    done = redeem(member)
    assert done.state is RedemptionState.CONFIRMED
    assert (done.price_points, done.reward_name, done.code, done.replayed) == (500, "Mug", None, False)
    assert (done.confirmed_at, done.cancellable_until, done.valid_until) == (NOW, NOW + 2 * HOUR, None)
    assert points_of(member) == (700, 0)
    assert get_reward("mug").taken == 1
    assert get_redemption(done.id) == done
    assert find_redemption(done.reference.lower()) == done
    assert [step.state for step in list_steps(done.id)] == ["reserved", "confirmed"]
    spend = ledger.list_entries(member, ledger.Currency.POINTS).items[0]
    assert (spend.kind, spend.amount, spend.source) == (ledger.EntryKind.SPEND, 500, f"redemption:{done.id}")
    assert spend.programme_version == 1


def test_a_voucher_is_revealed_once_paid_and_valid_by_the_programmes_calendar() -> None:
    member = make_member(points=1_000)
    make_voucher("AAA", "BBB", voucher_valid_days=30)
    late = datetime(2026, 3, 10, 23, 30, tzinfo=ZoneInfo("UTC"))  # 11 March in Berlin
    done = redeem(member, "cinema", now=late)
    assert done.code == "AAA"
    assert done.valid_until == datetime(2026, 4, 11, tzinfo=ZoneInfo("Europe/Berlin"))
    assert redeem(member, "cinema", key="k2").code == "BBB"
    (pool,) = list_pools()
    assert (pool.free, pool.claimed, pool.revealed) == (0, 0, 2)


def test_an_instant_reward_is_delivered_at_once() -> None:
    member = make_member(points=500)
    make_reward(instant=True)
    done = redeem(member)
    assert (done.state, done.fulfilled_at) == (RedemptionState.FULFILLED, NOW)
    assert [step.state for step in list_steps(done.id)] == ["reserved", "confirmed", "fulfilled"]


def test_the_same_key_answers_the_same_for_ever() -> None:
    member = make_member(points=1_000)
    make_reward(stock=1)
    first = redeem(member)
    after = everything()
    make_reward(stock=1, published=False)
    again = redeem(member, now=NOW + 900 * DAY)
    assert again.replayed
    assert (again.id, again.reference, again.confirmed_at) == (first.id, first.reference, NOW)
    assert everything()[:-1] == after[:-1]


def test_another_input_under_the_same_key_is_a_conflict() -> None:
    member = make_member(points=1_000)
    make_reward()
    make_voucher("AAA")
    redeem(member)
    before = everything()
    with pytest.raises(IdempotencyConflict):
        redeem(member, "cinema")
    assert everything() == before


def test_two_members_may_use_the_same_key() -> None:
    make_reward()
    first, second = (make_member(name, points=500) for name in ("m1", "m2"))
    assert redeem(first).id != redeem(second).id


def test_each_refusal_changes_nothing() -> None:
    poor, rich = make_member("poor", points=499), make_member("rich", points=5_000)
    make_reward()
    make_reward("costly", price_money=100)
    make_reward("gone", stock=0)
    make_reward("gold", tiers_allowed=("gold",))
    make_reward("later", active_from=NOW + 49 * HOUR)
    make_voucher()
    erased = make_member("erased", points=500)
    erase_member(actor=member_of(erased), now=NOW, member_id=erased, reason="asked")
    before = everything()
    cases: list[tuple[MemberId, str, type[Exception]]] = [
        (poor, "mug", ledger.InsufficientPoints),
        (rich, "costly", PaymentNeeded),
        (rich, "gone", SoldOut),
        (rich, "cinema", SoldOut),
        (rich, "gold", TierNeeded),
        (rich, "later", NotOpenYet),
        (rich, "nothing", RewardNotFound),
        (erased, "mug", MemberErased),
        (MemberId(10**15), "mug", MemberUnknown),
    ]
    for member, code, refusal in cases:
        with pytest.raises(refusal):
            redeem(member, code)
    with pytest.raises(RedemptionInvalid):
        redeem(rich, key="")
    with pytest.raises(NotYours):
        redeem_reward(actor=member_of(poor), now=NOW, member_id=rich, reward_code="mug", idempotency_key="k")
    assert everything() == before


def test_a_refused_key_can_be_used_again() -> None:
    member = make_member(points=500)
    make_reward(stock=0)
    with pytest.raises(SoldOut):
        redeem(member)
    make_reward(stock=1)
    assert redeem(member).state is RedemptionState.CONFIRMED


def test_one_per_member() -> None:
    first, second = (make_member(name, points=2_000) for name in ("m1", "m2"))
    make_reward(per_member_max=1)
    redeem(first)
    before = everything()
    with pytest.raises(LimitReached):
        redeem(first, key="k2")
    assert everything() == before
    assert redeem(second).state is RedemptionState.CONFIRMED


def test_tiers_come_from_the_ledger() -> None:
    gold, bronze = make_member("gold", points=5_000, gold=True), make_member("bronze", points=5_000)
    make_reward("early", active_from=NOW + timedelta(hours=47))
    make_reward("theirs", tiers_allowed=("gold",))
    make_reward("mug", stock=1, kept_units=1, kept_for_rank=1)
    assert redeem(gold, "early").state is RedemptionState.CONFIRMED
    assert redeem(gold, "theirs", key="k2").state is RedemptionState.CONFIRMED
    with pytest.raises(TierNeeded):
        redeem(bronze, "mug")
    assert redeem(gold, "mug", key="k3").state is RedemptionState.CONFIRMED
    assert get_reward("mug").kept_taken == 1


def test_a_demo_replays_the_past() -> None:
    member = make_member(points=1_000)
    make_reward()
    then = NOW - 5 * DAY
    done = redeem(member, now=then, simulated=True)
    assert (done.simulated, done.reserved_at, done.confirmed_at) == (True, then, then)
    assert ledger.list_entries(member, ledger.Currency.POINTS).items[0].occurred_at == then


def test_the_code_is_nowhere_in_the_redemption() -> None:
    member = make_member(points=500)
    make_voucher("SECRET-1")
    redeem(member, "cinema")
    assert "SECRET-1" not in str(list(Redemption.objects.values()))
