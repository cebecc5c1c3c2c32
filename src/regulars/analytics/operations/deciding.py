"""What a marketer decides of learning: names of lifestyles, what is kept out, the horizon of risk."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from django.db import transaction
from procrastinate.contrib.django import app

from regulars.analytics.codes import ReportKind
from regulars.analytics.errors import (
    BracketsInvalid,
    LearningSettingInvalid,
    LifestyleNameInvalid,
    LifestyleUnknown,
)
from regulars.analytics.lifestyles.sensitive import compile_patterns, is_sensitive
from regulars.analytics.models import LearningSetting, LifestyleTheme, MemberMeasure, RetentionSetting
from regulars.analytics.operations.reports import ask_report
from regulars.analytics.queries.behind import AGE_MAX
from regulars.analytics.queries.learnt import find_bracket_days, get_learning_settings
from regulars.analytics.types import LearningSettings, Lifestyle, Span
from regulars.kit.actor import Actor
from regulars.trail import facade as trail

LEARN_TASK = "analytics.learn_anew"
NAME_MAX = 60
PATTERNS_MAX = 200
HORIZON_BOUNDS = (2, 52)
BRACKETS_MAX = 12


@transaction.atomic(durable=True)
def name_lifestyle(*, actor: Actor, now: datetime, code: str, name: str) -> Lifestyle:
    """Give a present lifestyle a name, or with an empty one its own again. Leaves an audit line.

    Locks the present lifestyles, so that two do not get one name. Raises LifestyleUnknown,
    LifestyleNameInvalid.
    """
    rows = {
        row.code: row
        for row in LifestyleTheme.objects.select_for_update().filter(rank__isnull=False).order_by("code")
    }
    row = rows.get(code)
    if row is None:
        raise LifestyleUnknown("There is no such lifestyle (any more).")
    given = " ".join(name.split())
    if len(given) > NAME_MAX:
        raise LifestyleNameInvalid(f"A name has at most {NAME_MAX} characters.")
    others = {str(other).casefold() for other in rows.values() if other.code != code}
    if given and given.casefold() in others:
        raise LifestyleNameInvalid("Another lifestyle has this name.")
    before = str(row)
    row.given_name = given
    row.save(update_fields=["given_name"])
    trail.record_audit(
        actor=actor,
        now=now,
        action="analytics.lifestyle_named",
        subject=f"lifestyle:{code}",
        details={"before": before, "name": str(row)},
    )
    categories = tuple((category, weight) for category, weight in row.categories)
    return Lifestyle(row.code, str(row), row.name, categories, row.members)


@transaction.atomic(durable=True)
def set_learning_settings(
    *,
    actor: Actor,
    now: datetime,
    keeps_sensitive_out: bool,
    sensitive_patterns: Iterable[str],
    risk_horizon_weeks: int | None,
) -> LearningSettings:
    """Decide what is kept out of every inference, and how long a silence churn risk is about.

    What is kept out from now on is forgotten at once: lifestyles that were made of it go, and so does what is
    said of members' lifestyles, until the job that this enqueues has learnt anew. Leaves an audit line.
    Raises LearningSettingInvalid.
    """
    patterns = tuple(dict.fromkeys(" ".join(one.split()).casefold() for one in sensitive_patterns))
    if len(patterns) > PATTERNS_MAX or any(not 2 <= len(one) <= NAME_MAX for one in patterns):
        raise LearningSettingInvalid(
            f"At most {PATTERNS_MAX} beginnings of words, each of 2 to {NAME_MAX} characters."
        )
    low, high = HORIZON_BOUNDS
    if risk_horizon_weeks is not None and not low <= risk_horizon_weeks <= high:
        raise LearningSettingInvalid(f"The horizon has {low} to {high} weeks.")
    before = get_learning_settings()
    after = LearningSettings(keeps_sensitive_out, patterns, risk_horizon_weeks)
    LearningSetting.objects.update_or_create(
        pk=1,
        defaults={
            "keeps_sensitive_out": keeps_sensitive_out,
            "sensitive_patterns": list(patterns),
            "risk_horizon_weeks": risk_horizon_weeks,
        },
    )
    if keeps_sensitive_out:
        _forget_sensitive(after)
    if after != before:
        app.configure_task(LEARN_TASK).defer()
    trail.record_audit(
        actor=actor,
        now=now,
        action="analytics.learning_set",
        subject="analytics:learning",
        details={"before": _write(before), "after": _write(after)},
    )
    return after


@transaction.atomic(durable=True)
def set_bracket_days(*, actor: Actor, now: datetime, days: Sequence[int]) -> None:
    """Decide in which brackets of days retention is read: where each begins, and the day after the last.

    None at all: the usual ones again. The reports of retention are made anew, by jobs. Leaves an audit line.
    Raises BracketsInvalid.
    """
    told = tuple(days)
    rises = all(low < high for low, high in pairwise(told))
    if told and not (2 <= len(told) <= BRACKETS_MAX + 1 and rises and told[0] >= 1 and told[-1] <= AGE_MAX):
        raise BracketsInvalid(
            f"Write at least two days that rise from 1 on, {BRACKETS_MAX + 1} at most: 1, 8, 29, 85."
        )
    before = find_bracket_days()
    if told:
        RetentionSetting.objects.update_or_create(pk=1, defaults={"brackets": list(told)})
    else:
        RetentionSetting.objects.filter(pk=1).delete()
    if (before or ()) != told:
        for span in Span:
            ask_report(kind=ReportKind.RETENTION, period=span, now=now)
    trail.record_audit(
        actor=actor,
        now=now,
        action="analytics.brackets_set",
        subject="analytics:retention",
        details={"before": list(before or ()), "after": list(told)},
    )


def _forget_sensitive(settings: LearningSettings) -> None:
    pattern = compile_patterns(settings.sensitive_patterns)
    gone = [
        row.code
        for row in LifestyleTheme.objects.select_for_update().order_by("code")
        if any(is_sensitive((name,), pattern) for name, _ in row.categories)
    ]
    if gone:
        LifestyleTheme.objects.filter(pk__in=gone).delete()
        MemberMeasure.objects.exclude(lifestyles=[]).update(lifestyles=[])


def _write(settings: LearningSettings) -> dict[str, object]:
    return {
        "keeps_sensitive_out": settings.keeps_sensitive_out,
        "sensitive_patterns": list(settings.sensitive_patterns),
        "risk_horizon_weeks": settings.risk_horizon_weeks,
    }
