"""What an operator asks of the jobs: to compare the models, to train them. Imports nothing heavy."""

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from regulars.kit.actor import Actor
from regulars.recommend.operations.asking import ask_backtest
from regulars.recommend.types import BacktestView
from regulars.trail.facade import record_audit

TRAINING_TASK, SCORING_TASK = "recommend.train", "recommend.score"


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
    return _ask_once(TRAINING_TASK)


def request_scoring() -> bool:
    """Have everybody's candidates and tastes made anew: what may be concluded has changed, and what was made
    of the rest would stand until the next day. False where that waits already.
    """
    return _ask_once(SCORING_TASK)


def _ask_once(task: str) -> bool:
    try:
        with transaction.atomic():
            app.configure_task(task, queueing_lock=task).defer()
    except AlreadyEnqueued:
        return False
    return True
