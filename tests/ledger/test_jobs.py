"""The jobs drain what is due, in transactions of bounded size, and are known to the queue."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections, transaction
from procrastinate.contrib.django import app

from regulars.kit.clock import utc_now
from regulars.kit.ids import JournalSeq, MemberId
from regulars.ledger import facade as ledger
from regulars.ledger import tasks
from regulars.ledger.facade import Balance
from tests.ledger.posting import ACTOR, ANN, earn, hold, kinds
from tests.ledger.reading import empty_ledger, run

pytestmark = pytest.mark.django_db


def test_each_job_drains_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc_now()
    past = now - timedelta(hours=1)
    for n in range(7):
        earn(10, "expiring", member=MemberId(n), now=past, expires_at=past)
        earn(5, "pending", member=MemberId(n), now=past - timedelta(hours=1), activates_at=past)
    earn(100, "enough", now=past)
    held = [hold(10, f"h{n}", now=past - timedelta(hours=1), until=past) for n in range(3)]
    assert len(held) == 3
    assert tasks.expire_lots(0) + tasks.activate_lots(0) + tasks.release_holds(0) > 0
    assert tasks.expire_lots(0) == tasks.activate_lots(0) == 0
    assert ledger.get_balance(MemberId(5), now) == Balance(active=5)
    assert ledger.prove().ok


def test_a_sweep_takes_no_more_than_it_may_and_says_that_more_waits() -> None:
    past = utc_now() - timedelta(hours=1)
    for n in range(10):
        earn(10, "k", member=MemberId(n), now=past, expires_at=past)
    first = ledger.expire_due(now=utc_now(), limit=4)
    assert (first.wallets, first.items, first.points, first.more) == (4, 4, 40, True)
    rest = ledger.expire_due(now=utc_now(), limit=7)
    assert (rest.items, rest.more) == (6, False)


def test_the_queue_runs_them_periodically() -> None:
    periodic = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert {
        f"regulars.ledger.tasks.{name}"
        for name in ("expire_lots", "activate_lots", "release_holds", "carry_strays")
    } <= periodic


def run_worker_once() -> None:
    """A real worker, until no job is due; in a thread, for it has an event loop of its own."""

    def work() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            working.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result(60)


@pytest.mark.slow  # starts a worker, and commits
@pytest.mark.django_db(transaction=True)
def test_a_hold_times_out_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody captures or releases it: the worker gives the points back, once."""
    # The worker's threads would keep their connections, and the test database could not be dropped.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    run("DELETE FROM procrastinate_jobs")
    past = utc_now() - timedelta(hours=1)
    try:
        with transaction.atomic():
            earn(100, "k", now=past - timedelta(hours=1))
            hold(60, "h", now=past - timedelta(minutes=5), until=past)
        assert ledger.get_balance(ANN, utc_now()) == Balance(active=40, held=60)
        for _ in range(2):
            tasks.release_holds.defer(timestamp=0)
            run_worker_once()
        assert ledger.get_balance(ANN, utc_now()) == Balance(active=100)
        assert kinds() == ["earn", "hold", "release"]
        assert ledger.list_entries(ANN).items[0].occurred_at == past
        with transaction.atomic(), pytest.raises(ledger.HoldNotOpen):
            ledger.capture(
                actor=ACTOR, now=utc_now(), member_id=ANN, hold_seq=JournalSeq(2), key="c", source="r"
            )
        assert ledger.prove().ok
    finally:
        empty_ledger()
