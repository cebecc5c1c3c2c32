"""Part of a redemption given back: to the lots it took, once, and never more than was paid."""

from datetime import timedelta

import pytest

from regulars.earning.facade import merge_members, undo_merge
from regulars.kit.errors import IdempotencyConflict, Refusal
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.redemption.facade import (
    NotYours,
    ReasonNeeded,
    RedemptionInvalid,
    RedemptionState,
    RedemptionView,
    WrongState,
    cancel_redemption,
    get_redemption,
    list_redemptions,
    redeem_reward,
    refund_redemption,
    reserve_reward,
)
from regulars.trail.facade import list_audit
from tests.redemption.examples import (
    DAY,
    NOW,
    OPERATOR,
    everything,
    give,
    make_member,
    make_reward,
    member_of,
    points_of,
    publish,
)

pytestmark = pytest.mark.django_db
LATER = NOW + DAY


@pytest.fixture
def taken() -> RedemptionView:
    """A mug for 500 points: 300 of them would have lapsed tomorrow, 200 last for a year; 100 are left."""
    publish()
    make_reward(cancellable_for_hours=48)
    member = make_member()
    give(member, 300, key="soon", expires_at=NOW + timedelta(hours=12))
    give(member, 300, key="late", expires_at=NOW + timedelta(days=365))
    return redeem_reward(
        actor=member_of(member), now=NOW, member_id=member, reward_code="mug", idempotency_key="k"
    )


def refund(view: RedemptionView, points: int, key: str = "r1", **more: object) -> RedemptionView:
    options = {"actor": OPERATOR, "now": NOW, "reason": "scratched"} | more
    return refund_redemption(redemption_id=view.id, points=points, idempotency_key=key, **options)  # type: ignore[arg-type]


def lots(member: MemberId, now: object = NOW) -> list[int]:
    return [lot.remaining for lot in ledger.list_lots(member, now)]  # type: ignore[arg-type]


def test_a_part_goes_back_to_the_lots_last_taken(taken: RedemptionView) -> None:
    view = refund(taken, 150)
    assert (view.refunded_points, view.state) == (150, taken.state)
    assert lots(taken.member_id) == [250]
    view = refund(taken, 100, "r2")
    assert lots(taken.member_id) == [50, 300]
    assert view.refunded_points == 250
    first, second = list_audit(subject=f"member:{taken.member_id}").items[:2]
    assert {entry.details["points"] for entry in (first, second)} == {150, 100}
    assert first.reason == "scratched"


def test_the_same_key_gives_once(taken: RedemptionView) -> None:
    refund(taken, 150)
    before = everything()
    assert refund(taken, 150).refunded_points == 150
    assert everything() == before
    with pytest.raises(IdempotencyConflict):
        refund(taken, 151)
    assert everything() == before


def test_cancelling_gives_back_the_rest(taken: RedemptionView) -> None:
    refund(taken, 150)
    cancelled = cancel_redemption(actor=OPERATOR, now=NOW, redemption_id=taken.id, reason="never came")
    assert cancelled.state is RedemptionState.CANCELLED
    assert lots(taken.member_id) == [300, 300]
    with pytest.raises(ledger.RefundTooLarge):
        refund(taken, 1, "r2")


def test_lapsed_lots_follow_the_programme_in_part_too(taken: RedemptionView) -> None:
    """Fourteen days of grace, by the programme under which it was redeemed."""
    refund(taken, 400, now=LATER)
    assert [(lot.remaining, lot.expires_at) for lot in ledger.list_lots(taken.member_id, LATER)] == [
        (200, LATER + 14 * DAY),
        (300, NOW + 365 * DAY),
    ]


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"points": 501}, ledger.RefundTooLarge),
        ({"points": 0}, RedemptionInvalid),
        ({"points": 5, "reason": " "}, ReasonNeeded),
        ({"points": 5, "key": ""}, RedemptionInvalid),
        ({"points": 5, "actor": None}, NotYours),
    ],
)
def test_what_cannot_be_given_back_changes_nothing(
    taken: RedemptionView, options: dict[str, object], refusal: type[Refusal]
) -> None:
    if "actor" in options:
        options = options | {"actor": member_of(taken.member_id)}
    before = everything()
    with pytest.raises(refusal):
        refund(taken, **options)  # type: ignore[arg-type]
    assert everything() == before


def test_a_reservation_is_cancelled_instead(taken: RedemptionView) -> None:
    give(taken.member_id, 500, key="more")
    reserved = reserve_reward(
        actor=OPERATOR, now=NOW, member_id=taken.member_id, reward_code="mug", idempotency_key="k2"
    )
    with pytest.raises(WrongState):
        refund(reserved, 5)


def test_a_merged_members_redemption_is_the_survivors_to_see_and_to_have_back(taken: RedemptionView) -> None:
    survivor = make_member("m2")
    merge_members(
        actor=OPERATOR, now=NOW, member_id=taken.member_id, into_member_id=survivor, reason="one person"
    )
    assert [view.id for view in list_redemptions(member_id=survivor).items] == [taken.id]
    assert get_redemption(taken.id).member_id == survivor
    refund(taken, 100)
    assert points_of(survivor) == (200, 0)
    cancel_redemption(actor=member_of(survivor), now=NOW, redemption_id=taken.id)
    assert (points_of(taken.member_id), points_of(survivor)) == ((0, 0), (600, 0))
    undo_merge(actor=OPERATOR, now=NOW, member_id=taken.member_id, reason="two after all")
    assert (points_of(taken.member_id), points_of(survivor)) == ((600, 0), (0, 0))
    assert ledger.prove().problems == ()
