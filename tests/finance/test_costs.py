"""What a point is reckoned at: never changed behind a report's back."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from regulars.finance import facade as finance
from regulars.kit.actor import SYSTEM
from regulars.kit.errors import Refusal
from regulars.rules.facade import NoProgramme
from regulars.trail import facade as trail
from tests.finance.books import NOW
from tests.ledger.reading import run


@pytest.fixture
def first(programme: None) -> finance.PointCost:
    return finance.set_point_cost(actor=SYSTEM, now=NOW, cost=Decimal("0.005"), effective_on=date(2026, 1, 1))


def test_the_first_may_begin_in_the_past_and_is_in_the_audit_trail(first: finance.PointCost) -> None:
    assert finance.list_point_costs() == [first]
    assert (first.currency, first.cost) == ("EUR", Decimal("0.005"))
    (entry,) = trail.list_audit(subject="finance:cost").items
    assert entry.action == "finance.cost_set"
    assert entry.details == {
        "cost": "0.005",
        "currency": "EUR",
        "effective_on": "2026-01-01",
        "before": None,
    }


@pytest.mark.parametrize(
    ("cost", "day", "kind"),
    [
        ("0.006", date(2026, 6, 15), finance.CostNotAhead),  # today: reports of today are in use
        ("0.006", date(2026, 3, 1), finance.CostNotAhead),
        ("0.006", date(2026, 1, 1), finance.CostNotAhead),
        ("-0.001", date(2026, 7, 1), finance.CostInvalid),
        ("NaN", date(2026, 7, 1), finance.CostInvalid),
        ("1000001", date(2026, 7, 1), finance.CostInvalid),
        ("0.0000000001", date(2026, 7, 1), finance.CostInvalid),
    ],
)
def test_what_would_change_a_report_is_refused_and_nothing_is_kept(
    first: finance.PointCost, cost: str, day: date, kind: type[Refusal]
) -> None:
    with pytest.raises(kind):
        finance.set_point_cost(actor=SYSTEM, now=NOW, cost=Decimal(cost), effective_on=day)
    assert finance.list_point_costs() == [first]
    assert len(trail.list_audit(subject="finance:cost").items) == 1


def test_the_next_begins_tomorrow_and_the_latest_stands_first(first: finance.PointCost) -> None:
    later = finance.set_point_cost(
        actor=SYSTEM, now=NOW, cost=Decimal("0.006"), effective_on=date(2026, 6, 16)
    )
    assert finance.list_point_costs() == [later, first]


@pytest.mark.django_db
def test_without_a_programme_there_is_no_currency() -> None:
    with pytest.raises(NoProgramme):
        finance.set_point_cost(actor=SYSTEM, now=NOW, cost=Decimal(1), effective_on=date(2026, 6, 16))


@pytest.mark.parametrize(
    "statement", ["UPDATE finance_pointcost SET cost = 1", "DELETE FROM finance_pointcost"]
)
def test_the_database_refuses_to_change_what_was_set(first: finance.PointCost, statement: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        run(statement)
    assert finance.list_point_costs() == [first]
