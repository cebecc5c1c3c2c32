"""Handing over: each unit once, the last one fulfils, and what never comes is given back."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.catalogue.facade import LimitReached, SoldOut, get_reward
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members.copies import collect_copy
from regulars.members.facade import erase_member, list_timeline
from regulars.redemption.errors import KeyUsedOtherwise
from regulars.redemption.facade import (
    AlreadyHandedOver,
    CodeExpired,
    CounterVerdict,
    NotCancellable,
    NotYours,
    ReasonNeeded,
    RedemptionInvalid,
    RedemptionState,
    RedemptionView,
    Shelf,
    WrongState,
    cancel_redemption,
    drop_rest,
    find_shelf,
    find_verdict,
    fulfil_redemption,
    get_redemption,
    hand_over,
    list_fulfilments,
    list_notes,
    list_shelf,
    load_viewer,
    redeem_reward,
    refund_redemption,
    reserve_reward,
    write_note,
)
from regulars.redemption.models import Fulfilment, Note, Redemption
from regulars.rules.facade import get_programme_at
from regulars.trail.facade import list_audit
from tests.redemption.examples import (
    DAY,
    HOUR,
    NOW,
    OPERATOR,
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


def take(units: int = 1, reward_code: str = "mug", points: int = 5_000, **more: Any) -> RedemptionView:
    member = make_member("m" + str(Redemption.objects.count()), points=points)
    return redeem_reward(
        actor=member_of(member), now=NOW, member_id=member, reward_code=reward_code, idempotency_key="k",
        units=units, **more,
    )  # fmt: skip


def hand(view: RedemptionView, key: str, units: int | None = None, **more: Any) -> RedemptionView:
    options = {"actor": OPERATOR, "now": NOW + HOUR} | more
    return hand_over(redemption_id=view.id, idempotency_key=key, units=units, **options)


def drop(view: RedemptionView, key: str = "rest", **more: Any) -> RedemptionView:
    options = {"actor": OPERATOR, "now": NOW + HOUR, "reason": "no more of them"} | more
    return drop_rest(redemption_id=view.id, idempotency_key=key, **options)


def refuse(refusal: type[Refusal], act: Any) -> None:
    before = everything()
    with pytest.raises(refusal):
        act()
    assert everything() == before


def test_units_are_priced_counted_and_limited_together() -> None:
    make_reward(stock=5, per_member_max=3)
    view = take(3)
    assert (view.units, view.units_left, view.price_points) == (3, 3, 1_500)
    assert points_of(view.member_id) == (3_500, 0)
    assert get_reward("mug").taken == 3
    programme = get_programme_at(NOW)
    assert load_viewer(member_id=view.member_id, programme=programme, now=NOW).taken == {view.reward_id: 3}
    other = make_member("other", points=5_000)
    asked = {"actor": OPERATOR, "now": NOW, "reward_code": "mug", "idempotency_key": "o"}
    refuse(SoldOut, lambda: redeem_reward(**asked, member_id=other, units=3))
    refuse(LimitReached, lambda: redeem_reward(**asked, member_id=view.member_id))
    cancel_redemption(actor=OPERATOR, now=NOW, redemption_id=view.id, reason="x")
    assert get_reward("mug").taken == 0
    assert points_of(view.member_id) == (5_000, 0)


def test_the_same_key_with_more_units_is_another_request() -> None:
    make_reward()
    view = take(2)
    again = {"actor": OPERATOR, "now": NOW, "member_id": view.member_id, "reward_code": "mug"}
    assert redeem_reward(**again, idempotency_key="k", units=2).replayed
    refuse(KeyUsedOtherwise, lambda: redeem_reward(**again, idempotency_key="k"))
    refuse(RedemptionInvalid, lambda: redeem_reward(**again, idempotency_key="o", units=0))
    make_voucher("AAA", "BBB")
    voucher = again | {"reward_code": "cinema"}
    refuse(RedemptionInvalid, lambda: redeem_reward(**voucher, idempotency_key="v", units=2))


def test_part_by_part_until_all_is_there() -> None:
    make_reward()
    view = take(3)
    part = hand(view, "a", 2)
    assert (part.state, part.units_handed, part.units_left) == (RedemptionState.CONFIRMED, 2, 1)
    assert hand(view, "a", 2) == part
    refuse(KeyUsedOtherwise, lambda: hand(view, "a", 1))
    refuse(RedemptionInvalid, lambda: hand(view, "b", 2))
    refuse(RedemptionInvalid, lambda: hand(view, "b", 0))
    refuse(NotYours, lambda: hand(view, "b", actor=member_of(view.member_id)))
    whole = hand(view, "b")
    assert (whole.state, whole.fulfilled_at, whole.units_left) == (RedemptionState.FULFILLED, NOW + HOUR, 0)
    with pytest.raises(AlreadyHandedOver) as told:
        hand(view, "c")
    assert told.value.extra == {"by": "operator:1", "handed_over_at": (NOW + HOUR).isoformat()}
    assert [(line.kind, line.units) for line in list_fulfilments(view.id)] == [("handed", 2), ("handed", 1)]
    audited = [(line.details["units"], line.details["left"]) for line in list_audit(size=2).items]
    assert audited == [(1, 0), (2, 1)]
    titles = [(entry.title, entry.detail) for entry in list_timeline(view.member_id).items]
    assert titles[:2] == [("Delivered: Mug", "1 of 3"), ("Delivered: Mug", "2 of 3")]


def test_the_rest_that_never_comes_goes_back_and_no_more() -> None:
    make_reward(stock=10)
    view = take(4)
    refuse(WrongState, lambda: drop(view))
    hand(view, "a", 1)
    refuse(ReasonNeeded, lambda: drop(view, reason=" "))
    refuse(NotYours, lambda: drop(view, actor=member_of(view.member_id)))
    refuse(
        NotCancellable, lambda: cancel_redemption(actor=OPERATOR, now=NOW, redemption_id=view.id, reason="x")
    )
    refund_redemption(
        actor=OPERATOR, now=NOW, redemption_id=view.id, points=700, reason="late", idempotency_key="r"
    )
    done = drop(view)
    # Three of four cost 1,500 of 2,000; 700 were back before, so 1,300 are left to give.
    assert (done.state, done.units_dropped, done.refunded_points) == (RedemptionState.FULFILLED, 3, 2_000)
    assert points_of(view.member_id, NOW + HOUR) == (5_000, 0)
    assert get_reward("mug").taken == 1
    assert drop(view) == done
    refuse(AlreadyHandedOver, lambda: drop(view, "other"))
    refuse(KeyUsedOtherwise, lambda: hand(view, "rest"))
    assert ledger.prove().ok


def test_what_is_not_paid_cancelled_or_over_is_not_handed_over() -> None:
    make_voucher("AAA", "BBB", voucher_valid_days=1)
    member = make_member("p", points=1_000)
    ask = {"actor": OPERATOR, "now": NOW, "member_id": member, "reward_code": "cinema"}
    held = reserve_reward(**ask, idempotency_key="h")
    refuse(WrongState, lambda: hand(held, "a"))
    assert find_verdict(held, NOW) is CounterVerdict.UNPAID
    cancelled = cancel_redemption(actor=OPERATOR, now=NOW, redemption_id=held.id, reason="x")
    refuse(WrongState, lambda: hand(held, "a"))
    assert find_verdict(cancelled, NOW) is CounterVerdict.CANCELLED
    view = redeem_reward(**ask, idempotency_key="v")
    assert find_verdict(view, NOW) is CounterVerdict.GOOD
    late = NOW + 3 * DAY
    refuse(CodeExpired, lambda: hand(view, "a", now=late))
    assert find_verdict(view, late) is CounterVerdict.EXPIRED
    assert fulfil_redemption(actor=OPERATOR, now=late, redemption_id=view.id).units_left == 0
    assert find_verdict(get_redemption(view.id), late) is CounterVerdict.USED


def test_a_code_that_came_at_once_is_used_at_the_counter_once() -> None:
    make_voucher("AAA", instant=True)
    view = take(reward_code="cinema")
    assert (view.state, view.units_left, find_shelf(view, NOW)) == (RedemptionState.FULFILLED, 1, Shelf.READY)
    used = hand(view, "a")
    assert (used.fulfilled_at, used.units_left, find_shelf(used, NOW)) == (NOW, 0, Shelf.USED)
    assert [one.id for one in list_shelf(member_id=view.member_id, shelf=Shelf.USED, now=NOW).items] == [
        view.id
    ]
    refuse(AlreadyHandedOver, lambda: hand(view, "b"))
    make_reward("kind", instant=True)
    gone = take(2, "kind")
    assert (gone.units_left, len(list_fulfilments(gone.id))) == (0, 1)
    refuse(AlreadyHandedOver, lambda: hand(gone, "a"))


def test_notes_are_kept_once_audited_without_their_words_and_forgotten_with_the_person() -> None:
    make_reward()
    view = take()
    asked = {"actor": OPERATOR, "now": NOW, "redemption_id": view.id, "text": " Asked for the blue one. "}
    note = write_note(**asked, idempotency_key="n")
    assert write_note(**asked, idempotency_key="n") == note
    refuse(KeyUsedOtherwise, lambda: write_note(**(asked | {"text": "red"}), idempotency_key="n"))
    refuse(RedemptionInvalid, lambda: write_note(**(asked | {"text": "  "}), idempotency_key="o"))
    refuse(RedemptionInvalid, lambda: write_note(**(asked | {"text": "x" * 2_001}), idempotency_key="o"))
    refuse(
        NotYours, lambda: write_note(**(asked | {"actor": member_of(view.member_id)}), idempotency_key="o")
    )
    assert list_notes(view.id) == [note]
    assert note.text == "Asked for the blue one."
    (line,) = list_audit(action="redemption.noted").items
    assert "blue" not in str(line)
    copied = collect_copy(view.member_id, NOW)["redemptions"][0]["notes"]
    assert copied == [{"written_at": NOW.isoformat(), "text": "Asked for the blue one."}]
    erase_member(actor=OPERATOR, now=NOW + DAY, member_id=view.member_id, reason="asked for it")
    assert not Note.objects.exists()


STEPS = st.one_of(
    st.tuples(st.just("hand"), st.integers(1, 3)),
    st.tuples(st.just("refund"), st.integers(1, 900)),
    st.tuples(st.just("drop"), st.just(0)),
    st.tuples(st.just("cancel"), st.just(0)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(units=st.integers(1, 5), steps=st.lists(STEPS, max_size=6), lenient=st.booleans())
def test_stored_sums_equal_a_replay_and_no_point_is_lost(
    units: int, steps: list[tuple[str, int]], lenient: bool
) -> None:
    make_reward(stock=1_000, refundable_when_fulfilled=lenient)
    before = get_reward("mug").taken
    view = take(units)
    for number, (what, amount) in enumerate(steps):
        key, now = f"s{number}", NOW + number * timedelta(minutes=1)
        try:
            if what == "hand":
                hand(view, key, amount, now=now)
            elif what == "drop":
                drop(view, key, now=now)
            elif what == "refund":
                refund_redemption(
                    actor=OPERATOR, now=now, redemption_id=view.id, points=amount, reason="x",
                    idempotency_key=key,
                )  # fmt: skip
            else:
                cancel_redemption(actor=OPERATOR, now=now, redemption_id=view.id, reason="x")
        except Refusal:
            continue
    check_laws(view, before)


def check_laws(view: RedemptionView, taken_before: int) -> None:
    """Units are the sums of their lines, points are the price less what went back, stock is what is out."""
    now = get_redemption(view.id)
    lines = list(Fulfilment.objects.filter(redemption_id=view.id).values_list("kind", "units"))
    assert sum(units for kind, units in lines if kind == "handed") == now.units_handed
    assert sum(units for kind, units in lines if kind == "dropped") == now.units_dropped
    cancelled = now.state is RedemptionState.CANCELLED
    assert (now.state is RedemptionState.FULFILLED) is (not cancelled and now.units_left == 0)
    kept = 0 if cancelled else now.price_points - now.refunded_points
    assert points_of(MemberId(view.member_id), NOW + DAY) == (5_000 - kept, 0)
    assert get_reward("mug").taken - taken_before == (0 if cancelled else now.units - now.units_dropped)
