"""What lies ahead: what is missing, until when a tier is kept, and when the next one comes at this pace."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.kit.ids import MemberId
from regulars.tiers import facade as tiers
from regulars.tiers import policies
from regulars.tiers.forecast import foresee
from tests.tiers.ladders import BERLIN, histories, instants, ladder, ladders
from tests.tiers.shop import make_members, post, programme_of

MEMBER = MemberId(1)
NOW = datetime(2026, 6, 15, 12, tzinfo=BERLIN)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def progress(scale, history, now=NOW):
    standing = policies.replay(scale, MEMBER, history, now)
    return foresee(scale, standing, history, now)


def test_240_points_to_gold_and_silver_is_kept_until_31_march() -> None:
    scale = ladder(500, 1500, window="calendar", grace=90)
    found = progress(scale, [(at("2026-02-01T10:00"), 900), (at("2026-05-30T10:00"), 360)])
    assert (found.tier, found.next_tier, found.needed) == ("silver", "gold", 240)
    assert found.kept_until == date(2027, 3, 31)
    assert found.share == 0.84


def test_a_rolling_window_keeps_a_tier_until_its_amounts_leave_and_the_grace_is_over() -> None:
    scale = ladder(500, grace=30)
    found = progress(scale, [(at("2025-07-01T10:00"), 300), (at("2026-01-01T10:00"), 400)])
    assert found.kept_until == date(
        2026, 7, 31
    )  # 1 July still counts on 1 July; from the 2nd 30 days of grace
    assert found.needed_to_keep == 100


def test_within_the_grace_what_is_missing_is_missing_now() -> None:
    scale = ladder(500, grace=30)
    found = progress(scale, [(at("2025-06-01T10:00"), 300), (at("2026-01-01T10:00"), 400)])
    assert (found.kept_until, found.needed_to_keep, found.qualified) == (date(2026, 7, 1), 100, 400)


def test_the_lowest_tier_cannot_be_lost_and_the_highest_leads_nowhere() -> None:
    scale = ladder(500)
    nobody = progress(scale, [])
    assert (nobody.tier, nobody.kept_until, nobody.needed, nobody.reached_on) == ("bronze", None, 500, None)
    top = progress(scale, [(at("2026-06-01T10:00"), 600)])
    assert (top.next_tier, top.needed, top.reached_on, top.share) == (None, 0, None, 1.0)


def test_pace_and_projection_follow_the_last_season() -> None:
    scale = ladder(1000)
    weekly = [(NOW - timedelta(days=7 * week, hours=1), 50) for week in range(14)]
    found = progress(scale, weekly)
    assert found.pace_month == 650 * 30 // 90
    # 300 are missing at 650 in 90 days.
    assert found.reached_on == date(2026, 6, 15) + timedelta(days=-(-300 * 90 // 650))


def test_one_first_basket_makes_no_habit() -> None:
    found = progress(ladder(1000), [(NOW - timedelta(days=1), 280)])
    assert found.pace_month == 300


def test_amounts_that_leave_the_window_put_the_next_tier_off_or_out_of_reach() -> None:
    scale = ladder(1000)
    old = [(at("2025-06-20T10:00"), 900), (at("2026-06-01T10:00"), 80)]
    found = progress(scale, old)
    assert found.needed == 20
    assert found.reached_on is None


def test_at_this_pace_a_calendar_year_begins_anew() -> None:
    scale = ladder(400, window="calendar")
    late = datetime(2026, 12, 20, 12, tzinfo=BERLIN)
    found = progress(scale, [(late - timedelta(days=days), 30) for days in range(0, 90, 10)], late)
    assert found.tier == "bronze"
    assert found.reached_on is not None
    assert found.reached_on > date(2027, 4, 1)


@given(scale=ladders, history=histories, now=instants)
def test_nothing_more_earned_the_tier_is_kept_until_that_day_and_lost_on_the_next(
    scale, history, now
) -> None:
    history = [(when, amount) for when, amount in history if when <= now]
    found = progress(scale, history, now)
    standing = policies.replay(scale, MEMBER, history, now)
    if found.kept_until is None:
        far = policies.advance(scale, standing, occurred_at=now + timedelta(days=3650), qualifying=0)
        assert far.rank == standing.rank
    else:
        end = datetime.combine(found.kept_until, datetime.min.time(), tzinfo=scale.zone)
        still = policies.advance(scale, standing, occurred_at=max(end, now), qualifying=0)
        gone = policies.advance(scale, standing, occurred_at=end + timedelta(days=1), qualifying=0)
        assert (still.rank, gone.rank) == (standing.rank, standing.rank - 1)


@given(scale=ladders, history=histories, now=instants, data=st.data())
def test_what_is_said_to_be_missing_is_what_is_missing(scale, history, now, data) -> None:
    history = [(when, amount) for when, amount in history if when <= now]
    found = progress(scale, history, now)
    if found.next_tier is not None:
        standing = policies.replay(scale, MEMBER, history, now)
        short = policies.advance(scale, standing, occurred_at=now, qualifying=max(found.needed - 1, 0))
        enough = policies.advance(scale, standing, occurred_at=now, qualifying=found.needed)
        assert short.rank == standing.rank or found.needed == 0
        assert enough.rank > standing.rank or found.needed == 0


@pytest.mark.django_db
def test_progress_takes_two_queries_with_1_and_with_30_purchases(django_assert_num_queries) -> None:
    programme = programme_of(ladder(500, 5000))
    few, many = make_members(NOW, 2)
    post(programme, NOW, [(few, NOW - timedelta(days=400), 600)])
    post(programme, NOW, [(many, NOW - timedelta(days=10 * n), 50) for n in range(30)])
    for member_id in (few, many):
        with django_assert_num_queries(2):
            found = tiers.get_progress(member_id, programme, NOW)
        assert found is not None
    assert (found.tier, found.next_tier, found.needed) == ("silver", "gold", 3500)
