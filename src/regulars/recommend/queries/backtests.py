"""Models and back-tests as they are stored."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from regulars.analytics.facade import find_measured_on
from regulars.facts.facade import get_freshness
from regulars.kit.shapes import shape_of
from regulars.recommend.models import Backtest, Popular, Taste, TrainedModel
from regulars.recommend.types import BacktestLine, BacktestView, ModelView, Task

TRAIN_EVERY, RETRY_EVERY = timedelta(days=7), timedelta(days=1)
_LINES = tuple[BacktestLine, ...]


def write_payload(
    *,
    lines: tuple[BacktestLine, ...],
    winners: Mapping[Task, str],
    cut: date,
    after: date,
    members: int,
    items: int,
) -> dict[str, Any]:
    """A back-test as JSON-ready values."""
    return {
        "lines": shape_of(_LINES).dump_python(lines, mode="json"),
        "winners": {task.value: model for task, model in winners.items()},
        "cut": cut.isoformat(),
        "after": after.isoformat(),
        "members": members,
        "items": items,
    }


def find_backtest() -> BacktestView | None:
    """The latest back-test, made or asked for; None: nobody asked. One query."""
    row = Backtest.objects.order_by("-asked_at", "-pk").first()
    return None if row is None else read_backtest(row)


def find_made_backtest() -> BacktestView | None:
    """The latest back-test that was made. One query."""
    row = Backtest.objects.filter(payload__isnull=False).order_by("-made_at", "-pk").first()
    return None if row is None else read_backtest(row)


def read_backtest(row: Backtest) -> BacktestView:
    """A row as it crosses the door."""
    told = row.payload or {}
    return BacktestView(
        asked_at=row.asked_at,
        made_at=row.made_at,
        as_of=row.as_of,
        seconds=row.seconds,
        cut=date.fromisoformat(told["cut"]) if told else None,
        after=date.fromisoformat(told["after"]) if told else None,
        members=told.get("members", 0),
        items=told.get("items", 0),
        lines=shape_of(_LINES).validate_python(told.get("lines", ())),
        winners={Task(task): model for task, model in told.get("winners", {}).items()},
        failure=row.failure,
    )


def list_models(size: int = 50) -> tuple[ModelView, ...]:
    """The models that were trained, the latest first. One query."""
    return tuple(
        ModelView(
            id=row.pk,
            task=Task(row.task),
            kind=row.kind,
            parameters=row.parameters,
            figures={name: (value, error) for name, (value, error) in row.figures.items()},
            as_of=row.as_of,
            trained_at=row.trained_at,
            seconds=row.seconds,
            served_from=row.served_from,
            served_to=row.served_to,
            verdict=row.verdict,
        )
        for row in TrainedModel.objects.order_by("-trained_at", "-pk")[:size]
    )


def is_training_due(now: datetime) -> bool:
    """Whether there are facts, and a model is to be learnt: none serves a task, or the last training is a
    week old and the facts know more. Three queries.
    """
    fresh = get_freshness(now)
    if fresh is None:
        return False
    serving = set(
        TrainedModel.objects.filter(served_from__isnull=False, served_to__isnull=True).values_list(
            "task", flat=True
        )
    )
    if len(serving) < len(Task):
        return True
    last = TrainedModel.objects.order_by("-trained_at").first()
    if last is None:
        return True
    # One without figures was never compared: its shop was too young, or the comparison was killed.
    every = TRAIN_EVERY if last.figures else RETRY_EVERY
    return last.trained_at <= now - every and (last.as_of < fresh.as_of or not last.figures)


def is_scoring_due(now: datetime) -> bool:
    """Whether the facts hold a day that candidates do not know, and members are measured up to it. Five
    queries at most.
    """
    fresh = get_freshness(now)
    if fresh is None:
        return False
    scored_on = Taste.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    if scored_on is None:
        return not Popular.objects.exists()
    if scored_on >= fresh.as_of:
        return False
    measured_on = find_measured_on()
    return measured_on is None or measured_on > scored_on or now - fresh.synced_at > timedelta(hours=6)


def is_behind(now: datetime) -> bool:
    """Whether there is something to learn, or candidates to be made anew."""
    return is_training_due(now) or is_scoring_due(now)
