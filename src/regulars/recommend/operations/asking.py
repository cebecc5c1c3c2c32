"""Asking for a back-test. Imports nothing heavy: the console asks."""

from datetime import datetime, timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from regulars.recommend.models import Backtest
from regulars.recommend.queries.backtests import read_backtest
from regulars.recommend.types import BacktestView

BACKTEST_TASK = "recommend.make_backtest"
LOST_AFTER = timedelta(hours=1)
"""A back-test that was asked for so long ago and not made was lost with its worker."""


@transaction.atomic
def ask_backtest(*, now: datetime) -> BacktestView:
    """Have all models compared by a job, unless that is under way; one that was lost or failed is asked for
    again.
    """
    row, is_new = Backtest.objects.get_or_create(made_at=None, defaults={"asked_at": now})
    if not is_new and (row.failure or row.asked_at < now - LOST_AFTER):
        Backtest.objects.filter(pk=row.pk).update(asked_at=now, failure="")
        row.asked_at, row.failure, is_new = now, "", True
    if is_new:
        app.configure_task(BACKTEST_TASK).defer(backtest_id=row.pk)
    return read_backtest(row)
