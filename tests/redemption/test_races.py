"""Many clients at once: never oversold, never paid twice, never more than one member may have."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import LimitReached, SoldOut, get_reward, list_pools
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId, RedemptionId
from regulars.ledger import facade as ledger
from regulars.redemption.facade import (
    AlreadyHandedOver,
    RedemptionState,
    WrongState,
    cancel_redemption,
    confirm_redemption,
    hand_over,
    redeem_reward,
    reserve_reward,
    time_out_reservations,
)
from regulars.redemption.models import Fulfilment, Redemption
from regulars.redemption.operations import handing
from tests.redemption.examples import (
    HOUR,
    NOW,
    OPERATOR,
    make_member,
    make_reward,
    make_voucher,
    points_of,
    publish,
)

CLIENTS = 16
UNITS = 5

# Each test opens sixteen real connections.
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def race(work: Callable[[int], Any]) -> list[Any]:
    """What each client got: an answer, or the refusal's class. They start together."""
    barrier = Barrier(CLIENTS)

    def client(number: int) -> Any:
        try:
            barrier.wait(timeout=30)
            return work(number)
        except Refusal as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))


def redeem(member_id: MemberId, key: str, reward_code: str = "mug") -> Any:
    return redeem_reward(
        actor=OPERATOR, now=NOW, member_id=member_id, reward_code=reward_code, idempotency_key=key
    )


def test_the_last_units_are_never_oversold() -> None:
    publish()
    make_reward(stock=UNITS)
    members = [make_member(f"m{number}", points=500) for number in range(CLIENTS)]
    answers = race(lambda number: redeem(members[number], "k"))
    winners = [answer.member_id for answer in answers if answer is not SoldOut]
    assert len(winners) == UNITS
    assert get_reward("mug").taken == UNITS == Redemption.objects.count()
    for member in members:
        assert points_of(member)[0] == (0 if member in winners else 500)
    assert ledger.prove().ok


def test_without_the_rewards_lock_units_are_oversold() -> None:
    """Negative control: the same redemption, but the unit is taken by looking first and counting later."""
    publish()
    make_reward(stock=UNITS)
    members = [make_member(f"m{number}", points=500) for number in range(CLIENTS)]
    looked = Barrier(CLIENTS)
    sold: list[MemberId] = []

    def careless(number: int) -> None:
        with transaction.atomic():
            left = UNITS - get_reward("mug").taken - len(sold)
            looked.wait(timeout=30)
            if left <= 0:
                raise SoldOut("gone")
            ledger.spend(
                actor=OPERATOR, now=NOW, member_id=members[number], amount=500, key="k", source="careless"
            )
            sold.append(members[number])

    race(careless)
    assert len(sold) > UNITS


def test_the_last_codes_go_once_each() -> None:
    publish()
    make_voucher(*(f"C{number}" for number in range(CLIENTS)))
    members = [make_member(f"m{number}", points=500) for number in range(CLIENTS)]
    answers = race(lambda number: redeem(members[number], "k", "cinema"))
    assert len({answer.code for answer in answers}) == CLIENTS
    assert list_pools()[0].revealed == CLIENTS


def test_one_key_from_sixteen_clients_is_one_redemption_even_of_the_last_unit() -> None:
    publish()
    make_reward(stock=1)
    member = make_member(points=5_000)
    answers = race(lambda _: redeem(member, "k"))
    assert len({answer.id for answer in answers}) == 1
    assert Counter(answer.replayed for answer in answers) == {False: 1, True: CLIENTS - 1}
    assert points_of(member) == (4_500, 0)
    assert get_reward("mug").taken == 1


@pytest.mark.parametrize("stock", [None, 100])
def test_one_per_member_holds_for_sixteen_clicks(stock: int | None) -> None:
    publish()
    make_reward(stock=stock, per_member_max=1)
    member = make_member(points=50_000)
    answers = race(lambda number: redeem(member, f"k{number}"))
    assert Counter(answer is LimitReached for answer in answers) == {True: CLIENTS - 1, False: 1}
    assert points_of(member) == (49_500, 0)


def test_without_the_wallets_lock_the_limit_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the same, with the lock before counting left out."""
    publish()
    make_reward(per_member_max=1)
    member = make_member(points=50_000)
    counted = Barrier(CLIENTS)
    monkeypatch.setattr(ledger, "lock_wallets", lambda *_: counted.wait(timeout=30))
    answers = race(lambda number: redeem(member, f"k{number}"))
    assert sum(answer is not LimitReached for answer in answers) > 1


def test_a_wallet_for_three_pays_for_three() -> None:
    publish()
    make_reward()
    member = make_member(points=1_700)
    answers = race(lambda number: redeem(member, f"k{number}"))
    assert sum(answer is not ledger.InsufficientPoints for answer in answers) == 3
    assert points_of(member) == (200, 0)
    assert ledger.prove().ok


def test_paying_cancelling_and_timing_out_at_once_end_in_one_of_them() -> None:
    publish()
    make_voucher(*(f"C{number}" for number in range(6)), stock=6)
    members = [make_member(f"m{number}", points=500) for number in range(6)]
    held = [
        reserve_reward(
            actor=OPERATOR,
            now=NOW,
            member_id=member,
            reward_code="cinema",
            idempotency_key="k",
            hold_minutes=1,
        ).id
        for member in members
    ]

    def work(number: int) -> str:
        redemption_id = RedemptionId(held[number % 6])
        if number % 3 == 0:
            confirm_redemption(actor=OPERATOR, now=NOW + HOUR, redemption_id=redemption_id)
        elif number % 3 == 1:
            cancel_redemption(actor=OPERATOR, now=NOW + HOUR, redemption_id=redemption_id, reason="x")
        else:
            time_out_reservations(now=NOW + HOUR)
        return "done"

    assert set(race(work)) <= {"done", WrongState}
    rows = list(Redemption.objects.all())
    paid = [row for row in rows if row.state == RedemptionState.CONFIRMED]
    assert len(paid) + sum(row.state == RedemptionState.CANCELLED for row in rows) == 6
    assert get_reward("cinema").taken == len(paid)
    for row in rows:
        assert points_of(MemberId(row.member_id), NOW + HOUR) == (0 if row in paid else 500, 0)
    assert catalogue.list_pools()[0].claimed == 0
    assert ledger.prove().ok


def hand_at_every_counter() -> list[Any]:
    member = make_member(points=5_000)
    taken = redeem(member, "k")

    def hand(number: int) -> Any:
        key = f"counter {number}"
        return hand_over(actor=OPERATOR, now=NOW, redemption_id=taken.id, idempotency_key=key)

    return race(hand)


def test_of_sixteen_counters_just_one_hands_it_over() -> None:
    publish()
    make_reward()
    answers = hand_at_every_counter()
    assert Counter(answer is AlreadyHandedOver for answer in answers) == {False: 1, True: CLIENTS - 1}
    assert Fulfilment.objects.count() == 1 == Redemption.objects.get().units_handed


def test_without_the_redemptions_lock_it_is_handed_over_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the same, but every counter looks before any of them writes."""
    publish()
    make_reward()
    looked = Barrier(CLIENTS)

    def look(redemption_id: RedemptionId) -> Redemption:
        row = Redemption.objects.get(pk=redemption_id)
        looked.wait(timeout=30)
        return row

    monkeypatch.setattr(handing, "lock_redemption", look)
    answers = hand_at_every_counter()
    assert sum(answer is not AlreadyHandedOver for answer in answers) > 1
    assert Fulfilment.objects.count() > 1
