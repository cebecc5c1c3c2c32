"""Two members found to be one: points, caps, first purchases and tiers follow, and come back undone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from regulars.activity.models import Order
from regulars.earning import facade as earning
from regulars.earning.facade import SubmitStatus
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Balance, Currency
from regulars.members import facade as members
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers
from regulars.trail.models import AuditEntry
from tests.activity.makers import NOON, NOW, event, give_back, line, make_members, order
from tests.earning.worlds import (
    HEAD,
    PER_EURO,
    WHOLE,
    active,
    publish,
    snapshot,
    stock_products,
    submit_events,
    submit_orders,
    submit_returns,
)

pytestmark = pytest.mark.django_db
ACTOR = Actor(ActorKind.OPERATOR, "7")
AWAITS = HEAD + '\n[pending]\nawaits = "delivery"\n' + PER_EURO


def merge(member: MemberId, into: MemberId) -> earning.MergeOutcome:
    return earning.merge_members(
        actor=ACTOR, now=NOW, member_id=member, into_member_id=into, reason="same person"
    )


def undo(member: MemberId) -> earning.MergeOutcome:
    return earning.undo_merge(actor=ACTOR, now=NOW, member_id=member, reason="two after all")


def tier(member: MemberId) -> tuple[str, int]:
    standing = tiers.get_standing(member, rules.get_current_programme(NOW), NOW)
    return standing.tier, standing.qualified


@pytest.fixture
def pair() -> tuple[MemberId, MemberId]:
    """Ann, who is to be merged, and Ben, each with an order of forty euros: neither is silver alone."""
    publish(WHOLE)
    stock_products()
    ann, ben = make_members(2)
    submit_orders(order("A-1", ann, line(1, 4000, 4)), order("B-1", ben, line(1, 4000, 4)))
    return ann, ben


def test_a_merge_makes_one_balance_one_tier_one_first_purchase(pair: tuple[MemberId, MemberId]) -> None:
    ann, ben = pair
    whole = active(ann) + active(ben)
    assert (tier(ann)[0], tier(ben)[0]) == ("basic", "basic")
    outcome = merge(ann, ben)
    assert outcome.of(Currency.POINTS).active == 40 + 100 + 25
    assert (active(ann), active(ben)) == (0, whole)
    assert tier(ben) == ("silver", 80)
    assert tier(ann)[1] == 0
    lines = AuditEntry.objects.filter(action="member.merged").order_by("id")
    assert [(entry.subject, entry.actor_ref, entry.reason) for entry in lines] == [
        (f"member:{ann}", "7", "same person"),
        (f"member:{ben}", "7", "same person"),
    ]
    assert ledger.prove().ok


def test_undoing_leaves_everything_as_it_was(pair: tuple[MemberId, MemberId]) -> None:
    ann, ben = pair
    before = (snapshot(pair), members.get_member(ann), members.get_member(ben))
    merge(ann, ben)
    outcome = undo(ann)
    assert (outcome.into_member_id, outcome.of(Currency.POINTS).missing) == (ben, 0)
    assert (snapshot(pair), members.get_member(ann), members.get_member(ben)) == before
    merge(ben, ann)  # the other way round, too
    undo(ben)
    assert (snapshot(pair), members.get_member(ann), members.get_member(ben)) == before
    assert ledger.prove().ok


def test_a_return_of_the_merged_members_order_takes_points_and_tier_of_the_survivor(
    pair: tuple[MemberId, MemberId],
) -> None:
    ann, ben = pair
    merge(ann, ben)
    before = active(ben)
    (outcome,) = submit_returns(give_back("R-1", "A-1", (1, 2, None)))
    assert outcome.points == 20 + 50 + 12
    assert (active(ann), active(ben)) == (0, before - outcome.points)
    assert tier(ben) == ("silver", 60)
    submit_returns(give_back("R-2", "A-1", (1, 2, None)))
    assert tier(ben) == ("basic", 40)
    assert active(ben) == 165
    undo(ann)
    assert (active(ann), active(ben), tier(ann)[1], tier(ben)[1]) == (0, 165, 0, 40)
    assert ledger.prove().ok


def test_an_award_taken_back_by_hand_follows(pair: tuple[MemberId, MemberId]) -> None:
    ann, ben = pair
    merge(ann, ben)
    award = Order.objects.get(external_id="A-1")
    source = earning.Source(earning.SourceKind.ORDER, award.pk)
    correction = earning.reverse_award(actor=ACTOR, now=NOW, source=source, reason="fraud")
    assert (correction.points, active(ben)) == (165, 165)
    assert tier(ben) == ("basic", 40)


def test_caps_and_the_first_purchase_count_for_the_person(pair: tuple[MemberId, MemberId]) -> None:
    """Both had the first purchase's 100, and 25 of the day's 40 for a big basket."""
    ann, ben = pair
    merge(ann, ben)
    (outcome,) = submit_orders(order("B-2", ben, line(1, 4000)))
    assert outcome.points == 60  # silver's half more; nothing of a cap that two had overdrawn together
    assert earning.quote(member_id=ben, basket=_basket(), now=NOW).points_of("points") == 60
    undo(ann)
    assert earning.quote(member_id=ann, basket=_basket(), now=NOW).points_of("points") == 40 + 15


def _basket() -> rules.Basket:
    return rules.Basket(NOON, (rules.BasketLine(1, "soap", 1, 4000),))


def test_what_is_sent_again_is_a_repeat_whoever_it_names_now(pair: tuple[MemberId, MemberId]) -> None:
    ann, ben = pair
    review = event("E-1", ann, "review", occurred_at=NOON)
    submit_events(review)
    merge(ann, ben)
    state = snapshot(pair)
    again = [order("A-1", ben, line(1, 4000, 4)), order("A-1", ann, line(1, 4000, 4))]
    assert {outcome.status for outcome in submit_orders(*again)} == {SubmitStatus.REPEATED}
    told = submit_events(replace(review, member_id=ben), review)
    assert {outcome.status for outcome in told} == {SubmitStatus.REPEATED}
    assert snapshot(pair) == state
    (other,) = submit_orders(order("A-1", ben, line(1, 4001, 4)))
    assert other.status is SubmitStatus.REFUSED
    assert snapshot(pair) == state


def test_the_event_that_points_wait_for_may_name_the_survivor() -> None:
    publish(AWAITS)
    ann, ben = make_members(2)
    submit_orders(order("A-1", ann, line(1, 4000)))
    merge(ann, ben)
    assert ledger.get_balance(ben, NOW) == Balance(pending=40)
    (outcome,) = submit_events(event("E-1", ben, "delivery", occurred_at=NOW))
    assert outcome.activated == 40
    assert ledger.get_balance(ben, NOW) == Balance(active=40)
    undo(ann)
    assert (ledger.get_balance(ann, NOW), ledger.get_balance(ben, NOW)) == (Balance(active=40), Balance())
    assert ledger.prove().ok


def test_held_points_stop_a_merge_and_nothing_is_half_done(pair: tuple[MemberId, MemberId]) -> None:
    ann, ben = pair
    later = NOW + timedelta(minutes=5)
    ledger.hold(
        actor=SYSTEM, now=NOW, member_id=ann, amount=5, key="h", source="redemption:1", times_out_at=later
    )
    before = snapshot(pair)
    with pytest.raises(ledger.HeldPoints):
        merge(ann, ben)
    assert snapshot(pair) == before
    assert members.get_member(ann).merged_into is None
    assert not AuditEntry.objects.filter(action="member.merged").exists()


def test_points_by_hand_for_who_was_merged_are_refused(pair: tuple[MemberId, MemberId]) -> None:
    ann, ben = pair
    merge(ann, ben)
    before = snapshot(pair)
    told = {"actor": ACTOR, "now": NOW, "reason": "sorry", "key": "k"}
    with pytest.raises(ledger.WalletsMerged):
        ledger.adjust_points(member_id=ann, amount=5, **told)
    with pytest.raises(ledger.WalletsMerged):
        ledger.adjust_many(member_ids=[ann, ben], amount=5, **told)
    with pytest.raises(ledger.WalletsMerged):
        ledger.transfer_points(from_member_id=ben, to_member_id=ann, amount=5, **told)
    assert snapshot(pair) == before
