"""The jobs drain what is due, in transactions of bounded size, and are known to the queue."""

from datetime import timedelta

import pytest
from procrastinate.contrib.django import app

from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger import tasks
from regulars.ledger.facade import Balance
from tests.ledger.posting import earn, hold

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
        f"regulars.ledger.tasks.{name}" for name in ("expire_lots", "activate_lots", "release_holds")
    } <= periodic
