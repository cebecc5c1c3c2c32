"""Returns in, points back: what was given, no more and no less."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.activity.facade import UnknownOrder
from regulars.activity.models import Return
from regulars.earning.facade import SubmitStatus
from regulars.earning.models import Reversal, Usage
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from tests.activity.makers import NOW, give_back, line, make_members, order
from tests.earning.worlds import (
    BREAD,
    HEAD,
    PER_EURO,
    REVIEW,
    WHOLE,
    active,
    publish,
    snapshot,
    stock_products,
    submit_orders,
    submit_returns,
)

pytestmark = pytest.mark.django_db
ACCEPTED, REPEATED, REFUSED = SubmitStatus.ACCEPTED, SubmitStatus.REPEATED, SubmitStatus.REFUSED
PENDING = "\n[pending]\ndays = 400\n"


def spend(member_id: MemberId, amount: int) -> None:
    ledger.spend(actor=SYSTEM, now=NOW, member_id=member_id, amount=amount, key=f"s{amount}", source="test")


def with_policy(shortfall: str, *more: str) -> str:
    return HEAD + "".join(more) + f'\n[returns]\nshortfall = "{shortfall}"\n' + PER_EURO


@pytest.fixture
def shop() -> None:
    publish(WHOLE)
    stock_products()


@pytest.mark.usefixtures("shop")
def test_a_whole_return_takes_points_caps_tier_and_first_purchase_back() -> None:
    (ada,) = make_members(1)
    empty = snapshot([ada])
    submit_orders(order("A-1", ada, line(1, 6000, 2, sku="rye"), line(2, 999, sku="milk")))
    assert snapshot([ada])["tiers"][ada][0] == "silver"
    assert Usage.objects.filter(used__gt=0).exists()
    (outcome,) = submit_returns(give_back("R-1", "A-1", (1, 2, None), (2, 1, None)))
    assert (outcome.status, outcome.points, outcome.waived) == (ACCEPTED, 60 + 9 + 60 + 100 + 25, 0)
    assert snapshot([ada]) == empty
    (again,) = submit_orders(order("A-2", ada))
    assert again.points == 110
    assert ledger.prove().ok


@pytest.mark.usefixtures("shop")
def test_a_part_takes_its_share_of_every_rule() -> None:
    (ada,) = make_members(1)
    (bought,) = submit_orders(order("A-1", ada, line(1, 3000, 3, sku="soap"), line(2, 1000, sku="soap")))
    assert bought.points == 30 + 10 + 100 + 25
    (outcome,) = submit_returns(give_back("R-1", "A-1", (1, 1, None)))
    # A third of the line's 30, of its 75 of the first purchase's 100, and of its 19 of the basket's 25.
    assert outcome.points == 10 + 25 + 6
    assert active(ada) == bought.points - outcome.points
    assert ledger.get_balance(ada, NOW, ledger.Currency.QUALIFYING_POINTS).active == 30


@pytest.mark.usefixtures("shop")
def test_what_goes_back_is_what_was_given_whatever_todays_rules_say() -> None:
    (ada,) = make_members(1)
    (bought,) = submit_orders(order("A-1", ada, line(1, 1000)))
    publish(HEAD + PER_EURO.replace("points = 1", "points = 7"), at=NOW)
    (outcome,) = submit_returns(give_back("R-1", "A-1", (1, 1, None)))
    assert outcome.points == bought.points


@pytest.mark.parametrize(
    "later",
    [
        WHOLE.replace(BREAD, ""),
        WHOLE.replace('id = "bread"', 'id = "bread"\nenabled = false').replace(
            'id = "big"', 'id = "big"\nenabled = false'
        ),
        HEAD + REVIEW,
        WHOLE.replace("factor = 2", "factor = 5").replace('"floor"', '"ceil"'),
    ],
    ids=["deleted", "disabled", "all but one deleted", "changed"],
)
@pytest.mark.usefixtures("shop")
def test_an_award_goes_back_as_recorded_whatever_became_of_its_rules(later: str) -> None:
    (ada,) = make_members(1)
    empty = snapshot([ada])
    (bought,) = submit_orders(order("A-1", ada, line(1, 3333, 3, sku="rye"), line(2, 999, sku="milk")))
    before = ledger.list_entries(ada).items
    publish(later, at=NOW - timedelta(minutes=1))
    parts = [submit_returns(give_back(f"R-{n}", "A-1", (1, 1, None)))[0].points for n in range(3)]
    (last,) = submit_returns(give_back("R-3", "A-1", (2, 1, None)))
    assert sum(parts) + last.points == bought.points
    reversed_ = [entry for entry in ledger.list_entries(ada, size=100).items if entry.kind == "reverse"]
    versions = {entry.programme_version for entry in reversed_}
    assert versions == {entry.programme_version for entry in before}
    state = snapshot([ada])
    assert (state["balances"], state["lots"], state["usage"]) == (
        empty["balances"],
        empty["lots"],
        empty["usage"],
    )
    assert ledger.prove().ok


@pytest.mark.usefixtures("shop")
def test_refused_returns_change_nothing() -> None:
    (ada,) = make_members(1)
    submit_orders(order("A-1", ada, line(1, 1000, 2)))
    before = snapshot([ada])
    outcomes = submit_returns(
        give_back("R-1", "A-9", (1, 1, None)),
        give_back("R-2", "A-1", (1, 3, None)),
        give_back("R-3", "A-1", (1, 1, 1001)),
        give_back("R-4", "A-1", (2, 1, None)),
        give_back("R-5", "A-1"),
    )
    assert [outcome.status for outcome in outcomes] == [REFUSED] * 5
    assert isinstance(outcomes[0].refusal, UnknownOrder)
    assert snapshot([ada]) == before
    assert not Return.objects.exists()
    assert not Reversal.objects.exists()


@pytest.mark.usefixtures("shop")
def test_a_return_before_its_order_is_refused_and_taken_once_the_order_is_there() -> None:
    (ada,) = make_members(1)
    back = give_back("R-1", "A-1", (1, 1, None))
    assert submit_returns(back)[0].status is REFUSED
    submit_orders(order("A-1", ada))
    assert submit_returns(back)[0].status is ACCEPTED
    assert submit_returns(back)[0].status is REPEATED
    assert active(ada) == 0


@pytest.mark.usefixtures("shop")
def test_free_goods_go_back_by_their_number() -> None:
    (ada,) = make_members(1)
    (bought,) = submit_orders(order("A-1", ada, line(1, 0, 4)))
    assert bought.points == 100
    backs = [submit_returns(give_back(f"R-{n}", "A-1", (1, 1, None)))[0].points for n in range(4)]
    assert backs == [25] * 4
    assert active(ada) == 0


def test_points_that_lapsed_unspent_are_not_taken_from_later_ones() -> None:
    publish(with_policy("debt"))
    (ada,) = make_members(1)
    submit_orders(order("A-1", ada, line(1, 3000)))
    (posting,) = ledger.list_lots(ada, NOW)
    assert posting.expires_at is not None
    now = posting.expires_at + timedelta(days=1)
    ledger.adjust_points(actor=SYSTEM, now=now, member_id=ada, amount=50, reason="later", key="later")
    (outcome,) = submit_returns(give_back("R-1", "A-1", (1, 1, None), occurred_at=now), now=now)
    assert (outcome.points, outcome.into_debt, outcome.waived) == (30, 0, 0)
    assert ledger.get_balance(ada, now).active == 50
    assert ledger.prove().ok


@pytest.mark.parametrize(
    ("shortfall", "active_after", "debt", "waived"),
    [("debt", 0, 20, 0), ("balance_only", 0, 0, 20), ("pending_only", 10, 0, 30)],
)
def test_points_already_spent_are_treated_as_the_programme_says(
    shortfall: str, active_after: int, debt: int, waived: int
) -> None:
    publish(with_policy(shortfall))
    (ada,) = make_members(1)
    submit_orders(order("A-1", ada, line(1, 3000)))
    spend(ada, 20)
    # A later programme says otherwise; the one that made the award decides.
    publish(with_policy("debt"), at=NOW)
    (outcome,) = submit_returns(give_back("R-1", "A-1", (1, 1, None)))
    assert (outcome.points, outcome.into_debt, outcome.waived) == (30 - waived, debt, waived)
    balance = ledger.get_balance(ada, NOW)
    assert (balance.active, balance.debt) == (active_after, debt)
    assert ledger.get_balance(ada, NOW, ledger.Currency.QUALIFYING_POINTS).active == 0
    assert ledger.prove().ok


def test_pending_points_go_back_from_what_is_pending() -> None:
    publish(with_policy("pending_only", PENDING))
    (ada,) = make_members(1)
    submit_orders(order("A-1", ada, line(1, 3000)))
    assert ledger.get_balance(ada, NOW).pending == 30
    (outcome,) = submit_returns(give_back("R-1", "A-1", (1, 1, 1000)))
    assert (outcome.points, outcome.waived) == (10, 0)
    assert ledger.get_balance(ada, NOW).pending == 20


@pytest.mark.usefixtures("shop")
def test_returns_of_many_members_go_in_one_batch() -> None:
    members = make_members(5)
    submit_orders(*(order(f"O-{n}", who, line(1, 1000, 2)) for n, who in enumerate(members)))
    batch: list[Any] = [give_back(f"R-{n}", f"O-{n}", (1, 1, None)) for n in range(5)]
    outcomes = submit_returns(*batch, *[give_back(f"S-{n}", f"O-{n}", (1, 1, None)) for n in range(5)])
    assert {outcome.status for outcome in outcomes} == {ACCEPTED}
    assert [active(who) for who in members] == [0] * 5
