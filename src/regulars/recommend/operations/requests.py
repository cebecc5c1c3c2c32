"""What an operator asks of the jobs: to compare the models, to train them. Imports nothing heavy."""

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from regulars.kit.actor import Actor
from regulars.recommend.operations.asking import ask_backtest
from regulars.recommend.types import BacktestView
from regulars.trail.facade import record_audit

TRAINING_TASK = "recommend.train"


@transaction.atomic(durable=True)
def request_backtest(*, actor: Actor, now: datetime) -> BacktestView:
    """Have all models compared by a job, unless that is under way. Audited. As `ask_backtest`."""
    view = ask_backtest(now=now)
    record_audit(actor=actor, now=now, action="recommend.backtest_asked", subject="recommend")
    return view


@transaction.atomic(durable=True)
def request_training(*, actor: Actor, now: datetime) -> bool:
    """Have models chosen and trained anew, and everybody's candidates made; one that loses does not serve.

    False where that waits already. Audited.
    """
    record_audit(actor=actor, now=now, action="recommend.training_asked", subject="recommend")
    try:
        with transaction.atomic():
            app.configure_task(TRAINING_TASK, queueing_lock=TRAINING_TASK).defer()
    except AlreadyEnqueued:
        return False
    return True
