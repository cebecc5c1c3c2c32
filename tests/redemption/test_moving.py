"""Reserved → confirmed → fulfilled, or cancelled; and what time does to a reservation."""

from datetime import datetime
from typing import Any

import pytest

from regulars.catalogue.facade import LimitReached, SoldOut, get_reward, list_pools
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.ids import MemberId, RedemptionId
from regulars.ledger import facade as ledger
from regulars.redemption.facade import (
    NotCancellable,
    NotYours,
    ReasonNeeded,
    RedemptionInvalid,
    RedemptionNotFound,
    RedemptionState,
    RedemptionView,
    WrongState,
    can_cancel,
    cancel_redemption,
    confirm_redemption,
    fulfil_redemption,
    get_redemption,
    list_steps,
    redeem_reward,
    reserve_reward,
    time_out_reservations,
)
from regulars.redemption.models import Redemption
from tests.redemption.examples import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    OPERATOR,
    everything,
    give,
    make_member,
    make_reward,
    make_voucher,
    member_of,
    points_of,
    publish,
)

pytestmark = pytest.mark.django_db
SHOP = Actor(ActorKind.API_KEY, "k")


@pytest.fixture(autouse=True)
def _programme() -> None:
    publish()


def reserve(member_id: MemberId, reward_code: str = "mug", key: str = "k1", **options: Any) -> RedemptionView:
    return reserve_reward(
        actor=SHOP, now=NOW, member_id=member_id, reward_code=reward_code, idempotency_key=key, **options
    )


def redeem(member_id: MemberId, reward_code: str = "mug", key: str = "k1") -> RedemptionView:
    return redeem_reward(
        actor=SHOP, now=NOW, member_id=member_id, reward_code=reward_code, idempotency_key=key
    )


def confirm(done: RedemptionView, now: datetime = NOW + MINUTE) -> RedemptionView:
    return confirm_redemption(actor=SHOP, now=now, redemption_id=done.id)


def cancel(
    done: RedemptionView, actor: Actor = OPERATOR, now: datetime = NOW + HOUR, reason: str = "mistake"
) -> RedemptionView:
    return cancel_redemption(actor=actor, now=now, redemption_id=done.id, reason=reason)


def test_points_and_money() -> None:
    member = make_member(points=1_200)
    make_voucher("AAA", price_money=499, voucher_valid_days=10)
    held = reserve(member, "cinema")
    assert (held.state, held.price_money, held.code) == (RedemptionState.RESERVED, 499, None)
    assert held.times_out_at == NOW + 30 * MINUTE
    assert points_of(member) == (700, 500)
    assert (list_pools()[0].claimed, list_pools()[0].revealed) == (1, 0)
    paid = confirm(held)
    assert (paid.state, paid.code, paid.confirmed_at) == (RedemptionState.CONFIRMED, "AAA", NOW + MINUTE)
    assert points_of(member) == (700, 0)
    assert confirm(held, now=NOW + HOUR) == paid
    given = fulfil_redemption(actor=SHOP, now=NOW + HOUR, redemption_id=held.id)
    assert (given.state, given.fulfilled_at, given.code) == (RedemptionState.FULFILLED, NOW + HOUR, "AAA")
    assert fulfil_redemption(actor=SHOP, now=NOW + DAY, redemption_id=held.id) == given
    assert confirm(held) == given
    assert [step.state for step in list_steps(held.id)] == ["reserved", "confirmed", "fulfilled"]


def test_a_reservation_replays_by_its_key() -> None:
    member = make_member(points=600)
    make_reward(stock=1)
    first = reserve(member)
    again = reserve(member)
    assert (again.id, again.replayed) == (first.id, True)
    assert points_of(member) == (100, 500)


def test_what_is_not_paid_cannot_be_fulfilled() -> None:
    member = make_member(points=500)
    make_reward()
    held = reserve(member)
    before = everything()
    with pytest.raises(WrongState):
        fulfil_redemption(actor=SHOP, now=NOW, redemption_id=held.id)
    for act in (confirm_redemption, fulfil_redemption):
        with pytest.raises(RedemptionNotFound):
            act(actor=SHOP, now=NOW, redemption_id=RedemptionId(0))
    with pytest.raises(RedemptionInvalid):
        reserve(member, key="k2", hold_minutes=0)
    assert everything() == before


def test_cancelling_gives_points_back_to_the_same_lots() -> None:
    member = make_member()
    give(member, 300, key="soon", expires_at=NOW + 2 * DAY)
    give(member, 400, key="late", expires_at=NOW + 90 * DAY)
    make_reward(stock=1)
    before = [(lot.lot_id, lot.remaining, lot.expires_at) for lot in ledger.list_lots(member, NOW)]
    done = redeem(member)
    assert [lot.remaining for lot in ledger.list_lots(member, NOW)] == [200]
    back = cancel(done)
    assert (back.state, back.cancelled_at, back.cancel_reason) == (
        RedemptionState.CANCELLED, NOW + HOUR, "mistake",
    )  # fmt: skip
    assert [(lot.lot_id, lot.remaining, lot.expires_at) for lot in ledger.list_lots(member, NOW)] == before
    assert get_reward("mug").taken == 0
    assert list_steps(done.id)[-1].reason == "mistake"


def test_points_that_lapsed_meanwhile_get_the_grace_of_the_programme() -> None:
    member = make_member()
    give(member, 500, key="soon", expires_at=NOW + DAY)
    make_reward()
    done = redeem(member)
    later = NOW + 5 * DAY
    cancel(done, now=later)
    (lot,) = ledger.list_lots(member, later)
    assert (lot.remaining, lot.expires_at) == (500, later + 14 * DAY)


def test_cancelling_twice_gives_back_once() -> None:
    member = make_member(points=500)
    make_reward(stock=1)
    done = redeem(member)
    first = cancel(done)
    after = everything()
    assert cancel(done, now=NOW + DAY) == first
    assert everything() == after
    assert points_of(member) == (500, 0)


def test_a_revealed_code_is_void_a_hidden_one_is_free_again() -> None:
    member = make_member(points=2_000)
    make_voucher("AAA", "BBB")
    shown = redeem(member, "cinema")
    hidden = reserve(member, "cinema", key="k2")
    assert cancel(shown).code is None
    cancel(hidden)
    pool = list_pools()[0]
    assert (pool.free, pool.claimed, pool.revealed, pool.void) == (1, 0, 0, 1)
    assert redeem(member, "cinema", key="k3").code == "BBB"
    with pytest.raises(SoldOut):
        redeem(member, "cinema", key="k4")


def test_a_cancelled_one_does_not_count_towards_the_limit() -> None:
    member = make_member(points=2_000)
    make_reward(per_member_max=1)
    done = redeem(member)
    with pytest.raises(LimitReached):
        redeem(member, key="k2")
    cancel(done)
    assert redeem(member, key="k3").state is RedemptionState.CONFIRMED


def test_a_kept_unit_goes_back_to_the_share() -> None:
    gold = make_member(points=500, gold=True)
    make_reward(stock=1, kept_units=1, kept_for_rank=1)
    done = redeem(gold)
    assert get_reward("mug").kept_taken == 1
    cancel(done)
    assert (get_reward("mug").taken, get_reward("mug").kept_taken) == (0, 0)


def test_a_member_cancels_within_the_window_only() -> None:
    member, other = make_member(points=2_000), make_member("other")
    make_reward(cancellable_for_hours=2)
    me = member_of(member)
    done = redeem(member)
    before = everything()
    with pytest.raises(NotYours):
        cancel(done, actor=member_of(other), reason="")
    with pytest.raises(NotCancellable):
        cancel(done, actor=me, now=NOW + 2 * HOUR, reason="")
    assert everything() == before
    assert can_cancel(done, NOW + 2 * HOUR - MINUTE)
    assert not can_cancel(done, NOW + 2 * HOUR)
    back = cancel(done, actor=me, now=NOW + 2 * HOUR - MINUTE, reason="")
    assert back.state is RedemptionState.CANCELLED
    assert not can_cancel(back, NOW)


def test_without_a_window_a_member_cannot_cancel_what_is_paid() -> None:
    member = make_member(points=1_000)
    make_reward()
    done, held = redeem(member), reserve(member, key="k2")
    assert not can_cancel(done, NOW)
    with pytest.raises(NotCancellable):
        cancel(done, actor=member_of(member), now=NOW, reason="")
    assert can_cancel(held, NOW)
    assert cancel(held, actor=member_of(member), reason="").state is RedemptionState.CANCELLED


def test_a_code_once_seen_is_not_had_for_nothing() -> None:
    """A reward saved before the combination was refused: its terms still say that it can be taken back."""
    member = make_member(points=1_000)
    make_voucher("AAA", "BBB")
    Redemption.reward.field.related_model.objects.filter(code="cinema").update(cancellable_for_hours=24)
    done = redeem(member, "cinema")
    assert (done.state, done.code) == (RedemptionState.CONFIRMED, "AAA")
    assert done.cancellable_until is None
    # And one that was paid for before.
    Redemption.objects.filter(pk=done.id).update(cancellable_until=NOW + 24 * HOUR)
    assert not can_cancel(get_redemption(done.id), NOW)
    before = everything()
    with pytest.raises(NotCancellable):
        cancel(done, actor=member_of(member), now=NOW, reason="")
    assert everything() == before
    assert cancel(done, reason="The code did not work.").state is RedemptionState.CANCELLED
    assert points_of(member) == (1_000, 0)


def test_an_operator_says_why() -> None:
    member = make_member(points=500)
    make_reward()
    done = redeem(member)
    before = everything()
    for actor in (OPERATOR, SHOP):
        with pytest.raises(ReasonNeeded):
            cancel(done, actor=actor, reason="  ")
    with pytest.raises(RedemptionInvalid):
        cancel(done, reason="x" * 501)
    assert everything() == before


def test_what_was_delivered_stays_unless_its_terms_say_otherwise() -> None:
    member = make_member(points=1_000)
    make_reward(instant=True, cancellable_for_hours=24)
    make_reward("kind", instant=True, refundable_when_fulfilled=True)
    final, kind = redeem(member), redeem(member, "kind", key="k2")
    before = everything()
    with pytest.raises(NotCancellable):
        cancel(final)
    with pytest.raises(NotCancellable):
        cancel(kind, actor=member_of(member), reason="")
    assert everything() == before
    assert cancel(kind).state is RedemptionState.CANCELLED
    assert points_of(member) == (500, 0)


def test_a_reservation_lapses() -> None:
    member = make_member(points=1_000)
    make_voucher("AAA", stock=1, price_money=100)
    held = reserve(member, "cinema", hold_minutes=10)
    assert time_out_reservations(now=NOW + 10 * MINUTE - MINUTE / 60) == 0
    assert points_of(member) == (500, 500)
    assert time_out_reservations(now=NOW + 10 * MINUTE) == 1
    assert time_out_reservations(now=NOW + 10 * MINUTE) == 0
    lapsed = get_redemption(held.id)
    assert (lapsed.state, lapsed.cancel_reason) == (RedemptionState.CANCELLED, "Not paid in time.")
    assert list_steps(held.id)[-1].actor == "system"
    assert points_of(member) == (1_000, 0)
    assert (get_reward("cinema").taken, list_pools()[0].free) == (0, 1)
    with pytest.raises(WrongState):
        confirm(held, now=NOW + HOUR)


def test_money_that_comes_late_still_counts_until_the_job_has_run() -> None:
    member = make_member(points=500)
    make_reward(stock=1)
    held = reserve(member, hold_minutes=10)
    assert confirm(held, now=NOW + 11 * MINUTE).state is RedemptionState.CONFIRMED
    assert time_out_reservations(now=NOW + HOUR) == 0
    assert points_of(member, NOW + HOUR) == (0, 0)


def test_the_ledgers_own_sweep_coming_first_does_no_harm() -> None:
    member = make_member(points=500)
    make_reward(stock=1)
    held = reserve(member)
    much_later = NOW + 3 * DAY
    ledger.release_timed_out_holds(now=much_later)
    before = everything()
    with pytest.raises(WrongState):
        confirm(held, now=much_later)
    assert everything() == before
    assert time_out_reservations(now=much_later) == 1
    assert points_of(member, much_later) == (500, 0)
    assert get_reward("mug").taken == 0


def test_the_price_and_terms_of_the_moment_hold() -> None:
    member = make_member(points=500)
    make_reward(cancellable_for_hours=5)
    held = reserve(member)
    make_reward(price_points=900, cancellable_for_hours=0, stock=0)
    paid = confirm(held)
    assert (paid.price_points, paid.cancellable_until) == (500, NOW + MINUTE + 5 * HOUR)
    cancel(paid)
    assert get_reward("mug").taken == 0
