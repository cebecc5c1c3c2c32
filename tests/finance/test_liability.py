"""What is owed at an instant: which month, which tier, how much money, and that it stays so."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.finance import facade as finance
from regulars.finance.facade import Breakdown, Expiry, ExpiryBucket
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency
from regulars.members import facade as members
from regulars.members.facade import MemberInput
from regulars.tiers.models import TierChange, TierStatus
from tests.finance.books import ANN, BEN, NOW, earn, live, local, owed_at, spend
from tests.ledger.reading import run

pytestmark = pytest.mark.usefixtures("programme")
LATER = NOW + timedelta(hours=3)


def month(year: int, number: int) -> ExpiryBucket:
    return ExpiryBucket(Expiry.MONTH, date(year, number, 1))


def test_points_belong_to_the_last_month_in_which_they_are_good() -> None:
    """What lapses at midnight in New York is good the day before, though Greenwich is in the next month."""
    earn(1, "a", expires_at=local("2026-08-01"))
    earn(2, "b", expires_at=local("2026-08-01T00:00:00.000001"))
    earn(4, "c", expires_at=local("2026-11-30T23:59"))
    earn(8, "d")
    earn(16, "e", awaits="delivery")
    owed = owed_at(LATER)
    assert [(bucket, one.claimable) for bucket, one in owed.by_expiry] == [
        (month(2026, 7), 1),
        (month(2026, 8), 2),
        (month(2026, 9), 0),
        (month(2026, 10), 0),
        (month(2026, 11), 4),
        (ExpiryBucket(Expiry.NEVER), 8),
        (ExpiryBucket(Expiry.UNKNOWN), 16),
    ]
    assert (owed.total.active, owed.total.pending, owed.total.claimable) == (15, 16, 31)


def test_now_it_is_what_is_stored_and_what_members_see() -> None:
    live()
    owed = owed_at(LATER)
    stored = [ledger.get_balance(member, LATER) for member in (ANN, BEN)]
    assert owed.total.active == sum(one.active for one in stored)
    assert owed.total.pending == sum(one.pending for one in stored) == 70
    assert owed.total.held == sum(one.held for one in stored) == 60
    assert owed.total.debt == sum(one.debt for one in stored) > 0
    assert owed.total.net == owed.total.claimable - owed.total.debt
    assert owed.is_final is True
    assert owed.since.net == 0


def test_what_lapses_at_the_close_is_not_owed_whenever_it_is_swept() -> None:
    """The year ends at midnight, the sweep runs minutes later: before and after, its books say the same."""
    midnight = local("2027-01-01")
    earn(100, "a", expires_at=midnight)
    earn(7, "b", expires_at=midnight + timedelta(microseconds=1))
    before = owed_at(midnight)
    assert (before.total.claimable, before.total.due, before.total.booked) == (7, 100, 107)
    assert before.by_expiry[0][0].kind is Expiry.PAST
    ledger.expire_due(now=midnight + timedelta(minutes=4))
    after = owed_at(midnight, now=midnight + timedelta(days=1))
    assert after.total == before.total
    assert after.since.active == -107
    assert owed_at(midnight + timedelta(hours=1), now=midnight + timedelta(days=1)).total.due == 0


def test_held_points_are_owed_after_their_day() -> None:
    earn(50, "a", expires_at=NOW + timedelta(hours=1))
    ledger.hold(
        actor=SYSTEM,
        now=NOW,
        member_id=ANN,
        amount=50,
        key="h",
        source="r",
        times_out_at=NOW + timedelta(days=2),
    )
    owed = owed_at(LATER)
    assert (owed.total.held, owed.total.claimable, owed.total.due) == (50, 50, 0)
    assert owed.by_expiry == ((ExpiryBucket(Expiry.PAST), owed.by_expiry[0][1]),)


def test_a_closed_day_never_changes_whatever_comes_later_and_is_dated_earlier() -> None:
    live()
    close = LATER + timedelta(hours=1)
    before = owed_at(close)
    reversed_later = earn(900, "late", now=close, occurred_at=NOW - timedelta(days=30))
    spend(100, "y", now=close + timedelta(minutes=1))
    ledger.extend_sliding(
        actor=SYSTEM,
        now=close + timedelta(minutes=2),
        member_id=ANN,
        currency=Currency.POINTS,
        until=NOW + timedelta(days=500),
        key="z",
    )
    after = owed_at(close)
    assert (after.total, after.by_expiry, after.by_tier, after.entries) == (
        *(before.total, before.by_expiry, before.by_tier, before.entries),
    )
    assert after.since.booked == 900 - before.total.debt - 100
    assert reversed_later.seq > 0


def test_where_clocks_disagree_the_books_of_a_wallet_stay_a_prefix_of_its_history() -> None:
    """A machine whose clock is behind spends what another has just given: never a spend before its earn."""
    fast, slow = NOW + timedelta(seconds=2), NOW
    earn(100, "a", now=fast)
    spend(40, "b", now=slow)
    between = NOW + timedelta(seconds=1)
    assert owed_at(between).total.booked == 0
    assert owed_at(between).entries == 0
    assert owed_at(fast).entries == 0
    just_after = owed_at(fast + timedelta(microseconds=1))
    assert (just_after.total.active, just_after.entries) == (60, 2)


def test_tiers_are_those_that_members_had_been_told_by_then() -> None:
    ids = [
        outcome.member_id
        for outcome in members.save_members(
            actor=SYSTEM, now=NOW, batch=[MemberInput(f"m{n}", "M", str(n)) for n in range(4)]
        )
    ]
    risen, falls, silent, unseen = [one for one in ids if one is not None]
    for member, tier in ((risen, "gold"), (falls, "bronze"), (silent, "gold")):
        TierStatus.objects.create(member_id=member, tier=tier, policy="p", as_of=LATER)
    told = NOW + timedelta(hours=1)
    # It happened long before it was told: the books know it from when it was told.
    for member, before, after in ((risen, "bronze", "gold"), (falls, "gold", "bronze")):
        TierChange.objects.create(
            member_id=member,
            occurred_at=NOW - timedelta(days=9),
            recorded_at=told,
            from_tier=before,
            to_tier=after,
            reason="corrected",
        )
    for number, member in enumerate((risen, falls, silent, unseen)):
        earn(10**number, "a", member=MemberId(member))
    expected = {told: (1001, 110), told + timedelta(microseconds=1): (1010, 101)}
    for as_of, (bronze, gold) in expected.items():
        by_tier = [(code, name, one.claimable) for code, name, one in owed_at(as_of).by_tier]
        assert by_tier == [("bronze", "Bronze", bronze), ("gold", "Gold", gold)]


def test_a_tier_that_the_programme_no_longer_has_is_named_by_its_code() -> None:
    (outcome,) = members.save_members(actor=SYSTEM, now=NOW, batch=[MemberInput("m", "M", "M")])
    assert outcome.member_id is not None
    TierStatus.objects.create(member_id=outcome.member_id, tier="ruby", policy="p", as_of=NOW)
    earn(10, "a", member=outcome.member_id)
    assert [(code, one.claimable) for code, _name, one in owed_at(LATER).by_tier] == [
        *(("ruby", 10), ("bronze", 0), ("gold", 0)),
    ]


def test_money_adds_up_in_both_breakdowns() -> None:
    finance.set_point_cost(actor=SYSTEM, now=NOW, cost=Decimal("0.0035"), effective_on=date(2026, 1, 1))
    for number in range(7):
        earn(3, f"k{number}", expires_at=NOW + timedelta(days=31 * (number + 1)))
    owed = owed_at(LATER)
    assert owed.total.money == 7  # 21 × 0.35 cents = 7.35
    assert sum(one.money or 0 for _bucket, one in owed.by_expiry) == 7
    assert sum(one.money or 0 for *_names, one in owed.by_tier) == 7
    table = finance.list_liability(owed, Breakdown.EXPIRY)
    assert table.rows[-1][:2] == ("total", 21)
    assert table.rows[-1][-2:] == (Decimal("0.07"), "EUR")
    assert owed_at(local("2026-01-01")).total.money is None, "the cost begins that day, not before it"


def test_an_instant_to_come_is_refused() -> None:
    with pytest.raises(finance.PeriodInvalid):
        finance.get_liability(as_of=NOW + timedelta(seconds=1), now=NOW)


def test_other_currencies_stand_apart_and_have_no_money() -> None:
    finance.set_point_cost(actor=SYSTEM, now=NOW, cost=Decimal("0.01"), effective_on=date(2026, 1, 1))
    earn(10, "a")
    earn(4, "b", currency=Currency.QUALIFYING_POINTS)
    assert owed_at(LATER).total.claimable == 10
    other = owed_at(LATER, currency=Currency.QUALIFYING_POINTS)
    assert (other.total.claimable, other.total.money) == (4, None)


def test_a_balance_that_was_tampered_with_is_named() -> None:
    earn(10, "a")
    run("UPDATE ledger_wallet SET balance = 11 WHERE member_id = 1")
    owed = finance.get_liability(as_of=LATER, now=LATER)
    assert not owed.agrees
    assert [(one.what, one.state, one.left, one.right) for one in owed.tie_outs if not one.agrees] == [
        ("wallets", "active", 10, 11),
        ("stored", "active", 11, 10),
    ]


def test_as_many_queries_for_thirty_members_as_for_one() -> None:
    owed_at(LATER)  # the programme's text is read once and kept
    counts = []
    for number in range(30):
        earn(10, "a", member=MemberId(100 + number), expires_at=NOW + timedelta(days=20 * (number + 1)))
        if number in {0, 29}:
            with CaptureQueriesContext(connection) as seen:
                owed_at(LATER)
            counts.append(len(seen))
    assert counts[0] == counts[1]


def test_an_empty_ledger_owes_nothing() -> None:
    owed = owed_at(datetime(2026, 1, 1, tzinfo=UTC))
    assert (owed.total.booked, owed.by_expiry, owed.entries) == (0, (), 0)
