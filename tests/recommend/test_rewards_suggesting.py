"""Rewards suggested to members: points that can be spent, the catalogue's verdicts, the log, refusals."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from regulars.catalogue.facade import get_reward
from regulars.kit.errors import InvalidInput
from regulars.ledger import facade as ledger
from regulars.members.facade import MemberUnknown
from regulars.recommend import facade as recommend
from regulars.recommend.facade import MarkKind, MarkSubject, Placement, ReasonCode, ServedBy
from regulars.recommend.models import Choice, Popular, Shown, Taste
from regulars.redemption import facade as redemption
from tests.redemption.examples import (
    DAY,
    NOW,
    OPERATOR,
    give,
    make_member,
    make_reward,
    make_voucher,
    member_of,
    publish,
)

pytestmark = pytest.mark.django_db


def suggest(member_id: int, **more: Any) -> list[recommend.RewardSuggestion]:
    return recommend.suggest_rewards(member_id=member_id, now=NOW, placement=Placement.HOME, **more)  # type: ignore[arg-type]


def codes_of(found: list[recommend.RewardSuggestion]) -> list[str]:
    return [one.code for one in found]


def learn(member_id: int, **more: Any) -> None:
    values: dict[str, Any] = {"points_a_day": 20.0, "basket_minor": 5_000} | more
    Taste.objects.create(member_id=member_id, as_of=NOW.date(), orders_count=9, **values)


def number_of(code: str) -> int:
    return get_reward(code).id


@pytest.fixture(autouse=True)
def _programme(db: None) -> None:
    publish()


def test_what_is_held_or_pending_cannot_be_had() -> None:
    make_reward("mug", price_points=500)
    make_reward("bike", price_points=800)
    member = make_member(points=1_000)
    command = ledger.EarnCommand(
        member, ledger.Currency.POINTS, 5_000, occurred_at=NOW - DAY, key="p", activates_at=NOW + DAY
    )
    with transaction.atomic():
        ledger.earn(actor=OPERATOR, now=NOW - DAY, command=command)
    assert [(one.code, one.missing) for one in suggest(member)] == [("bike", 0), ("mug", 0)]
    redemption.reserve_reward(
        actor=member_of(member), now=NOW, member_id=member, reward_code="mug", idempotency_key="k"
    )
    found = suggest(member)
    assert [(one.code, one.missing) for one in found] == [("mug", 0), ("bike", 300)]
    (missing,) = [why for why in found[1].reasons if why.code is ReasonCode.NEAR]
    assert missing.values == {"points": 300}, "neither pace nor basket is known: nothing is made up"


def test_how_near_it_is_in_days_and_in_one_basket() -> None:
    make_reward("mug", price_points=412)
    member = make_member(points=100)
    learn(member, points_a_day=36.0, basket_minor=12_000)
    (mug,) = suggest(member)
    assert (mug.missing, mug.days, mug.amount) == (312, 9, 31_200)
    assert mug.reasons[0].values == {"points": 312, "days": 9, "amount": 31_200, "currency": "EUR"}
    Taste.objects.update(basket_minor=1_000)
    assert suggest(member)[0].amount is None, "thirty of their baskets are no basket"


def test_nothing_that_cannot_be_had_is_there() -> None:
    make_reward("mug")
    make_reward("gone", stock=0)
    make_reward("gold", tiers_allowed=("gold",))
    make_reward("later", active_from=NOW + 3 * DAY)
    make_reward("over", active_from=NOW - 9 * DAY, active_to=NOW)
    make_reward("draft", published=False)
    make_reward("one", per_member_max=1)
    make_voucher("c1")
    member = make_member(points=5_000)
    assert set(codes_of(suggest(member))) == {"mug", "one", "cinema"}
    for code in ("one", "cinema"):
        redemption.redeem_reward(
            actor=member_of(member), now=NOW, member_id=member, reward_code=code, idempotency_key=code
        )
    assert codes_of(suggest(member)) == ["mug"], "the limit is reached, the last code is taken"
    gold = make_member("m2", points=5_000, gold=True)
    assert set(codes_of(suggest(gold))) == {"mug", "one", "gold"}


def test_interest_comes_with_its_evidence_and_only_for_who_wants_it_personal() -> None:
    for code in ("bread", "coffee", "tea"):
        make_reward(code)
    member = make_member(points=5_000)
    learn(member, reward_interest={str(number_of("coffee")): [0.9, "Coffee", 12]})
    coffee = suggest(member)[0]
    assert (coffee.code, coffee.served_by) == ("coffee", ServedBy.MODEL)
    assert coffee.reasons[-1].values == {"category": "Coffee", "orders": 12}
    Choice.objects.create(member_id=member, personal=False, changed_at=NOW)
    plain = suggest(member)
    assert {one.served_by for one in plain} == {ServedBy.SHOP}
    assert all(why.code is ReasonCode.AFFORDABLE for one in plain for why in one.reasons)


@pytest.mark.parametrize("broken", [["coffee"], {"x": 1}, {"1": 0.5}, {"1": ["much", "Coffee", 1]}])
def test_a_taste_that_cannot_be_read_is_none(broken: Any) -> None:
    make_reward("coffee")
    member = make_member(points=5_000)
    learn(member, reward_interest=broken)
    assert codes_of(suggest(member)) == ["coffee"]


def test_points_that_lapse_the_goal_and_what_others_take() -> None:
    make_reward("mug", price_points=200)
    make_reward("bag", price_points=200)
    make_reward("bike", price_points=9_000)
    Popular.objects.create(scope="rewards", days=28, skus=[str(number_of("bag"))], buyers=[7])
    member = make_member(points=100)
    give(member, 300, key="soon", expires_at=NOW + 5 * DAY)
    redemption.set_goal(actor=member_of(member), now=NOW, member_id=member, reward_code="bike")
    bike, bag, mug = suggest(member)
    assert [one.code for one in (bike, bag, mug)] == ["bike", "bag", "mug"]
    assert bike.reasons[0].code is ReasonCode.GOAL
    assert bag.reasons[0].values == {"points": 200, "on": (NOW + 5 * DAY).date().isoformat()}
    assert bag.reasons[-1].values == {"members": 7, "days": 28}


def test_what_is_shown_is_written_down_and_a_look_is_not() -> None:
    make_reward("mug")
    make_reward("bag")
    member = make_member(points=600)
    assert suggest(member, log=False)[0].shown_id is None
    assert not Shown.objects.exists()
    found = suggest(member)
    (row,) = Shown.objects.all()
    assert {one.shown_id for one in found} == {row.pk}
    assert (row.shelf, row.skus, row.ways) == ("rewards", codes_of(found), ["shop", "shop"])
    assert row.reasons[0][0] == ["affordable", {"points": 100}]
    shown = recommend.explain_shown(row.pk, "mug")
    assert shown.name == "Mug"
    assert shown.reasons[0].code is ReasonCode.AFFORDABLE


def test_marks_hold_for_rewards_and_explain_what_was_shown() -> None:
    for code in ("a", "b", "c"):
        make_reward(code)
    member = make_member(points=600)
    for values in ({"kind": MarkKind.BAN, "value": "b"}, {"kind": MarkKind.PIN, "value": "c", "place": 1}):
        recommend.set_mark(actor=OPERATOR, now=NOW - DAY, subject=MarkSubject.REWARD, **values)  # type: ignore[arg-type]
    found = suggest(member)
    assert codes_of(found) == ["c", "a"]
    assert found[0].shown_id is not None
    shown = recommend.explain_shown(found[0].shown_id, "c")
    assert [mark.kind for mark in shown.marks] == [MarkKind.PIN]


def test_related_rewards_are_alike_and_never_the_one_looked_at() -> None:
    make_reward("mug", category="Kitchen", price_points=500)
    make_reward("pot", category="Kitchen", price_points=700)
    make_reward("ticket", category="Evenings", price_points=500)
    make_reward("gone", category="Kitchen", stock=0)
    member = make_member(points=600)
    found = recommend.related_rewards(reward="mug", member_id=member, now=NOW, placement=Placement.REWARD)
    assert [(one.code, one.missing) for one in found] == [("pot", 100), ("ticket", 0)]
    assert Shown.objects.get().placement == "reward"
    stranger = recommend.related_rewards(reward="mug", member_id=None, now=NOW, placement=Placement.REWARD)
    assert codes_of(stranger) == ["pot", "ticket"]
    assert all(not one.reasons for one in stranger)
    assert Shown.objects.count() == 1, "of a stranger nothing is written down"


def test_refusals_write_nothing() -> None:
    make_reward("mug")
    member = make_member(points=600)
    with pytest.raises(MemberUnknown):
        suggest(member + 1)
    for count in (0, 25):
        with pytest.raises(InvalidInput):
            suggest(member, count=count)
    assert not Shown.objects.exists()


def test_a_reward_that_is_not_for_them_is_suggested_no_more_until_they_say_otherwise() -> None:
    for code in ("mug", "tote"):
        make_reward(code, price_points=300)
    member = make_member(points=600)
    found = suggest(member)
    themselves = {"actor": member_of(member), "member_id": member}
    said: dict[str, Any] = {"shown_id": found[0].shown_id, "skus": ["mug"], "now": NOW}
    for news in (1, 0):
        kind = recommend.FeedbackKind.DISMISSED
        assert recommend.note_feedback(**themselves, **said, kind=kind) == news
    assert codes_of(suggest(member)) == ["tote"]
    beside = recommend.related_rewards(reward="tote", member_id=member, now=NOW, placement=Placement.REWARD)
    assert codes_of(beside) == []
    (told,) = recommend.get_taste(member).dismissals
    assert (told.kind, told.sku, told.name) == ("reward", "mug", get_reward("mug").decided.name)
    # What they save for is offered whatever they said.
    redemption.set_goal(actor=member_of(member), now=NOW, member_id=member, reward_code="mug")
    assert codes_of(suggest(member))[0] == "mug"
    redemption.clear_goal(actor=member_of(member), member_id=member)
    recommend.restore_reward(**themselves, code="mug")
    assert sorted(codes_of(suggest(member))) == ["mug", "tote"]


def test_a_cost_to_the_shop_is_weighed_and_told_to_nobody() -> None:
    for code, cost in (("dear", 900), ("cheap", 90)):
        make_reward(code, price_points=300, cost=cost)
    found = suggest(make_member(points=600))
    assert codes_of(found) == ["cheap", "dear"]
    assert not any(hasattr(one.view, "cost") for one in found)


def test_as_many_queries_for_one_reward_as_for_thirty() -> None:
    member = make_member(points=600)
    make_reward("mug")
    suggest(member)
    with CaptureQueriesContext(connection) as one:
        suggest(member)
    for number in range(30):
        make_reward(f"r{number}", price_points=100 + 40 * number)
    suggest(member)
    with CaptureQueriesContext(connection) as many:
        assert len(suggest(member, count=24)) == 24
    assert len(many) == len(one) <= 14
