"""Churn risk: learnt from several past days, tested on a later one, told with its reasons.

It is never 1 − P(alive): that figure ranked a real shop's members worse than chance (AUC 0.46).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from regulars.analytics.codes import Unknown
from regulars.analytics.lastday import find_last_day
from regulars.analytics.risk.features import (
    FEATURES,
    FIGURES,
    Cause,
    Examples,
    Members,
    Numbers,
    read_examples,
    read_labels,
)
from regulars.analytics.risk.learning import (
    FOLDS,
    SEED,
    Calibration,
    Scorer,
    can_grow_trees,
    fit_calibration,
    fit_line,
    fit_trees,
)
from regulars.analytics.risk.quality import Quality, judge
from regulars.analytics.types import Reason
from regulars.facts.facade import Facts

DAYS = 7
HORIZON_WEEKS = 8
HORIZON_BOUNDS = (4, 26)
STEP_DAYS = 28
CUT_OFFS = 6
KNOWN_DAYS = 56
"""Of history before a cut-off: with less nobody has a rhythm yet."""
ROWS_MAX = 300_000
"""Rows learnt from; of more members some are drawn. Everybody is scored."""
TREES_MEMBERS = 1000
EACH_MIN = 30
"""Of members who fell silent and who did not, fewer of which teach nothing."""
REASONS = 3
CHUNK = 50_000


class Learner(StrEnum):
    """What the risk was learnt by."""

    TREES = "lightgbm"
    LINE = "logistic"


class Yardstick(StrEnum):
    """What the quality was found on."""

    LATER = "later_day"
    OTHERS = "other_members"
    """The history is too short for a later day: members whom the model was not shown, on the same days."""


@dataclass(frozen=True, slots=True)
class Risks:
    """The risk of everybody who has bought, and how well such risks did on the past.

    `active` is the quality over those alone who bought within the horizon before the day of the test;
    `raw` is over all, before calibration.
    """

    members: Members
    risk: Numbers
    reasons: tuple[tuple[Reason, ...], ...]
    horizon_weeks: int
    learner: Learner | None = None
    tested: Yardstick | None = None
    tested_before: date | None = None
    everybody: Quality | None = None
    active: Quality | None = None
    raw: Quality | None = None
    cut_offs: tuple[date, ...] = ()
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """Features and outcomes of several cut-offs, one below the other."""

    members: Members
    features: Numbers
    silent: NDArray[np.bool_]


def choose_horizon(lapsed_after_days: int | None) -> int:
    """Weeks of silence that count as leaving: as long as after which this shop's members have lapsed, in
    steps of four weeks; 8 where the shop's interval is unknown.
    """
    if lapsed_after_days is None:
        return HORIZON_WEEKS
    weeks = 4 * round(lapsed_after_days / DAYS / 4)
    return min(max(weeks, HORIZON_BOUNDS[0]), HORIZON_BOUNDS[1])


def choose_learner(members: int) -> Learner:
    """Trees where there are members enough, and where this machine can grow them."""
    return Learner.TREES if members >= TREES_MEMBERS and can_grow_trees() else Learner.LINE


def estimate_risks(facts: Facts, *, horizon_weeks: int = HORIZON_WEEKS) -> Risks:
    """The risk of everybody who has bought that they buy nothing in the next weeks.

    Learnt at cut-offs four weeks apart, the last of which is the horizon ago. The quality is that of a model
    which learnt only from what was known on the day of the test.
    """
    days = horizon_weeks * DAYS
    first, last = facts.orders.occurred_on.min().to_pyarrow().as_py(), find_last_day(facts)
    if last is None:
        return _give_up(horizon_weeks, Unknown.NO_DATA)
    now = last + timedelta(days=1)
    cut_offs = [
        day
        for number in range(2 * CUT_OFFS)
        if (day := now - timedelta(days=days + STEP_DAYS * number)) >= first + timedelta(days=KNOWN_DAYS)
    ]
    if not cut_offs:
        return _give_up(horizon_weeks, Unknown.HISTORY_TOO_SHORT)
    earlier = [day for day in cut_offs if day <= cut_offs[0] - timedelta(days=days)][:CUT_OFFS]
    used = cut_offs[:CUT_OFFS]
    examples = {day: read_examples(facts, day) for day in {*used, *earlier}}
    silent = {day: read_labels(facts, found, days) for day, found in examples.items()}
    lesson = _gather(used, examples, silent)
    if min(np.unique(lesson.members[lesson.silent == one]).size for one in (True, False)) < EACH_MIN:
        return _give_up(horizon_weeks, Unknown.TOO_FEW)
    learner = choose_learner(len(np.unique(lesson.members)))
    scorer, calibration, outside = _learn(lesson, learner)
    current = read_examples(facts, now)
    risk, reasons = _foretell(scorer, calibration, current)
    test = _test(earlier, cut_offs[0], examples, silent, learner)
    if test is None:
        tested, rows, scores, honest = Yardstick.OTHERS, lesson, outside, calibration.apply(outside)
    else:
        tested, (rows, scores, honest) = Yardstick.LATER, test
    active = rows.features[:, list(FEATURES).index("silent_days")] <= days
    return Risks(
        members=current.members,
        risk=risk,
        reasons=reasons,
        horizon_weeks=horizon_weeks,
        learner=learner,
        tested=tested,
        tested_before=cut_offs[0],
        everybody=judge(honest, rows.silent),
        active=judge(honest[active], rows.silent[active]) if active.any() else None,
        raw=judge(Calibration().apply(scores), rows.silent),
        cut_offs=tuple(used),
    )


def _give_up(horizon_weeks: int, unknown: Unknown) -> Risks:
    return Risks(np.empty(0, dtype=np.int64), np.empty(0), (), horizon_weeks, unknown=unknown)


def _gather(
    days: list[date], examples: dict[date, Examples], silent: dict[date, NDArray[np.bool_]]
) -> Lesson:
    """Rows of several cut-offs; of many members some are drawn, and then at all of the cut-offs."""
    members = np.concatenate([examples[day].members for day in days])
    features = np.concatenate([examples[day].features for day in days])
    outcome = np.concatenate([silent[day] for day in days])
    if len(members) > ROWS_MAX:
        kept = _deal(members, 1 + len(members) // ROWS_MAX) == 0
        members, features, outcome = members[kept], features[kept], outcome[kept]
    return Lesson(members, features, outcome)


def _deal(members: Members, parts: int) -> NDArray[np.int64]:
    """A part for each member, the same at every cut-off, by a permutation from a fixed seed."""
    distinct, back = np.unique(members, return_inverse=True)
    order = np.random.default_rng(SEED).permutation(len(distinct))
    dealt: NDArray[np.int64] = (order % parts)[back]
    return dealt


def _learn(lesson: Lesson, learner: Learner) -> tuple[Scorer, Calibration, Numbers]:
    """The model over all rows, calibrated on scores that other members' models gave (returned last)."""
    fit = fit_trees if learner is Learner.TREES else fit_line
    fold = _deal(lesson.members, FOLDS)
    outside = np.empty(len(fold))
    for number in range(FOLDS):
        shown = fold != number
        outside[~shown] = fit(lesson.features[shown], lesson.silent[shown]).score(lesson.features[~shown])
    return fit(lesson.features, lesson.silent), fit_calibration(outside, lesson.silent), outside


def _test(
    earlier: list[date],
    day: date,
    examples: dict[date, Examples],
    silent: dict[date, NDArray[np.bool_]],
    learner: Learner,
) -> tuple[Lesson, Numbers, Numbers] | None:
    """Foretell from `day` on with what could be learnt by then: rows, scores, calibrated risks."""
    if not earlier:
        return None
    lesson = _gather(earlier, examples, silent)
    if min(lesson.silent.sum(), (~lesson.silent).sum()) < EACH_MIN:
        return None
    scorer, calibration, _ = _learn(lesson, learner)
    rows = Lesson(examples[day].members, examples[day].features, silent[day])
    scores = scorer.score(rows.features)
    return rows, scores, calibration.apply(scores)


def _foretell(
    scorer: Scorer, calibration: Calibration, current: Examples
) -> tuple[Numbers, tuple[tuple[Reason, ...], ...]]:
    risks, reasons = [], []
    for start in range(0, len(current.members), CHUNK):
        part = current.features[start : start + CHUNK]
        scores = scorer.score(part)
        risks.append(calibration.apply(scores))
        reasons.extend(_explain(part, scores, scorer.share(part), calibration))
    return np.concatenate(risks) if risks else np.empty(0), tuple(reasons)


def _explain(
    features: Numbers, scores: Numbers, shares: Numbers, calibration: Calibration
) -> list[tuple[Reason, ...]]:
    """The strongest reasons of each row: by how much each alone moves the risk of the usual member.

    Together they do not add up to the risk: what several of them say at once counts once.
    """
    causes, names = list(Cause), list(FEATURES)
    belongs = np.array([[FEATURES[name] is cause for cause in causes] for name in names], dtype=np.float64)
    usual = (scores - shares.sum(axis=1))[:, None]
    effects = calibration.apply(usual + shares @ belongs) - calibration.apply(usual)
    figures = features[:, [names.index(FIGURES[cause]) for cause in causes]]
    strongest = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :REASONS]
    return [
        tuple(
            Reason(
                causes[column].value,
                round(float(effects[row, column]), 4),
                None if np.isnan(figures[row, column]) else round(float(figures[row, column]), 2),
            )
            for column in chosen
        )
        for row, chosen in enumerate(strongest)
    ]
