"""Learning from the facts: value, risk, forecasts and lifestyles, one after the other.

Nothing trained is kept: a refresh learns anew, and only figures are stored. A model that fails leaves what it
said before, with the failure beside it, and stops neither the others nor the measures.
"""

import gc
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from psycopg import sql

from regulars.analytics.forecast.backtest import Quantity, sum_up
from regulars.analytics.forecast.estimating import METHOD, forecast_points
from regulars.analytics.lifestyles.estimating import Known, Lifestyles, find_lifestyles
from regulars.analytics.models import LearningRun, LifestyleTheme
from regulars.analytics.queries.learnt import get_learning_settings, write_forecasts
from regulars.analytics.risk.estimating import choose_horizon, estimate_risks
from regulars.analytics.types import LearningSettings, Topic
from regulars.analytics.value.estimating import estimate_values
from regulars.facts.facade import Facts

logger = logging.getLogger(__name__)
SHARE_MIN = 0.15
THEMES_MAX = 3
"""What is told of a member: themes with so much of what they buy, at most so many."""
_STAGE = "CREATE TEMPORARY TABLE analytics_learnt (member_id bigint PRIMARY KEY, {declared}) ON COMMIT DROP"
_FILL = "COPY analytics_learnt (member_id, {columns}) FROM STDIN"
# Rows that stay as they are are not written: vacuum would have to clear them away.
_WRITE = """
    UPDATE analytics_member_measure m SET {changes}
    FROM analytics_member_measure old LEFT JOIN analytics_learnt l USING (member_id)
    WHERE old.member_id = m.member_id AND ({old}) IS DISTINCT FROM ({fresh})
"""
Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a topic gives: columns of members' measures, their rows (member first), and what is kept of it."""

    columns: tuple[str, ...]
    rows: Rows
    method: str = ""
    reason: str = ""
    unknown: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    payload: Any = None


def learn(*, facts: Facts, lapsed_after_days: int | None, now: datetime) -> tuple[Topic, ...]:
    """Learn every topic from settled facts and store it; gives those that could be learnt.

    Callers hold the refresh's lock. Each topic is written in a transaction of its own, which locks the rows
    of members' measures.
    """
    settings = get_learning_settings()
    horizon = settings.risk_horizon_weeks or choose_horizon(lapsed_after_days)
    lessons: dict[Topic, Callable[[], Lesson]] = {
        Topic.VALUE: lambda: _learn_value(facts),
        Topic.RISK: lambda: _learn_risk(facts, horizon),
        Topic.LIFESTYLES: lambda: _learn_lifestyles(facts, settings),
        Topic.FORECAST: lambda: _learn_forecast(facts),
    }
    done = []
    for topic, lesson in lessons.items():
        begun = time.monotonic()
        try:
            _keep(topic, lesson(), facts, now, begun)
            done.append(topic)
        except Exception as error:
            # One model's trouble must not cost the shop the others, nor the measures.
            logger.exception("%s could not be learnt", topic.value)
            _keep_failure(topic, f"{type(error).__name__}: {error}"[:500], facts, now)
        gc.collect()
    return tuple(done)


@transaction.atomic
def _keep(topic: Topic, lesson: Lesson, facts: Facts, now: datetime, begun: float) -> None:
    if lesson.columns:
        _write_columns(lesson.columns, lesson.rows)
    LearningRun.objects.update_or_create(
        pk=topic.value,
        defaults={
            "as_of": facts.as_of,
            "made_at": now,
            "seconds": time.monotonic() - begun,
            "method": lesson.method,
            "reason": lesson.reason,
            "unknown": lesson.unknown,
            "figures": lesson.figures,
            "payload": lesson.payload,
            "failure": "",
        },
    )


def _keep_failure(topic: Topic, sentence: str, facts: Facts, now: datetime) -> None:
    values = {"as_of": facts.as_of, "made_at": now, "seconds": 0.0, "figures": {}}
    LearningRun.objects.get_or_create(pk=topic.value, defaults=values)
    LearningRun.objects.filter(pk=topic.value).update(failure=sentence)


TYPES = {
    "value_minor": "bigint",
    "value_method": "text NOT NULL",
    "p_alive": "float8",
    "risk": "float8",
    "risk_reasons": "jsonb NOT NULL",
    "lifestyles": "jsonb NOT NULL",
}
EMPTY = {"value_method": "", "risk_reasons": "[]", "lifestyles": "[]"}


def _write_columns(columns: tuple[str, ...], rows: Rows) -> None:
    """Replace columns of members' measures: who has no row gets nothing."""
    names = [sql.Identifier(name) for name in columns]
    fresh = [sql.SQL("l.{}").format(name) for name in names]
    fresh = [
        sql.SQL("COALESCE({}, {})").format(value, sql.Literal(EMPTY[column])) if column in EMPTY else value
        for column, value in zip(columns, fresh, strict=True)
    ]
    parts = {
        "columns": sql.SQL(", ").join(names),
        "declared": sql.SQL(", ").join(
            sql.SQL("{} {}").format(name, sql.SQL(TYPES[column]))
            for name, column in zip(names, columns, strict=True)
        ),
        "changes": sql.SQL(", ").join(
            sql.SQL("{} = {}").format(name, value) for name, value in zip(names, fresh, strict=True)
        ),
        "old": sql.SQL(", ").join(sql.SQL("m.{}").format(name) for name in names),
        "fresh": sql.SQL(", ").join(fresh),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_STAGE).format(**parts))
        with cursor.copy(
            sql.SQL("COPY analytics_learnt (member_id, {columns}) FROM STDIN").format(**parts)
        ) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE analytics_learnt")
        cursor.execute(sql.SQL(_WRITE).format(**parts))
        cursor.execute("DROP TABLE analytics_learnt")


def _learn_value(facts: Facts) -> Lesson:
    found = estimate_values(facts)
    alive = found.alive if len(found.alive) else np.full(len(found.members), np.nan)
    method = found.method.value
    rows = (
        (int(member), round(float(value)), method, None if np.isnan(one) else round(float(one), 6))
        for member, value, one in zip(found.members, found.value, alive, strict=True)
        # A year told from a fortnight is a guess.
        if found.unknown is None
    )
    figures: dict[str, float] = {"window_weeks": found.window}
    if found.frequency is not None:
        figures |= {name: getattr(found.frequency, name) for name in ("r", "alpha", "a", "b")}
    if found.spend is not None:
        figures |= {name: getattr(found.spend, name) for name in ("p", "q", "gamma", "correlation")}
    for number, trial in enumerate(found.trials, start=1):
        tested = {name: value for name, value in asdict(trial).items() if isinstance(value, int | float)}
        figures |= {f"trial_{number}_{name}": float(value) for name, value in tested.items()}
    return Lesson(
        ("value_minor", "value_method", "p_alive"),
        rows,
        method=method,
        reason=found.why.value,
        unknown=found.unknown.value if found.unknown else "",
        figures=figures,
    )


def _learn_risk(facts: Facts, horizon_weeks: int) -> Lesson:
    found = estimate_risks(facts, horizon_weeks=horizon_weeks)
    rows = (
        (int(member), round(float(risk), 6), json.dumps([asdict(reason) for reason in reasons]))
        for member, risk, reasons in zip(found.members, found.risk, found.reasons, strict=True)
    )
    figures: dict[str, float] = {"horizon_weeks": horizon_weeks, "cut_offs": len(found.cut_offs)}
    for name, quality in (("all", found.everybody), ("active", found.active), ("raw", found.raw)):
        if quality is not None:
            tested = asdict(quality) | {"auc": quality.auc}
            figures |= {f"{key}_{name}": float(v) for key, v in tested.items() if isinstance(v, int | float)}
    return Lesson(
        ("risk", "risk_reasons"),
        rows,
        method=found.learner.value if found.learner else "",
        reason=found.tested.value if found.tested else "",
        unknown=found.unknown.value if found.unknown else "",
        figures=figures,
        payload=[asdict(one) for one in found.everybody.bins] if found.everybody else None,
    )


def _learn_forecast(facts: Facts) -> Lesson:
    found = forecast_points(facts)
    figures: dict[str, float] = {"outstanding": found.outstanding}
    for quantity in Quantity:
        for one in sum_up(found.checks, quantity):
            name = f"{quantity.value}_{round(one.nominal * 100)}"
            figures |= {f"{name}_covered": one.covered, f"{name}_windows": one.windows}
            figures |= {f"{name}_uncorrected": one.uncorrected, f"{name}_width": one.width}
    unknown = found.unknown.value if found.unknown else ""
    payload = write_forecasts(found.forecasts)
    return Lesson((), iter(()), method=METHOD, unknown=unknown, figures=figures, payload=payload)


def _learn_lifestyles(facts: Facts, settings: LearningSettings) -> Lesson:
    patterns = settings.sensitive_patterns if settings.keeps_sensitive_out else ()
    known = [
        Known(row.code, tuple((name, weight) for name, weight in row.categories))
        for row in LifestyleTheme.objects.order_by("code")
    ]
    found = find_lifestyles(facts, patterns=patterns, known=known)
    if not found.unknown:
        _keep_themes(found)
    figures: dict[str, float] = {"themes": len(found.themes), "kept_out": len(found.kept_out)}
    for one in found.stability:
        if one.count == len(found.themes):
            figures |= {f"stability_{name}": float(value) for name, value in asdict(one).items()}
    payload = {"kept_out": found.kept_out, "stability": [asdict(one) for one in found.stability]}
    unknown = found.unknown.value if found.unknown else ""
    return Lesson(
        ("lifestyles",),
        _list_lifestyles(found),
        method="nmf",
        unknown=unknown,
        figures=figures,
        payload=payload,
    )


def _list_lifestyles(found: Lifestyles) -> Rows:
    codes = [theme.code for theme in found.themes]
    for member, shares in zip(found.members, found.shares, strict=True):
        order = np.argsort(-shares, kind="stable")[:THEMES_MAX]
        told = [
            (codes[place], round(float(shares[place]), 3)) for place in order if shares[place] >= SHARE_MIN
        ]
        yield int(member), json.dumps([{"code": code, "share": share} for code, share in told])


@transaction.atomic
def _keep_themes(found: Lifestyles) -> None:
    """Themes with the names they were given; those not found any more keep theirs, without a rank."""
    LifestyleTheme.objects.update(rank=None)
    for rank, theme in enumerate(found.themes):
        LifestyleTheme.objects.update_or_create(
            pk=theme.code,
            defaults={
                "name": theme.name[:120],
                "categories": [list(pair) for pair in theme.categories],
                "members": theme.members,
                "rank": rank,
            },
        )
