"""Law 12: dates are resolved once, in the programme's zone, and clamped; the clock starts at activation."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from regulars.rules.evaluation import evaluate_basket, evaluate_happening, resolve_expiry
from regulars.rules.evaluation.terms import last_day
from regulars.rules.sentences import explain
from regulars.rules.types import Expiry, ExpiryKind, Happening, MemberState, Posting, Programme
from tests.rules.documents import basket, line, only, programme

MEMBER = MemberState(orders_before=1)
BERLIN = ZoneInfo("Europe/Berlin")


def after(months: int) -> Expiry:
    return Expiry(ExpiryKind.AFTER_MONTHS, months=months)


@pytest.mark.parametrize(
    ("expiry", "active_on", "last"),
    [
        (after(1), date(2026, 1, 31), date(2026, 2, 28)),
        (after(1), date(2028, 1, 31), date(2028, 2, 29)),
        (after(12), date(2028, 2, 29), date(2029, 2, 28)),
        (after(12), date(2026, 11, 20), date(2027, 11, 20)),
        (Expiry(ExpiryKind.INACTIVITY, months=6), date(2026, 8, 31), date(2027, 2, 28)),
        (Expiry(ExpiryKind.END_OF_PERIOD, period="month"), date(2026, 2, 1), date(2026, 2, 28)),
        (Expiry(ExpiryKind.END_OF_PERIOD, period="quarter"), date(2026, 11, 20), date(2026, 12, 31)),
        (Expiry(ExpiryKind.END_OF_PERIOD, period="quarter"), date(2026, 4, 1), date(2026, 6, 30)),
        (Expiry(ExpiryKind.END_OF_PERIOD, period="year"), date(2026, 12, 31), date(2026, 12, 31)),
        (Expiry(ExpiryKind.FIXED_DATE, on=date(2027, 3, 31)), date(2026, 1, 1), date(2027, 3, 31)),
        (Expiry(), date(2026, 1, 1), None),
    ],
)
def test_law_12_the_last_day_is_clamped_to_the_month(
    expiry: Expiry, active_on: date, last: date | None
) -> None:
    assert last_day(expiry, active_on) == last


def posted(found: Programme, at: datetime) -> Posting:
    [posting] = evaluate_basket(found, MEMBER, basket(line(1, 1000), at=at)).postings
    return posting


def test_law_12_the_day_is_that_of_the_programmes_zone() -> None:
    found = programme('[expiry]\nkind = "after_months"\nmonths = 1\n')
    late_in_utc = datetime(2026, 1, 30, 23, 30, tzinfo=UTC)
    assert posted(found, late_in_utc).expires_at == datetime(2026, 3, 1, tzinfo=BERLIN)
    assert posted(found, datetime(2026, 1, 30, 22, 30, tzinfo=UTC)).expires_at == datetime(
        2026, 3, 1, tzinfo=BERLIN
    )
    assert posted(found, datetime(2026, 1, 28, 12, tzinfo=UTC)).expires_at == datetime(
        2026, 3, 1, tzinfo=BERLIN
    )
    assert posted(found, datetime(2026, 1, 27, 12, tzinfo=UTC)).expires_at == datetime(
        2026, 2, 28, tzinfo=BERLIN
    )


def test_points_lapse_at_the_end_of_the_last_day_across_a_change_of_the_clock() -> None:
    found = programme('[expiry]\nkind = "after_months"\nmonths = 6\n')
    expires_at = posted(found, datetime(2026, 1, 15, 12, tzinfo=UTC)).expires_at
    assert expires_at == datetime(2026, 7, 15, 22, tzinfo=UTC)


def test_points_wait_for_whole_days_and_the_clock_starts_when_they_become_active() -> None:
    found = programme('[pending]\ndays = 14\n[expiry]\nkind = "after_months"\nmonths = 1\n')
    posting = posted(found, datetime(2026, 1, 16, 12, tzinfo=UTC))
    assert posting.activates_at == datetime(2026, 1, 31, tzinfo=BERLIN)
    assert posting.expires_at == datetime(2026, 3, 1, tzinfo=BERLIN)
    assert resolve_expiry(found, posting.rule, posting.activates_at) == posting.expires_at


def test_points_that_await_an_event_get_their_expiry_when_it_comes() -> None:
    found = programme(
        '[expiry]\nkind = "after_months"\nmonths = 12\n',
        base='pending = { awaits = "delivered" }\nexpiry = { kind = "end_of_period", period = "month" }\n',
    )
    posting = posted(found, datetime(2026, 1, 16, 12, tzinfo=UTC))
    assert (posting.awaits, posting.activates_at, posting.expires_at) == ("delivered", None, None)
    delivered_at = datetime(2026, 2, 3, 12, tzinfo=UTC)
    assert posting.rule == "purchases"
    assert resolve_expiry(found, posting.rule, delivered_at) == datetime(2026, 3, 1, tzinfo=BERLIN)
    assert resolve_expiry(found, "unknown", delivered_at) == datetime(2027, 2, 4, tzinfo=BERLIN)
    assert resolve_expiry(found, None, delivered_at) == datetime(2027, 2, 4, tzinfo=BERLIN)
    assert resolve_expiry(found, Expiry(), delivered_at) is None


def test_inactivity_slides() -> None:
    found = programme('[expiry]\nkind = "inactivity"\nmonths = 6\n')
    posting = posted(found, datetime(2026, 1, 16, 12, tzinfo=UTC))
    assert posting.sliding
    assert posting.expires_at == datetime(2026, 7, 17, tzinfo=BERLIN)
    again = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert resolve_expiry(found, posting.rule, again) == datetime(2026, 9, 2, tzinfo=BERLIN)


def test_rules_of_different_terms_make_postings_of_their_own() -> None:
    found = programme(
        '[[earn]]\nid = "now"\ntype = "bonus"\npoints = 5\n'
        '[[earn]]\nid = "later"\ntype = "bonus"\npoints = 6\npending = { days = 1 }\n'
        '[[earn]]\nid = "later_too"\ntype = "bonus"\npoints = 7\npending = { days = 1 }\n'
        '[[earn]]\nid = "brief"\ntype = "bonus"\npoints = 8\nexpiry = { kind = "after_months", months = 1 }\n'
    )
    postings = evaluate_basket(found, MEMBER, basket(line(1, 1000))).postings
    assert [[part.rule for part in posting.parts] for posting in postings] == [
        ["purchases", "now"],
        ["later", "later_too"],
        ["brief"],
    ]
    assert [posting.amount for posting in postings] == [15, 13, 8]


def test_points_that_would_have_lapsed_before_they_are_active_are_left_out_and_noted() -> None:
    fixed = '[expiry]\nkind = "fixed_date"\non = 2026-06-30\n'
    assert posted(programme(fixed), datetime(2026, 6, 30, 21, 59, tzinfo=UTC)).amount == 10
    evaluation = evaluate_basket(
        programme(fixed), MEMBER, basket(line(1, 1000), at=datetime(2026, 6, 30, 22, tzinfo=UTC))
    )
    assert evaluation.postings == ()
    assert "10 points were left out" in explain(evaluation.notes[0])
    waiting = programme(fixed + "[pending]\ndays = 30\n")
    assert (
        evaluate_basket(waiting, MEMBER, basket(line(1, 1000), at=datetime(2026, 6, 15, tzinfo=UTC))).postings
        == ()
    )


def test_a_birthday_present_of_the_last_hour_of_the_year_belongs_to_the_local_day() -> None:
    found = only(
        '[[earn]]\nid = "b"\ntype = "event"\nevent = "birthday"\npoints = 1\n'
        'expiry = { kind = "end_of_period", period = "year" }\n'
    )
    at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    [posting] = evaluate_happening(found, MEMBER, Happening("birthday", at)).postings
    assert posting.expires_at == datetime(2028, 1, 1, tzinfo=BERLIN)
