"""Law 13, the pure half: a status follows from amounts, tiers and a date, and from nothing else."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.kit.ids import MemberId
from regulars.tiers import policies
from regulars.tiers.errors import StandingNotCovered
from regulars.tiers.types import ChangeReason, Standing
from tests.tiers.ladders import BERLIN, adjusted, histories, instants, ladder, ladders, plainly

MEMBER = MemberId(1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def stored(standing: Standing) -> Standing:
    """What is left of a standing once it went through the table: the sum, not the amounts."""
    return replace(standing, entries=None, changes=())


@given(scale=ladders, history=adjusted, until=instants)
def test_law_13_a_replay_is_what_looking_at_every_day_finds(scale, history, until) -> None:
    history = [(when, amount) for when, amount in history if when <= until]
    standing = policies.replay(scale, MEMBER, history, until)
    assert (standing.rank, standing.qualified) == plainly(scale, history, until)


@given(scale=ladders)
def test_the_amounts_of_a_standing_that_never_began_are_known_to_be_none(scale) -> None:
    standing = policies.begin(scale, MEMBER)
    assert policies.fill(scale, stored(standing), []) == standing


@given(scale=ladders, history=histories, until=instants)
def test_law_13_moving_on_event_by_event_ends_where_a_replay_does(scale, history, until) -> None:
    history = sorted((when, amount) for when, amount in history if when <= until)
    standing = policies.begin(scale, MEMBER)
    for number, (when, amount) in enumerate(history):
        standing = policies.advance(scale, standing, occurred_at=when, qualifying=amount)
        # Now and then the standing is stored and loaded again, with its amounts.
        if number % 3 == 2:
            standing = policies.fill(scale, stored(standing), history[: number + 1])
            assert standing is not None
    standing = policies.advance(scale, standing, occurred_at=until, qualifying=0)
    replayed = policies.replay(scale, MEMBER, history, until)
    assert replace(standing, changes=(), as_of=None) == replace(replayed, changes=(), as_of=None)


@given(scale=ladders, history=histories, until=instants, data=st.data())
def test_law_13_late_events_either_change_nothing_in_between_or_ask_for_a_replay(
    scale, history, until, data
) -> None:
    history = [(when, amount) for when, amount in history if when <= until]
    order = data.draw(st.permutations(history))
    standing = policies.begin(scale, MEMBER)
    for when, amount in order:
        standing = policies.advance(scale, standing, occurred_at=when, qualifying=amount)
    replayed = policies.replay(scale, MEMBER, history, until)
    if not standing.must_replay:
        standing = policies.advance(scale, standing, occurred_at=until, qualifying=0)
        assert (standing.rank, standing.qualified, standing.reached_at, standing.below_on) == (
            replayed.rank,
            replayed.qualified,
            replayed.reached_at,
            replayed.below_on,
        )


@given(scale=ladders, history=histories, until=instants)
def test_the_day_to_look_again_is_never_too_late(scale, history, until) -> None:
    standing = policies.replay(scale, MEMBER, [e for e in history if e[0] <= until], until)
    for known in (standing, stored(standing)):
        due = policies.falls_on(scale, known)
        course = policies.Course.resume(scale, standing)
        while course.rank == standing.rank and (day := course.next_day()) is not None:
            course.move_to_day(day)
        if course.rank < standing.rank:
            assert due is not None
            assert due <= day


def test_an_upgrade_comes_at_once_and_may_skip_tiers() -> None:
    scale = ladder(100, 500)
    standing = policies.advance(
        scale, policies.begin(scale, MEMBER), occurred_at=at("2026-03-01T10:00"), qualifying=700
    )
    assert (standing.tier, standing.reached_at) == ("gold", at("2026-03-01T10:00"))
    (change,) = standing.changes
    assert (change.from_tier, change.to_tier, change.reason) == ("bronze", "gold", ChangeReason.REACHED)


def test_a_downgrade_waits_for_the_grace_and_goes_one_step_at_a_time() -> None:
    scale = ladder(100, 500, grace=30)
    standing = policies.replay(scale, MEMBER, [(at("2025-03-01T10:00"), 700)], None)
    tiers = {}
    for day in (
        "2026-03-01",
        "2026-03-02",
        "2026-03-31",
        "2026-04-01",
        "2026-04-30",
        "2026-05-01",
        "2026-09-01",
    ):
        moved = policies.advance(scale, standing, occurred_at=at(f"{day}T00:00"), qualifying=0)
        tiers[day] = moved.tier
    assert tiers == {
        "2026-03-01": "gold",
        "2026-03-02": "gold",  # the grace begins
        "2026-03-31": "gold",
        "2026-04-01": "silver",
        "2026-04-30": "silver",
        "2026-05-01": "bronze",
        "2026-09-01": "bronze",
    }


def test_carrying_the_tier_again_within_the_grace_leaves_no_trace() -> None:
    scale = ladder(100, grace=30)
    standing = policies.replay(scale, MEMBER, [(at("2025-03-01T10:00"), 150)], None)
    standing = policies.advance(scale, standing, occurred_at=at("2026-03-20T10:00"), qualifying=100)
    assert (standing.tier, standing.below_on, len(standing.changes)) == ("silver", None, 1)


def test_without_a_grace_nobody_falls_two_tiers_at_once() -> None:
    scale = ladder(100, 500)
    standing = policies.replay(scale, MEMBER, [(at("2025-03-01T10:00"), 700)], None)
    first = policies.advance(scale, standing, occurred_at=at("2026-03-02T00:00"), qualifying=0)
    second = policies.advance(scale, standing, occurred_at=at("2026-03-03T00:00"), qualifying=0)
    assert (first.tier, second.tier) == ("silver", "bronze")


def test_a_calendar_year_counts_itself_only() -> None:
    scale = ladder(100, window="calendar", grace=90)
    standing = policies.replay(
        scale, MEMBER, [(at("2026-01-05T10:00"), 60), (at("2026-12-31T23:59"), 60)], None
    )
    assert standing.tier == "silver"
    kept = policies.advance(scale, standing, occurred_at=at("2027-03-31T23:59"), qualifying=40)
    lost = policies.advance(scale, standing, occurred_at=at("2027-04-01T00:00"), qualifying=0)
    assert (kept.tier, kept.qualified, lost.tier) == ("silver", 40, "bronze")


def test_law_12_a_window_is_clamped_to_the_end_of_the_month() -> None:
    scale = ladder(100, months=1)
    assert scale.leaves_on(date(2026, 1, 31)) == date(2026, 3, 1)
    assert scale.leaves_on(date(2026, 1, 28)) == date(2026, 3, 1)
    assert scale.leaves_on(date(2026, 1, 27)) == date(2026, 2, 28)


def test_a_sum_alone_is_not_moved_beyond_what_it_covers() -> None:
    scale = ladder(100)
    standing = stored(policies.replay(scale, MEMBER, [(at("2025-03-01T10:00"), 150)], None))
    with pytest.raises(StandingNotCovered):
        policies.advance(scale, standing, occurred_at=at("2026-03-02T00:00"), qualifying=5)
    policies.advance(scale, standing, occurred_at=at("2026-03-01T23:59"), qualifying=5)


def test_amounts_are_never_taken_back_by_a_negative() -> None:
    scale = ladder(100)
    with pytest.raises(ValueError, match="reversal"):
        policies.advance(
            scale, policies.begin(scale, MEMBER), occurred_at=at("2026-03-01T10:00"), qualifying=-1
        )


def test_everyone_stands_on_the_lowest_tier_and_a_programme_may_have_none() -> None:
    nobody = policies.begin(ladder(100), MEMBER)
    assert (nobody.tier, nobody.rank, nobody.reached_at) == ("bronze", 0, None)
    scale = policies.Scale.of(policies.TierPolicy(), BERLIN)
    standing = policies.advance(
        scale, policies.begin(scale, MEMBER), occurred_at=at("2026-03-01T10:00"), qualifying=5
    )
    assert (standing.tier, standing.rank) == ("", -1)


def test_a_lowest_tier_that_asks_for_something_is_reached_like_any_other() -> None:
    scale = ladder(500, lowest=100, months=1)
    nobody = policies.begin(scale, MEMBER)
    assert (nobody.tier, nobody.rank) == ("", -1)
    member = policies.advance(scale, nobody, occurred_at=at("2026-03-01T10:00"), qualifying=100)
    assert (member.tier, member.changes[0].from_tier) == ("bronze", "")
    later = policies.advance(scale, member, occurred_at=at("2026-05-01T10:00"), qualifying=0)
    assert (later.tier, later.rank) == ("", -1)


def test_daylight_saving_days_are_days() -> None:
    scale = ladder(100, months=1)
    standing = policies.replay(scale, MEMBER, [(at("2026-02-28T23:30"), 150)], None)
    # 28 February plus a month is the end of 28 March; the clocks change on the 29th.
    kept = policies.advance(scale, standing, occurred_at=at("2026-03-28T23:59"), qualifying=0)
    lost = policies.advance(scale, standing, occurred_at=at("2026-03-29T00:00"), qualifying=0)
    assert (kept.tier, lost.tier) == ("silver", "bronze")
    assert lost.changes[-1].occurred_at == at("2026-03-29T00:00")
