"""Law 19: stock is reserved before points are taken, in one transaction; either both happen or neither.

Every step of every operation is made to fail, just before it and just after it: nothing may remain.
"""

from collections.abc import Callable
from typing import Any

import pytest

from regulars.catalogue import facade as catalogue
from regulars.kit.ids import MemberId, RedemptionId
from regulars.ledger import facade as ledger
from regulars.redemption.facade import (
    RedemptionState,
    cancel_redemption,
    confirm_redemption,
    drop_rest,
    fulfil_redemption,
    get_redemption,
    hand_over,
    redeem_reward,
    reserve_reward,
    time_out_reservations,
)
from regulars.redemption.models import Fulfilment, Redemption, RedemptionChange
from regulars.rules import facade as rules
from tests.redemption.examples import (
    DAY,
    NOW,
    OPERATOR,
    everything,
    make_member,
    make_reward,
    make_voucher,
    points_of,
    publish,
)

pytestmark = pytest.mark.django_db(transaction=True)

# Every door that an operation goes through on its way, in the order in which it does.
OPENING = [
    (rules, "get_programme_at"),
    (catalogue, "reserve_unit"),
    (ledger, "lock_wallets"),
    (catalogue, "claim_code"),
]
STEPS: dict[str, list[tuple[Any, str]]] = {
    "redeem": [
        *OPENING,
        (ledger, "spend"),
        (catalogue, "reveal_code"),
        (Redemption, "save"),
        (RedemptionChange.objects, "bulk_create"),
        (catalogue, "read_codes"),
    ],
    "reserve": [*OPENING, (ledger, "hold"), (Redemption, "save"), (RedemptionChange.objects, "bulk_create")],
    "confirm": [
        (ledger, "capture"),
        (catalogue, "reveal_code"),
        (Redemption, "save"),
        (RedemptionChange.objects, "bulk_create"),
    ],
    "fulfil": [(Fulfilment.objects, "create"), (Redemption, "save")],
    "drop": [(ledger, "refund_spend"), (Redemption, "save")],
    "cancel": [
        (catalogue, "release_unit"),
        (catalogue, "give_back_code"),
        (ledger, "refund_spend"),
        (Redemption, "save"),
        (RedemptionChange, "save"),
    ],
    "time_out": [
        (catalogue, "release_unit"),
        (catalogue, "give_back_code"),
        (ledger, "release"),
        (Redemption, "save"),
        (RedemptionChange, "save"),
    ],
}
CASES = [
    pytest.param(operation, owner, name, moment, id=f"{operation}-{moment}-{name}")
    for operation, steps in STEPS.items()
    for owner, name in steps
    for moment in ("before", "after")
]


class Broken(Exception):
    """The machine stops here."""


def breaking(real: Callable[..., Any], moment: str) -> Callable[..., Any]:
    def step(*args: Any, **kwargs: Any) -> Any:
        if moment == "after":
            real(*args, **kwargs)
        raise Broken

    return step


def ask(member: MemberId, key: str) -> dict[str, Any]:
    return {
        "actor": OPERATOR, "now": NOW, "member_id": member, "reward_code": "cinema", "idempotency_key": key,
    }  # fmt: skip


def move(redemption_id: RedemptionId) -> dict[str, Any]:
    return {"actor": OPERATOR, "now": NOW, "redemption_id": redemption_id}


@pytest.mark.parametrize(("operation", "owner", "name", "moment"), CASES)
def test_a_step_that_fails_leaves_nothing_behind(
    operation: str, owner: Any, name: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    member = make_member(points=2_000)
    make_voucher("AAA", "BBB", "CCC", stock=10, per_member_max=5)
    paid = redeem_reward(**ask(member, "paid"))
    held = reserve_reward(**ask(member, "held"))
    other = make_member("m2", points=1_000)
    make_reward(stock=10)
    some = redeem_reward(**ask(other, "some") | {"reward_code": "mug", "units": 2})
    hand_over(**move(some.id), units=1, idempotency_key="first")
    work: dict[str, Callable[[], Any]] = {
        "redeem": lambda: redeem_reward(**ask(member, "k")),
        "reserve": lambda: reserve_reward(**ask(member, "k")),
        "confirm": lambda: confirm_redemption(**move(held.id)),
        "fulfil": lambda: fulfil_redemption(**move(paid.id)),
        "drop": lambda: drop_rest(**move(some.id), reason="x", idempotency_key="rest"),
        "cancel": lambda: cancel_redemption(**move(paid.id), reason="x"),
        "time_out": lambda: time_out_reservations(now=NOW + DAY / 24),
    }
    before = everything()
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, breaking(getattr(owner, name), moment))
        with pytest.raises(Broken):
            work[operation]()
    assert everything() == before
    assert points_of(member) == (1_000, 500)
    # The control: the very same call works once the machine is whole again.
    work[operation]()
    assert everything() != before


def test_the_control_arrives_where_it_should() -> None:
    publish()
    member = make_member(points=500)
    make_voucher("AAA")
    done = redeem_reward(**ask(member, "k"))
    assert get_redemption(done.id).state is RedemptionState.CONFIRMED
