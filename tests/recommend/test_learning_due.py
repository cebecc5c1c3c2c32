"""When there is something to learn: at once the first time, then weekly; candidates with each new day."""

import datetime as dt

import pytest

from regulars.analytics.models import MemberMeasure
from regulars.facts.models import FactsState
from regulars.recommend.models import Taste, TrainedModel
from regulars.recommend.operations.asking import LOST_AFTER, ask_backtest
from regulars.recommend.queries.backtests import find_backtest, is_behind, is_scoring_due, is_training_due

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 20, 12, tzinfo=dt.UTC)
TODAY = dt.date(2026, 6, 19)
DAY = dt.timedelta(days=1)


def sync(as_of: dt.date = TODAY) -> None:
    told = {
        "time_zone": "UTC",
        "system": "",
        "oldest_running": 0,
        "layout": "",
        "transport": "",
        "seconds": 1,
    }
    FactsState.objects.update_or_create(pk=1, defaults={"synced_at": NOW, "as_of": as_of, **told})


def serve(task: str, *, as_of: dt.date = TODAY, trained_at: dt.datetime = NOW, **more) -> None:
    told = {"figures": {"ndcg": [0.5, 0.1]}, "seconds": 1, "served_from": trained_at} | more
    TrainedModel.objects.create(task=task, kind="personal", as_of=as_of, trained_at=trained_at, **told)


def test_nothing_is_due_without_facts_and_all_is_with_the_first():
    assert not is_training_due(NOW) and not is_scoring_due(NOW) and not is_behind(NOW)
    sync()
    assert is_training_due(NOW) and is_scoring_due(NOW) and is_behind(NOW)


def test_training_is_due_after_a_week_with_news_or_where_a_task_has_no_model():
    sync()
    serve("any")
    assert is_training_due(NOW)
    serve("new")
    assert not is_training_due(NOW)
    later = NOW + dt.timedelta(days=7)
    assert not is_training_due(later), "the facts know no more"
    sync(TODAY + DAY)
    assert not is_training_due(later - DAY / 2)
    assert is_training_due(later)


def test_one_that_was_never_compared_is_tried_again_after_a_day():
    sync()
    for task in ("any", "new"):
        serve(task, figures={})
    assert not is_training_due(NOW + DAY / 2)
    assert is_training_due(NOW + DAY)


def test_candidates_are_due_with_a_new_day_once_members_are_measured_up_to_it():
    sync()
    Taste.objects.create(member_id=1, as_of=TODAY, orders_count=1)
    MemberMeasure.objects.create(member_id=1, as_of=TODAY)
    assert not is_scoring_due(NOW)
    sync(TODAY + DAY)
    assert not is_scoring_due(NOW), "segments are of yesterday"
    MemberMeasure.objects.update(as_of=TODAY + DAY)
    assert is_scoring_due(NOW)
    MemberMeasure.objects.update(as_of=TODAY)
    assert is_scoring_due(NOW + DAY / 2), "measures that do not come do not hold shelves up"


def test_a_backtest_is_asked_for_once_until_it_is_lost():
    first = ask_backtest(now=NOW)
    assert first.made_at is None and find_backtest() == first
    assert ask_backtest(now=NOW + dt.timedelta(minutes=5)).asked_at == NOW
    again = ask_backtest(now=NOW + LOST_AFTER + dt.timedelta(minutes=1))
    assert again.asked_at > NOW and find_backtest() == again
