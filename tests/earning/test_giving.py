"""Points given outright: when they lapse, and what their key stands for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from regulars.earning import facade as earning
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.kit.statements import Lookup
from regulars.ledger import facade as ledger
from regulars.ledger.facade import IdempotencyConflict, InvalidPosting, Receipt
from regulars.rules.facade import NoProgramme, recall_current_programme
from tests.activity.makers import NOW
from tests.earning.worlds import HEAD, PER_EURO, publish

pytestmark = pytest.mark.django_db
MEMBER = MemberId(7)
HOLDER = Lookup("SELECT %s::bigint", "7")
NOBODY = Lookup("SELECT 7 WHERE %s::bigint > 7", "7")
SLIDING = HEAD.replace('"after_months"', '"inactivity"')


def give(**more: Any) -> Receipt:
    given = {"points": 40, "reason": "Welcome", "key": "k", "now": NOW} | more
    receipt = earning.give_points(actor=SYSTEM, member=HOLDER, **given)
    assert receipt is not None
    return receipt


def test_they_lapse_as_the_programme_says_or_as_asked() -> None:
    version = publish(HEAD + PER_EURO).number
    until = NOW + timedelta(days=3)
    give()
    give(key="until", by_programme=False, expires_at=until)
    give(key="never", by_programme=False)
    never, asked, by_programme = ledger.list_entries(MEMBER).items
    # Twelve months after NOW, to the end of the day in Berlin.
    assert by_programme.expires_at == datetime(NOW.year + 1, NOW.month, NOW.day, 22, tzinfo=UTC)
    assert (asked.expires_at, never.expires_at) == (until, None)
    assert {entry.programme_version for entry in (never, asked, by_programme)} == {version}
    assert (by_programme.reason, by_programme.source, by_programme.sliding) == ("Welcome", "given", False)


def test_where_activity_carries_points_it_carries_these() -> None:
    publish(SLIDING + PER_EURO)
    give()
    assert [lot.sliding for lot in ledger.list_lots(MEMBER, NOW)] == [True]


def test_a_key_stands_for_what_was_asked_not_for_what_follows_from_the_time() -> None:
    publish(HEAD + PER_EURO)
    first = give()
    later = NOW + timedelta(days=90)
    publish(SLIDING + PER_EURO, at=later - timedelta(days=1))
    again = give(now=later)
    assert (again.replayed, again.seq, again.balance_after) == (True, first.seq, 40)
    for other in ({"points": 41}, {"reason": "x"}, {"by_programme": False}):
        with pytest.raises(IdempotencyConflict):
            give(**other)
    assert ledger.get_balance(MEMBER, NOW).active == 40


def test_nothing_is_given_without_a_programme_a_reason_or_points() -> None:
    with pytest.raises(NoProgramme):
        give()
    publish(HEAD + PER_EURO)
    for wrong in ({"reason": " "}, {"points": 0}, {"key": ""}):
        with pytest.raises(InvalidPosting):
            give(**wrong)
    assert ledger.list_entries(MEMBER).items == ()


def test_nobody_gets_nothing() -> None:
    publish(HEAD + PER_EURO)
    asked = {"points": 40, "reason": "Welcome", "key": "k", "now": NOW}
    assert earning.give_points(actor=SYSTEM, member=NOBODY, **asked) is None  # type: ignore[arg-type]
    assert ledger.list_entries(MEMBER).items == ()


def test_debt_is_repaid_first() -> None:
    publish(HEAD + PER_EURO)
    seq = give(key="lost").seq
    with transaction.atomic():
        ledger.spend(actor=SYSTEM, now=NOW, member_id=MEMBER, amount=40, key="spent", source="test")
        ledger.reverse_earn(
            actor=SYSTEM, now=NOW, member_id=MEMBER, currency=ledger.Currency.POINTS, seq=seq, amount=40,
            key="back", source="test", reason="", shortfall=ledger.Shortfall.DEBT,
        )  # fmt: skip
    receipt = give(points=50)
    assert (receipt.balance_after, receipt.debt_after) == (10, 0)
    entries = ledger.list_entries(MEMBER).items
    assert [(entry.kind, entry.reason) for entry in entries[:2]] == [
        ("repay", "Welcome"),
        ("earn", "Welcome"),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_new_programme_is_recalled_at_once_where_it_was_published() -> None:
    first = publish(HEAD + PER_EURO)
    assert recall_current_programme(NOW).version == first.number
    second = publish(SLIDING + PER_EURO, at=NOW - timedelta(days=1))
    assert recall_current_programme(NOW).version == second.number
