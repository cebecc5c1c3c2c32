"""Loading: everything through the operations that any shop uses, once, whatever happens in between."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from regulars.activity import facade as activity
from regulars.catalogue import facade as catalogue
from regulars.demo import facade as demo
from regulars.demo import hands, operations, own_hand, simulation, weeks
from regulars.demo.dataset import Dataset
from regulars.demo.people import external_id_of
from regulars.demo.queries import OPERATOR_EMAIL, operator_password
from regulars.demo.rewards import FIRST_LOOK
from regulars.identity import facade as identity
from regulars.kit.actor import SYSTEM
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.redemption import facade as redemption
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers
from tests.demo.small import HOUSEHOLDS, write_small_dataset

# Each step is a durable transaction of its own: one that fails must leave those before it.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]  # a year of a dozen households
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_small_dataset(tmp_path_factory.mktemp("demo"))


@pytest.fixture(autouse=True)
def small(monkeypatch, folder) -> None:
    monkeypatch.setattr(operations, "Dataset", lambda: Dataset(folder))
    # One process, so that it can be made to fail; test_terminal has two.
    monkeypatch.setattr(hands, "count_cores", lambda: 1)
    # So few households would spend all that they have.
    monkeypatch.setattr(simulation, "REDEMPTIONS_A_WEEK", 1)


def ids() -> dict[str, int]:
    return members.find_member_ids(external_id_of(number) for number in HOUSEHOLDS)


def state_of_the_year() -> dict[str, tuple[object, ...]]:
    programme = rules.get_current_programme(NOW)
    return {
        name: (
            ledger.get_balance(member_id, NOW),
            tiers.get_standing(member_id, programme, NOW).tier,
            tiers.get_standing(member_id, programme, NOW).qualified,
            len(redemption.list_redemptions(member_id=member_id, size=100).items),
        )
        for name, member_id in ids().items()
    }


def test_a_year_is_loaded_once_and_agrees_with_the_ledger() -> None:
    seen: list[demo.DemoProgress] = []
    report = demo.load_demo(now=NOW, on_progress=seen.append)
    totals = report.totals
    assert report.fresh
    assert report.last_day.isoformat() == "2026-11-22"
    assert (seen[-1].done, seen[-1].total) == (totals.lines, totals.lines)
    assert totals.members == len(HOUSEHOLDS)
    sums = ledger.get_totals(NOW)
    assert (totals.points_issued, totals.points_spent) == (sums.issued, sums.spent)
    assert (totals.points_expired, totals.points_outstanding) == (sums.expired, sums.outstanding)
    assert totals.adds_up
    assert ledger.prove().ok
    assert sum(totals.members_by_tier.values()) == totals.members
    assert totals.simulated["sign_up"] == len(HOUSEHOLDS)
    assert min(totals.simulated[kind] for kind in ("visit", "review", "redemption", "birthday")) > 0

    entries = sums.entries
    again = demo.load_demo(now=NOW + timedelta(days=9))
    assert not again.fresh
    assert (again.first_day, again.last_day) == (report.first_day, report.last_day)
    assert ledger.get_totals(NOW).entries == entries
    _check_what_is_in_it()


def _check_what_is_in_it() -> None:
    """What is real is not marked as simulated, and what is simulated is."""
    member_id = ids()[external_id_of(1)]
    orders = activity.list_orders(member_id=member_id, size=100).items
    assert orders
    assert not any(order.simulated for order in orders)
    assert {order.currency for order in orders} == {"USD"}
    redemptions = redemption.list_redemptions(size=100).items
    assert redemptions
    assert all(one.simulated for one in redemptions)
    assert {one.state for one in redemptions} >= {redemption.RedemptionState.FULFILLED}
    profile = members.get_member(member_id)
    assert profile.attributes["age"] == "65+"
    assert "name" in str(profile.attributes["simulated"])
    programme = rules.get_programme_at(orders[-1].occurred_at)
    assert programme.name == "Maple Street Market"
    assert ledger.get_totals(NOW).expired > 0


def test_a_year_broken_off_goes_on_where_it_was_and_ends_alike(monkeypatch) -> None:
    """The same as an undisturbed year: kept in a second database would be slow, so it is told by its sums."""
    load_week = weeks.load_week
    stops = iter([5, 5, 30])
    stop_at = next(stops)

    def fail_now_and_then(share: weeks.Share, week) -> object:
        nonlocal stop_at
        loaded = load_week(share, week)
        if week.number == stop_at and share.part.number == 1:
            stop_at = next(stops, -1)
            raise RuntimeError("pulled the plug")
        return loaded

    monkeypatch.setattr(own_hand, "load_week", fail_now_and_then)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="plug"):
            demo.load_demo(now=NOW)
        assert not demo.is_loaded()
    broken = demo.load_demo(now=NOW + timedelta(days=1))
    assert broken.fresh
    assert broken.last_day.isoformat() == "2026-11-22"
    assert ledger.prove().ok
    dataset = operations.Dataset()
    year = list(dataset.read_weeks())
    assert broken.totals.orders == sum(len(week.baskets) for week in year)
    assert broken.totals.lines == dataset.count_rows()
    stored = sum(len(_all_orders(member_id)) for member_id in ids().values())
    assert stored == broken.totals.orders


def _all_orders(member_id) -> list[object]:
    found: list[object] = []
    cursor = None
    while True:
        page = activity.list_orders(member_id=member_id, cursor=cursor, size=100)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_somebody_elses_members_are_left_alone() -> None:
    members.save_members(actor=SYSTEM, now=NOW, batch=[members.MemberInput(external_id="real")])
    with pytest.raises(demo.NotForDemo, match="REGULARS_DATA"):
        demo.load_demo(now=NOW)
    assert members.count_members() == 1
    assert rules.list_versions() == []
    assert catalogue.count_products() == 0


def test_the_operator_can_sign_in_and_gold_has_the_first_look(monkeypatch) -> None:
    monkeypatch.setattr(operations, "WEEKS", 0)
    rules.publish_default_programme(actor=SYSTEM, now=NOW - timedelta(days=30))
    report = demo.load_demo(now=NOW)
    assert rules.get_current_programme(NOW).currency == "USD"
    assert rules.get_programme_at(NOW - timedelta(days=20)).currency == "USD"
    assert report.operator.password == operator_password()
    signed_in = identity.check_operator_password(
        email=OPERATOR_EMAIL, password=operator_password(), address="127.0.0.1", now=NOW
    )
    assert signed_in.role is identity.Role.OWNER
    for later in (timedelta(), timedelta(days=30)):
        now = NOW + later
        demo.load_demo(now=now)
        opens_at = catalogue.get_reward(FIRST_LOOK).decided.active_from
        assert opens_at is not None
        assert now < opens_at <= now + timedelta(days=2)
    assert len(catalogue.list_rewards(viewer=catalogue.Viewer(now=NOW), size=100).items) == 26
