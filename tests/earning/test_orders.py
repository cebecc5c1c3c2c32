"""Orders in, points out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from regulars.activity.facade import OrderKeyConflict, UnknownMember, find_order
from regulars.activity.models import Order, OrderLine
from regulars.earning.facade import SubmitStatus, WrongCurrency
from regulars.earning.models import Award
from regulars.kit.errors import InvalidInput
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.rules.facade import NoProgramme
from regulars.tiers import facade as tiers
from tests.activity.makers import NOON, NOW, line, make_members, order
from tests.earning.worlds import (
    FIRST,
    HEAD,
    PER_EURO,
    TIERS,
    WHOLE,
    active,
    publish,
    snapshot,
    stock_products,
    submit_orders,
)

pytestmark = pytest.mark.django_db
ACCEPTED, REPEATED, REFUSED = SubmitStatus.ACCEPTED, SubmitStatus.REPEATED, SubmitStatus.REFUSED


@pytest.fixture
def shop() -> None:
    publish(WHOLE)
    stock_products()


@pytest.mark.usefixtures("shop")
def test_an_order_earns_by_the_rules() -> None:
    (ada,) = make_members(1)
    (outcome,) = submit_orders(order("A-1", ada, line(1, 550, sku="rye"), line(2, 999, sku="milk")))
    assert outcome.status is ACCEPTED
    # 5 + 9 by amount, 6 more as bread counts double (11 in all on 5.50), 100 for the first purchase.
    assert outcome.points == 5 + 9 + 6 + 100
    assert active(ada) == outcome.points
    assert ledger.get_balance(ada, NOW, ledger.Currency.QUALIFYING_POINTS).active == 14
    award = Award.objects.get()
    assert (award.points, award.pk) == (outcome.points, outcome.award_id)
    detail = find_order("A-1")
    assert detail is not None
    assert detail.order.id == outcome.order_id
    assert all(
        entry.source == f"order:{outcome.order_id}"
        for entry in ledger.list_entries(ada, ledger.Currency.POINTS).items
    )


@pytest.mark.usefixtures("shop")
def test_an_order_that_earns_nothing_is_answered_and_kept_all_the_same() -> None:
    (ada,) = make_members(1)
    submit_orders(order("A-0", ada))
    (outcome,) = submit_orders(order("A-1", ada, line(1, 0)))
    assert (outcome.status, outcome.points) == (ACCEPTED, 0)
    assert outcome.award_id is not None
    assert submit_orders(order("A-1", ada, line(1, 0)))[0] == replace(outcome, status=REPEATED)


@pytest.mark.usefixtures("shop")
def test_bad_rows_stop_no_good_ones_and_change_nothing() -> None:
    (ada,) = make_members(1)
    first = order("A-1", ada)
    submit_orders(first)
    before = snapshot([ada])
    outcomes = submit_orders(
        replace(first, store="elsewhere"),
        order("A-2", MemberId(ada + 1000)),
        order("A-3", ada, line(1, -1)),
        order("A-4", ada, currency="USD"),
        order("A-5", ada, occurred_at=datetime(2026, 9, 1)),  # noqa: DTZ001
        order("A-6", ada, occurred_at=NOW + timedelta(days=3)),
        first,
    )
    assert [outcome.status for outcome in outcomes] == [REFUSED] * 6 + [REPEATED]
    kinds = [OrderKeyConflict, UnknownMember, InvalidInput, WrongCurrency, InvalidInput, InvalidInput]
    for outcome, kind in zip(outcomes, kinds, strict=False):
        assert isinstance(outcome.refusal, kind)
        assert (outcome.points, outcome.award_id, outcome.order_id) == (0, None, None)
    assert snapshot([ada]) == before
    assert Order.objects.count() == Award.objects.count() == 1
    (good,) = submit_orders(order("A-3", ada, line(1, 500)))
    assert (good.status, good.points) == (ACCEPTED, 5)


@pytest.mark.usefixtures("shop")
def test_the_same_order_twice_in_a_batch_earns_once() -> None:
    (ada,) = make_members(1)
    told = order("A-1", ada)
    first, second, third = submit_orders(told, told, replace(told, channel="web"))
    assert (first.status, second.status, third.status) == (ACCEPTED, REPEATED, REFUSED)
    assert (second.points, second.award_id) == (first.points, first.award_id)
    assert active(ada) == first.points == 110


def test_without_a_programme_nothing_is_taken_in() -> None:
    (ada,) = make_members(1)
    with pytest.raises(NoProgramme):
        submit_orders(order("A-1", ada))
    assert not Order.objects.exists()
    assert not OrderLine.objects.exists()


@pytest.mark.usefixtures("shop")
def test_a_batch_is_judged_in_order_of_time_whatever_its_order() -> None:
    (ada,) = make_members(1)
    late, early = submit_orders(order("A-2", ada, minutes=10), order("A-1", ada, minutes=0))
    assert (early.points, late.points) == (110, 10)


@pytest.mark.usefixtures("shop")
def test_the_first_purchase_is_rewarded_once_also_where_an_earlier_one_arrives_later() -> None:
    (ada,) = make_members(1)
    assert submit_orders(order("A-2", ada, minutes=10))[0].points == 110
    assert submit_orders(order("A-1", ada, minutes=0))[0].points == 10


@pytest.mark.usefixtures("shop")
def test_a_tier_reached_counts_from_the_next_order_of_the_batch() -> None:
    (ada,) = make_members(1)
    outcomes = submit_orders(
        order("A-1", ada, line(1, 1000)),
        order("A-2", ada, line(1, 4000), minutes=5),
        order("A-3", ada, line(1, 1000), minutes=10),
    )
    assert [outcome.points for outcome in outcomes] == [110, 65, 15]
    assert snapshot([ada])["tiers"][ada] == ("silver", 60)
    (change,) = tiers.list_tier_changes(ada).items
    assert (change.to_tier, change.occurred_at) == ("silver", NOON + timedelta(minutes=5))


@pytest.mark.usefixtures("shop")
def test_a_late_order_has_the_tier_of_its_own_time() -> None:
    (ada,) = make_members(1)
    submit_orders(order("A-1", ada, line(1, 100)), order("A-2", ada, line(1, 5000), minutes=100))
    before, after = submit_orders(
        order("A-3", ada, line(1, 1000), minutes=50), order("A-4", ada, line(1, 1000), minutes=150)
    )
    assert (before.points, after.points) == (10, 15)


def test_a_late_order_is_judged_by_the_programme_of_its_own_time() -> None:
    old, new = HEAD + PER_EURO, HEAD + PER_EURO.replace("points = 1", "points = 3")
    first = publish(old)
    second = publish(new, at=NOON)
    (ada,) = make_members(1)
    hours = (-2, -1, 0, 1, -500 * 24)
    outcomes = submit_orders(
        *(order(f"A-{hour}", ada, occurred_at=NOON + timedelta(hours=hour)) for hour in hours)
    )
    assert [outcome.points for outcome in outcomes] == [10, 10, 30, 30, 10]
    versions = dict(Award.objects.values_list("id", "programme_version"))
    told = [versions[outcome.award_id or 0] for outcome in outcomes]
    assert told == [first.number, first.number, second.number, second.number, first.number]


def test_a_cap_counts_over_batches_and_in_the_programmes_calendar(shop: None) -> None:
    (ada,) = make_members(1)
    submit_orders(order("A-0", ada, line(1, 100), occurred_at=NOON - timedelta(days=9)))
    midnight = datetime(2026, 9, 10, 22, 0, tzinfo=UTC)  # in Berlin
    instants = [midnight + timedelta(minutes=minutes) for minutes in (-3, -2, -1, 0, 1)]
    told = [order(f"A-{n}", ada, line(1, 2000), occurred_at=at) for n, at in enumerate(instants, 1)]
    first = [outcome.points for outcome in submit_orders(*told[:2])]
    second = [outcome.points for outcome in submit_orders(*told[2:])]
    # 25 for a large basket, at most 40 a day; silver (half as much again on the rest) from the third one on.
    assert first + second == [20 + 25, 20 + 15, 20, 30 + 25, 30 + 15]


def test_segments_are_taken_as_values() -> None:
    publish(HEAD + PER_EURO.replace("qualifying = true", 'audience = { segments = ["friends"] }'))
    ada, bob = make_members(2)
    outcomes = submit_orders(order("A-1", ada), order("B-1", bob), segments={ada: frozenset({"friends"})})
    assert [outcome.points for outcome in outcomes] == [10, 0]


def test_a_tierless_programme_works_too() -> None:
    publish(HEAD + PER_EURO + FIRST)
    (ada,) = make_members(1)
    assert submit_orders(order("A-1", ada))[0].points == 110


def test_points_of_the_past_carry_their_own_dates() -> None:
    publish(HEAD + PER_EURO + TIERS)
    (ada,) = make_members(1)
    long_ago = NOON - timedelta(days=300)
    submit_orders(order("A-1", ada, occurred_at=long_ago))
    (lot,) = ledger.list_lots(ada, NOW)
    assert lot.opened_at == long_ago
    assert lot.expires_at is not None
    assert lot.expires_at < NOW + timedelta(days=70)


@pytest.mark.usefixtures("shop")
def test_the_number_of_queries_does_not_grow_with_the_batch() -> None:
    members = make_members(31)
    submit_orders(*(order(f"O-{n}", member_id) for n, member_id in enumerate(members)))
    rich = [order(f"Q-{n}", who, line(1, 9000), minutes=500) for n, who in enumerate(members)]
    submit_orders(*rich)  # what follows is late: it came before a tier was reached
    counts = []
    for size in (1, 30):
        batch = [
            order(f"P-{size}-{n}", members[n], line(1, 3000, sku="rye"), line(2), minutes=size)
            for n in range(size)
        ]
        with CaptureQueriesContext(connection) as queries:
            submit_orders(*batch)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_rules_see_what_is_known_of_member_order_and_product() -> None:
    condition = (
        'has(member.attributes.club) && member.attributes.club == "gold" && member.birth_month == 5 '
        '&& member.joined_days == 31 && basket.store == "north" && basket.channel == "till" '
        '&& basket.attributes.coupon == "X" && "Mill" in basket.brands'
    )
    publish(HEAD + PER_EURO + FIRST.replace("first_purchase = true", f"when = '''{condition}'''"))
    stock_products()
    known: dict[str, Any] = {"birthday": date(1990, 5, 4), "joined_at": NOON - timedelta(days=31)}
    (ada,) = make_members(1, attributes={"club": "gold"}, **known)
    told: dict[str, Any] = {"store": "north", "channel": "till", "attributes": {"coupon": "X"}}
    outcomes = submit_orders(
        order("A-1", ada, line(1, sku="rye"), **told),
        order("A-2", ada, line(1, sku="milk"), **told),
        order("A-3", ada, line(1, sku="rye")),
    )
    assert [outcome.points for outcome in outcomes] == [110, 10, 10]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("change", ["UPDATE earning_award SET points = 0", "DELETE FROM earning_award"])
def test_awards_are_never_changed(change: str) -> None:
    (ada,) = make_members(1)
    submit_orders(order("A-1", ada))
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    assert Award.objects.get().points == 110
