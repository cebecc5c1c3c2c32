"""Back-tests: all models on the shop's own past, or on anybody's order file."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from regulars.facts.facade import Facts
from regulars.recommend.errors import TooLittleKnown
from regulars.recommend.learning.datasets import BUYERS_MIN, Dataset, choose_buyers_min
from regulars.recommend.learning.models.first import IN_PROCESS, FirstStage
from regulars.recommend.learning.selection import choose_model
from regulars.recommend.learning.splits import Split, place_look
from regulars.recommend.learning.trial import Trial, Tried, run_trial
from regulars.recommend.models import Backtest
from regulars.recommend.operations.purchases import read_file, read_shop
from regulars.recommend.operations.running.blocks import choose_first
from regulars.recommend.operations.training import write_figures
from regulars.recommend.queries.backtests import read_backtest, write_payload
from regulars.recommend.types import BacktestLine, BacktestView, Task

OnTried = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Compared:
    """A trial as it is told."""

    split: Split
    members: int
    items: int
    lines: tuple[BacktestLine, ...]
    winners: dict[Task, str]


def compare_models(
    dataset: Dataset,
    *,
    days: int | None = None,
    buyers_min: int | None = None,
    on_tried: OnTried | None = None,
    first: FirstStage = IN_PROCESS,
) -> Compared:
    """Try all models on the last weeks of a past. Raises TooLittleKnown where it is too short or too thin."""
    look = place_look(dataset, days=days)
    if look is None:
        raise TooLittleKnown(
            "The purchases span too few days to compare models: five weeks are the least, and "
            "--days may not take more than leaves four weeks before it."
        )
    buyers_min = choose_buyers_min(dataset) if buyers_min is None else buyers_min
    trial = run_trial(
        dataset,
        look.split,
        known_min=look.known_min,
        buyers_min=buyers_min,
        on_tried=on_tried,
        first=first,
    )
    return tell_trial(trial, buyers_min)


def tell_trial(trial: Trial, buyers_min: int = BUYERS_MIN) -> Compared:
    """A trial with its winners, of the tasks that anybody could be asked about. Raises TooLittleKnown where
    that is none.
    """
    winners: dict[Task, str] = {}
    lines: list[BacktestLine] = []
    asked = trial.list_asked()
    if not asked:
        raise TooLittleKnown(
            f"No member bought, in the last {trial.split.days} days, anything that {buyers_min} members had "
            "bought before: there is nothing to compare models on."
        )
    for task in asked:
        tried = trial.of(task)
        choice = choose_model(list(tried.values()))
        winners[task] = choice.winner
        for name, one in tried.items():
            gap = choice.differences.get(name)
            lines.append(_tell(task, one, None if gap is None else (gap.value, gap.error)))
    members = max(one.ndcg.members for one in trial.tried)
    return Compared(trial.split, members, trial.items, tuple(lines), winners)


def _tell(task: Task, tried: Tried, difference: tuple[float, float] | None) -> BacktestLine:
    figures = {name: (value, error) for name, (value, error) in write_figures(tried).items()}
    return BacktestLine(task, tried.model, figures, difference, tried.seconds)


def compare_on_file(
    *, facts: Facts, days: int | None, buyers_min: int | None, now: datetime, on_tried: OnTried | None = None
) -> BacktestView:
    """Compare all models on the purchases of an order file; nothing is stored. Raises TooLittleKnown."""
    begun = time.monotonic()
    first = choose_first(facts)
    told = compare_models(read_file(facts), days=days, buyers_min=buyers_min, on_tried=on_tried, first=first)
    return BacktestView(
        asked_at=now,
        made_at=now,
        as_of=facts.as_of,
        seconds=time.monotonic() - begun,
        cut=date.fromordinal(told.split.cut),
        after=date.fromordinal(told.split.after),
        members=told.members,
        items=told.items,
        lines=told.lines,
        winners=told.winners,
    )


def run_backtest(*, facts: Facts, now: datetime, on_tried: OnTried | None = None) -> BacktestView:
    """Compare all models on the shop's own past, here and now, and store the table.

    It answers what was asked for. Raises TooLittleKnown, which what was asked for carries, too.
    """
    row, _is_new = Backtest.objects.get_or_create(made_at=None, defaults={"asked_at": now})
    make_backtest(backtest_id=row.pk, facts=facts, now=now, on_tried=on_tried)
    row.refresh_from_db()
    return read_backtest(row)


def make_backtest(*, backtest_id: int, facts: Facts, now: datetime, on_tried: OnTried | None = None) -> bool:
    """Make a back-test that was asked for; whether there was any to do. A failure is written and raised."""
    row = Backtest.objects.filter(pk=backtest_id, made_at__isnull=True).first()
    if row is None:
        return False
    begun = time.monotonic()
    try:
        shop = read_shop(facts, now)
        told = compare_models(shop.dataset, on_tried=on_tried, first=choose_first(facts))
    except Exception as error:
        sentence = str(error) if isinstance(error, TooLittleKnown) else f"{type(error).__name__}: {error}"
        Backtest.objects.filter(pk=row.pk).update(failure=sentence[:500])
        raise
    Backtest.objects.filter(pk=row.pk).update(
        made_at=now,
        as_of=shop.as_of,
        seconds=time.monotonic() - begun,
        payload=write_payload(
            lines=told.lines,
            winners=told.winners,
            cut=date.fromordinal(told.split.cut),
            after=date.fromordinal(told.split.after),
            members=told.members,
            items=told.items,
        ),
        failure="",
    )
    return True
