"""Law 13, the stored half: the table says what a replay of the ledger says, in whatever order things came."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members.facade import list_timeline
from regulars.rules import facade as rules
from regulars.rules.facade import Metric, Programme
from regulars.tiers import facade as tiers
from regulars.tiers import models, operations, policies, queries, tasks
from tests.tiers.ladders import BERLIN, ladder, ladders
from tests.tiers.shop import CURRENCY, make_members, post, programme_of, take_back

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 15, 12, tzinfo=BERLIN)
LADDER = programme_of(ladder(100, 500, grace=30))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def replayed(programme: Programme, member_id: MemberId, until: datetime) -> tiers.Standing:
    scale = queries.scale_of(programme)
    history = ledger.list_qualified([member_id], CURRENCY, queries.BEGINNING)[member_id]
    return policies.replay(scale, member_id, history, until)


def essence(standing: tiers.Standing) -> tuple[object, ...]:
    return standing.tier, standing.rank, standing.reached_at, standing.qualified, standing.below_on


steps = st.lists(
    st.tuples(
        st.sampled_from(["earn", "earn", "late", "return", "review", "look"]),
        st.integers(0, 200),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scale=ladders, steps=steps)
def test_law_13_the_stored_status_equals_a_replay_of_the_ledger(scale, steps) -> None:
    programme = programme_of(scale)
    (member_id,) = make_members(NOW)
    clock = datetime(2024, 1, 1, 12, tzinfo=BERLIN)
    given_out: list[tuple[int, int]] = []
    for kind, days, amount in steps:
        if kind == "late":
            occurred_at = clock - timedelta(days=days)
        else:
            clock += timedelta(days=days, minutes=17)
            occurred_at = clock
        if kind in {"earn", "late"}:
            (seq,) = post(programme, clock, [(member_id, occurred_at, amount)])
            given_out.append((seq, amount))
        elif kind == "return" and given_out:
            seq, left = given_out.pop(amount % len(given_out))
            part = min(amount, left)
            take_back(programme, clock, member_id, seq, part)
        elif kind == "review":
            review(programme, clock)
        expected = replayed(programme, member_id, clock)
        found = tiers.get_standing(member_id, programme, clock)
        assert essence(found) == essence(expected)
        with CaptureQueriesContext(connection) as captured:
            tiers.get_standing(member_id, programme, clock)
        assert len(captured) <= 2
    # A last look at the row itself: moved on by nothing but time it says the same.
    row = queries.read_stored(scale, [member_id], lock=False)[0].get(member_id)
    if row is not None:
        assert row.qualified == replayed(programme, member_id, row.as_of).qualified


def review(programme: Programme, now: datetime) -> int:
    return operations.review_standings(programme=programme, now=now, limit=100)


def test_a_batch_of_many_members_takes_as_many_queries_as_one_of_one(django_assert_num_queries) -> None:
    many = make_members(NOW, 30)
    for batch in (many[:1], many):
        with transaction.atomic(), django_assert_num_queries(5):
            standings = tiers.load_standings(batch, LADDER, NOW)
            moved = [
                tiers.advance(LADDER, one, occurred_at=NOW, qualifying=150) for one in standings.values()
            ]
            tiers.save_standings(programme=LADDER, standings=moved, now=NOW)
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")


@pytest.mark.django_db(transaction=True)
def test_steps_refuse_to_run_outside_a_transaction() -> None:
    (member_id,) = make_members(NOW)
    standing = policies.begin(queries.scale_of(LADDER), member_id)
    for step in (
        lambda: tiers.load_standings([member_id], LADDER, NOW),
        lambda: tiers.save_standings(programme=LADDER, standings=[standing], now=NOW),
        lambda: tiers.replay_standings(programme=LADDER, member_ids=[member_id], now=NOW),
    ):
        with pytest.raises(RuntimeError, match="transaction"):
            step()
    assert not models.TierStatus.objects.exists()


def test_what_left_the_window_is_known_without_the_review() -> None:
    (member_id,) = make_members(NOW)
    post(LADDER, NOW, [(member_id, at("2025-03-01T10:00"), 600)])
    assert tiers.get_standing(member_id, LADDER, at("2026-03-01T23:00")).tier == "gold"
    assert tiers.get_standing(member_id, LADDER, at("2026-04-01T00:00")).tier == "silver"
    assert tiers.get_standing(member_id, LADDER, at("2026-12-01T00:00")).tier == "bronze"
    assert models.TierStatus.objects.get().tier == "gold"


def test_the_review_stores_what_fell_one_step_at_a_time_and_then_finds_nothing() -> None:
    kept, lost = make_members(NOW, 2)
    post(LADDER, NOW, [(kept, at("2025-12-01T10:00"), 600), (lost, at("2025-03-01T10:00"), 600)])
    assert review(LADDER, at("2026-03-01T12:00")) == 0
    assert review(LADDER, at("2026-03-02T00:00")) == 1  # the grace begins
    assert review(LADDER, at("2026-03-02T00:00")) == 0
    assert review(LADDER, at("2026-06-15T00:00")) == 1
    tiers_now = dict(models.TierStatus.objects.values_list("member_id", "tier"))
    assert tiers_now == {kept: "gold", lost: "bronze"}
    changes = [(one.from_tier, one.to_tier, one.reason) for one in tiers.list_tier_changes(lost).items]
    assert changes == [
        ("silver", "bronze", "lapsed"),
        ("gold", "silver", "lapsed"),
        ("bronze", "gold", "reached"),
    ]
    assert tiers.count_members_by_tier() == {"gold": 1, "bronze": 1}


def test_the_review_works_in_bounded_batches() -> None:
    ids = make_members(NOW, 5)
    post(LADDER, NOW, [(member_id, at("2025-03-01T10:00"), 600) for member_id in ids])
    counts = [operations.review_standings(programme=LADDER, now=NOW, limit=2) for _ in range(4)]
    assert counts == [2, 2, 1, 0]


def test_a_return_takes_the_rank_along() -> None:
    """Law 14: what an award caused goes back with it."""
    (member_id,) = make_members(NOW)
    post(LADDER, NOW, [(member_id, at("2026-05-01T10:00"), 450)])
    (seq,) = post(LADDER, NOW, [(member_id, at("2026-06-01T10:00"), 100)])
    assert tiers.get_standing(member_id, LADDER, NOW).tier == "gold"
    take_back(LADDER, NOW, member_id, seq, 60)
    standing = tiers.get_standing(member_id, LADDER, NOW)
    assert (standing.tier, standing.qualified, standing.reached_at) == ("silver", 490, at("2026-05-01T10:00"))
    latest = tiers.list_tier_changes(member_id).items[0]
    assert (latest.from_tier, latest.to_tier, latest.reason) == ("gold", "silver", "corrected")


def test_tiers_defined_anew_hold_for_everyone_at_once_and_are_stored_by_the_review() -> None:
    (member_id,) = make_members(NOW)
    post(LADDER, NOW, [(member_id, at("2026-05-01T10:00"), 450)])
    easier = programme_of(ladder(100, 400, grace=30))
    assert tiers.get_standing(member_id, easier, NOW).tier == "gold"
    assert review(easier, NOW) == 1
    assert models.TierStatus.objects.get().tier == "gold"
    assert tiers.list_tier_changes(member_id).items[0].reason == "corrected"
    assert review(easier, NOW) == 0


def test_another_name_for_a_tier_asks_for_no_review() -> None:
    (member_id,) = make_members(NOW)
    post(LADDER, NOW, [(member_id, at("2026-05-01T10:00"), 450)])
    named = replace(LADDER.tiers, tiers=tuple(replace(tier, name="Star") for tier in LADDER.tiers.tiers))
    assert review(replace(LADDER, tiers=named), NOW) == 0


def test_a_posting_past_the_tiers_is_noticed_and_healed() -> None:
    (member_id,) = make_members(NOW)
    post(LADDER, NOW, [(member_id, at("2025-06-20T10:00"), 450)])
    with transaction.atomic():
        ledger.earn(
            actor=SYSTEM,
            now=NOW,
            command=ledger.EarnCommand(member_id, CURRENCY, 100, at("2026-01-01T10:00"), "past:1"),
        )
    later = at("2026-07-15T10:00")
    standing = tiers.get_standing(member_id, LADDER, later)
    assert essence(standing) == essence(replayed(LADDER, member_id, later))
    assert standing.qualified == 100


def test_a_programme_without_tiers_stores_nothing() -> None:
    (member_id,) = make_members(NOW)
    plain = Programme(name="Plain", time_zone=BERLIN, currency="EUR")
    with transaction.atomic():
        standings = tiers.load_standings([member_id], plain, NOW)
        moved = tiers.advance(plain, standings[member_id], occurred_at=NOW, qualifying=10)
        tiers.save_standings(programme=plain, standings=[moved], now=NOW)
    assert (moved.tier, moved.rank) == ("", -1)
    assert tiers.get_progress(member_id, plain, NOW) is None
    assert not models.TierStatus.objects.exists()


def test_history_is_append_only() -> None:
    (member_id,) = make_members(NOW)
    post(LADDER, NOW, [(member_id, NOW, 100)])
    for change in ("UPDATE tiers_tierchange SET to_tier = 'gold'", "DELETE FROM tiers_tierchange"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            connection.cursor().execute(change)
    assert tiers.list_tier_changes(member_id).items[0].to_tier == "silver"


def test_history_comes_in_pages() -> None:
    (member_id,) = make_members(NOW)
    for year in (2022, 2024, 2026):
        post(LADDER, NOW, [(member_id, at(f"{year}-01-05T10:00"), 150)])
    first = tiers.list_tier_changes(member_id, size=2)
    second = tiers.list_tier_changes(member_id, first.next_cursor, 2)
    rest = tiers.list_tier_changes(member_id, second.next_cursor, 2) if second.next_cursor else None
    found = [*first.items, *second.items, *(rest.items if rest else ())]
    assert [one.to_tier for one in found] == ["silver", "bronze", "silver", "bronze", "silver"]


def test_the_timeline_tells_changes_by_name() -> None:
    (member_id,) = make_members(NOW)
    post(LADDER, NOW, [(member_id, NOW, 100)])
    titles = [str(entry.title) for entry in list_timeline(member_id, None, 10).items if entry.kind == "tier"]
    assert titles == ["Reached silver"]


@pytest.mark.django_db(transaction=True)
def test_two_batches_of_one_member_take_turns() -> None:
    """The status row is the lock, and there is one even for a member never seen."""
    (member_id,) = make_members(NOW)
    loaded, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        try:
            with transaction.atomic():
                standing = tiers.load_standings([member_id], LADDER, NOW)[member_id]
                loaded.set()
                go_on.wait(10)
                moved = tiers.advance(LADDER, standing, occurred_at=NOW, qualifying=60)
                tiers.save_standings(programme=LADDER, standings=[moved], now=NOW)
        finally:
            connection.close()

    first = threading.Thread(target=slowly)
    first.start()
    assert loaded.wait(10)
    threading.Timer(0.2, go_on.set).start()
    with transaction.atomic():
        standing = tiers.load_standings([member_id], LADDER, NOW)[member_id]
        assert go_on.is_set()
        moved = tiers.advance(LADDER, standing, occurred_at=NOW, qualifying=60)
        tiers.save_standings(programme=LADDER, standings=[moved], now=NOW)
    first.join()
    assert models.TierStatus.objects.get().qualified == 120


@pytest.mark.parametrize("metric", list(Metric))
def test_each_metric_reads_its_own_wallet(metric) -> None:
    (member_id,) = make_members(NOW)
    scale = ladder(100)
    programme = replace(programme_of(scale), tiers=replace(scale.policy, metric=metric))
    with transaction.atomic():
        ledger.earn(
            actor=SYSTEM,
            now=NOW,
            command=ledger.EarnCommand(
                member_id, ledger.Currency(f"qualifying_{metric}"), 100, at("2026-01-01T10:00"), "m:1"
            ),
        )
        tiers.replay_standings(programme=programme, member_ids=[member_id], now=NOW)
    assert tiers.get_standing(member_id, programme, NOW).tier == "silver"


def test_the_job_reviews_whatever_is_due_and_needs_a_programme(monkeypatch) -> None:
    monkeypatch.setattr(tasks, "REVIEW_BATCH", 2)
    monkeypatch.setattr(tasks, "utc_now", lambda: NOW)
    assert tasks.review(0) == 0
    rules.publish_default_programme(actor=SYSTEM, now=at("2020-01-01T00:00"))
    programme = rules.get_current_programme(NOW)
    ids = make_members(NOW, 5)
    post(programme, NOW, [(member_id, at("2025-03-01T10:00"), 600) for member_id in ids])
    assert tasks.review(0) == 5
    assert tasks.review(0) == 0
