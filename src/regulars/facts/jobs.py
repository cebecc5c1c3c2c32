"""Asking for jobs: a sync soon, and what follows one."""

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from regulars.facts.declared import list_followers
from regulars.facts.models import FactsFollower

SYNC_TASK = "facts.sync_facts"


def ask_sync(*, now: datetime) -> bool:
    """Have a worker copy what changed as soon as one is free; False where that is asked for already."""
    return _ask(SYNC_TASK, now)


def tell_followers(*, now: datetime) -> int:
    """Ask for the jobs that stand on facts; gives how many were asked for."""
    return sum(_ask(task, now) for task in list_followers())


def note_followed(*, task: str, change: int) -> None:
    """Remember that a following job has taken in the facts with this number (`Facts.change`)."""
    FactsFollower.objects.update_or_create(task=task, defaults={"change": change})


def _ask(task: str, now: datetime) -> bool:
    try:
        with transaction.atomic():
            app.configure_task(task, queueing_lock=task).defer(timestamp=int(now.timestamp()))
    except AlreadyEnqueued:
        return False
    return True
