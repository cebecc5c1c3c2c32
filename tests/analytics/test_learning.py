"""Learning at a refresh: what is written of members, kept of models, and decided by the marketer."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from regulars.analytics import facade as analytics
from regulars.analytics.errors import LearningSettingInvalid, LifestyleNameInvalid, LifestyleUnknown
from regulars.analytics.lifestyles.sensitive import DEFAULT_PATTERNS
from regulars.analytics.making.value import make_value
from regulars.analytics.measures.basis import settle_facts
from regulars.analytics.measures.limits import find_limits
from regulars.analytics.models import LifestyleTheme, MemberMeasure
from regulars.analytics.operations import learning
from regulars.analytics.queries.learnt import list_forecasts
from regulars.analytics.types import Period, Topic
from regulars.cli.insights_table import list_learnt
from regulars.kit.actor import Actor, ActorKind
from regulars.trail import facade as trail
from tests.analytics.shops import FIRST, hold_orders, simulate_shop

NOW = datetime(2024, 12, 1, tzinfo=UTC)
ACTOR = Actor(ActorKind.OPERATOR, "7")
AS_OF = FIRST + timedelta(days=7 * 40 - 1)
BOUGHT = simulate_shop(300, 40, seed=11, leave_weekly=0.02)
BUYERS = {member for member, _, _ in BOUGHT}


@pytest.fixture
def measured(db: None) -> Iterator[Any]:
    """A shop whose members have been measured, one of whom never bought."""
    facts = settle_facts(hold_orders(BOUGHT, AS_OF))
    MemberMeasure.objects.bulk_create(
        MemberMeasure(member_id=member, as_of=AS_OF, segment="loyal" if member < 100 else "lost")
        for member in range(1, 302)
    )
    yield facts


@pytest.mark.slow  # four topics of 300 members
def test_a_refresh_writes_what_was_learnt(measured: Any) -> None:
    done = learning.learn(facts=measured, lapsed_after_days=50, now=NOW)
    assert set(done) == set(Topic)
    learnt = {one.topic: one for one in analytics.list_learnt()}
    assert learnt[Topic.RISK].figures["horizon_weeks"] == 8
    assert 0.5 < learnt[Topic.RISK].figures["auc_all"] <= 1
    assert learnt[Topic.VALUE].figures["trial_1_error_average"] > 0
    assert learnt[Topic.FORECAST].unknown is analytics.Unknown.NO_DATA
    assert learnt[Topic.LIFESTYLES].unknown is not None
    assert all(not one.failure for one in learnt.values())
    rows = {row.member_id: row for row in MemberMeasure.objects.all()}
    assert rows[301].value_minor is None
    assert rows[301].risk_reasons == []
    assert all(rows[member].value_method == learnt[Topic.VALUE].method for member in BUYERS)
    assert all(0 < (rows[member].risk or 0) < 1 and rows[member].risk_reasons for member in BUYERS)
    report = make_value(measured, Period(FIRST, AS_OF), find_limits(measured))
    values = [row.value_minor or 0 for row in rows.values()]
    assert report.figures[0].value == sum(values)
    assert sum(bucket.members for bucket in report.buckets) == len(BUYERS)
    assert [one.value_minor for one in report.top] == sorted(values, reverse=True)[:20]
    assert sum(one.value_minor for one in report.segments) == sum(values)
    lost = sum((row.value_minor or 0) * (row.risk or 0) for row in rows.values())
    assert report.figures[1].value == pytest.approx(lost, abs=1)
    assert [forecast.points for forecast in list_forecasts()] == [()] * 4


def test_a_model_that_fails_leaves_what_was_known(measured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    MemberMeasure.objects.update(risk=0.25, value_minor=100)

    def fail(*_: object, **__: object) -> None:
        raise ArithmeticError("no figures today")

    for name in ("estimate_risks", "estimate_values", "find_lifestyles"):
        monkeypatch.setattr(learning, name, fail)
    assert learning.learn(facts=measured, lapsed_after_days=None, now=NOW) == (Topic.FORECAST,)
    assert set(MemberMeasure.objects.values_list("risk", "value_minor")) == {(0.25, 100)}
    told = {one.topic: one.failure for one in analytics.list_learnt()}
    assert told[Topic.RISK] == "ArithmeticError: no figures today"
    assert told[Topic.FORECAST] == ""
    rows = list_learnt(analytics.list_learnt())
    assert ["risk", AS_OF.isoformat(), "ArithmeticError: no figures today"] in [
        [topic, day or "", why] for topic, day, why in rows
    ]
    assert ["forecast", rows[1][1], "age_hazard_paths (no_data)"] in rows


def make_themes() -> None:
    for rank, (code, name) in enumerate((("theme-1", "Pets"), ("theme-2", "Deli"))):
        LifestyleTheme.objects.create(
            code=code, name=name, categories=[[f"{name} A", 0.5]], members=10, rank=rank
        )


def count_jobs() -> int:
    """Jobs that learn anew; the queue outlives a test."""
    return ProcrastinateJob.objects.filter(task_name="analytics.learn_anew").count()


@pytest.mark.django_db(transaction=True)
def test_a_marketer_names_a_lifestyle() -> None:
    make_themes()
    named = analytics.name_lifestyle(actor=ACTOR, now=NOW, code="theme-1", name="  Cats  and dogs ")
    assert (named.name, named.found_name) == ("Cats and dogs", "Pets")
    assert [one.name for one in analytics.list_lifestyles()] == ["Cats and dogs", "Deli"]
    line = next(iter(trail.list_audit(action="analytics.lifestyle_named").items))
    assert line.details == {"before": "Pets", "name": "Cats and dogs"}
    for name, refusal in (("deli", LifestyleNameInvalid), ("x" * 61, LifestyleNameInvalid)):
        with pytest.raises(refusal):
            analytics.name_lifestyle(actor=ACTOR, now=NOW, code="theme-1", name=name)
    with pytest.raises(LifestyleUnknown):
        analytics.name_lifestyle(actor=ACTOR, now=NOW, code="theme-9", name="Anything")
    assert [one.name for one in analytics.list_lifestyles()] == ["Cats and dogs", "Deli"]
    assert len(trail.list_audit(action="analytics.lifestyle_named").items) == 1
    assert analytics.name_lifestyle(actor=ACTOR, now=NOW, code="theme-1", name="").name == "Pets"


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_out_is_forgotten_at_once() -> None:
    make_themes()
    jobs = count_jobs()
    shares = [{"code": "theme-1", "share": 0.6}]
    MemberMeasure.objects.create(member_id=1, as_of=date(2024, 1, 1), lifestyles=shares)
    assert analytics.get_learning_settings().keeps_sensitive_out
    assert analytics.is_kept_out(("Grocery", "Baby Foods"), analytics.get_learning_settings())
    changed = analytics.set_learning_settings(
        actor=ACTOR,
        now=NOW,
        keeps_sensitive_out=True,
        sensitive_patterns=[*DEFAULT_PATTERNS, " Pets ", "pets"],
        risk_horizon_weeks=12,
    )
    assert changed.sensitive_patterns[-1] == "pets"
    assert analytics.get_learning_settings() == changed
    assert [one.code for one in analytics.list_lifestyles()] == ["theme-2"]
    assert MemberMeasure.objects.get().lifestyles == []
    line = next(iter(trail.list_audit(action="analytics.learning_set").items))
    assert line.details["after"]["risk_horizon_weeks"] == 12
    assert count_jobs() == jobs + 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("patterns", "weeks"),
    [(["a"], None), (["x" * 61], None), (["ok"] * 1 + [""], None), (["fine"], 1), (["fine"], 53)],
)
def test_settings_out_of_bounds_change_nothing(patterns: list[str], weeks: int | None) -> None:
    before, jobs = analytics.get_learning_settings(), count_jobs()
    with pytest.raises(LearningSettingInvalid):
        analytics.set_learning_settings(
            actor=ACTOR,
            now=NOW,
            keeps_sensitive_out=False,
            sensitive_patterns=patterns,
            risk_horizon_weeks=weeks,
        )
    assert analytics.get_learning_settings() == before
    assert not trail.list_audit(action="analytics.learning_set").items
    assert count_jobs() == jobs
