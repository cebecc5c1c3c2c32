"""The door of recommend: what members will want, what they can have, and why.

Shelves: list_shelves, get_shelf, list_for_nobody, find_similar. A member's own say:
set_personal, dismiss_product, forget_purchase and their way back, note_feedback; what is known of them:
get_taste, list_dismissals, is_personal. Rewards: suggest_rewards, related_rewards. The marketer: set_mark,
end_mark, list_marks. Support: list_shown, explain_shown. Learning: train_models, score_members, run_backtest,
ask_backtest, find_backtest, list_models, is_behind; what needs the `analytics` extra is imported when called.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from regulars.analytics.facade import OrderFile
from regulars.facts.facade import AnalyticsMissing, FactsMissing, open_facts
from regulars.recommend.errors import (
    MarkInvalid,
    MarkNotFound,
    ModelUnreadable,
    ProductUnknown,
    ShownNotFound,
    TooLittleKnown,
)
from regulars.recommend.operations.asking import ask_backtest
from regulars.recommend.operations.choices import (
    decline_interests,
    dismiss_product,
    forget_purchase,
    note_feedback,
    remember_purchase,
    restore_product,
    restore_reward,
    set_personal,
)
from regulars.recommend.operations.marks import end_mark, set_mark
from regulars.recommend.operations.requests import request_backtest, request_scoring, request_training
from regulars.recommend.operations.showing import (
    get_shelf,
    list_for_nobody,
    list_shelves,
    purge_shown,
)
from regulars.recommend.operations.suggesting import related_rewards, suggest_rewards
from regulars.recommend.policies import leave_out_twins
from regulars.recommend.queries.backtests import (
    find_backtest,
    find_made_backtest,
    is_behind,
    is_scoring_due,
    is_training_due,
    list_models,
)
from regulars.recommend.queries.interests import list_interests
from regulars.recommend.queries.marks import list_marks, list_marks_in_force
from regulars.recommend.queries.quality import MadeFor, ServedCount, count_made_for, count_served
from regulars.recommend.queries.shown import explain_shown, get_shown, list_serving_models, list_shown
from regulars.recommend.queries.similar import find_similar
from regulars.recommend.queries.tastes import get_taste, has_declined_interests, is_personal, list_dismissals
from regulars.recommend.types import (
    REWARDS_SHELF,
    BacktestLine,
    BacktestView,
    DismissalKind,
    DismissalView,
    FeedbackKind,
    Liking,
    MarkKind,
    MarkSubject,
    MarkView,
    ModelView,
    Placement,
    Reason,
    ReasonCode,
    RecentPurchase,
    RewardSuggestion,
    ServedBy,
    ServedShelf,
    ServingModel,
    ShelfCode,
    ShelfItem,
    ShownItem,
    ShownView,
    Task,
    TasteView,
)
from regulars.recommend.wording import explain_shelf, name_shelf, say_pace, say_reason

if TYPE_CHECKING:
    from regulars.recommend.operations.scoring import Scored
    from regulars.recommend.operations.training import Training

__all__ = [
    "REWARDS_SHELF",
    "AnalyticsMissing",
    "BacktestLine",
    "BacktestView",
    "DismissalKind",
    "DismissalView",
    "FactsMissing",
    "FeedbackKind",
    "Liking",
    "MadeFor",
    "MarkInvalid",
    "MarkKind",
    "MarkNotFound",
    "MarkSubject",
    "MarkView",
    "ModelUnreadable",
    "ModelView",
    "Placement",
    "ProductUnknown",
    "Reason",
    "ReasonCode",
    "RecentPurchase",
    "RewardSuggestion",
    "ServedBy",
    "ServedCount",
    "ServedShelf",
    "ServingModel",
    "ShelfCode",
    "ShelfItem",
    "ShownItem",
    "ShownNotFound",
    "ShownView",
    "Task",
    "TasteView",
    "TooLittleKnown",
    "ask_backtest",
    "backtest_orders",
    "begin_plain",
    "count_made_for",
    "count_served",
    "decline_interests",
    "dismiss_product",
    "end_mark",
    "explain_shelf",
    "explain_shown",
    "find_backtest",
    "find_made_backtest",
    "find_similar",
    "forget_purchase",
    "get_shelf",
    "get_shown",
    "get_taste",
    "has_declined_interests",
    "is_behind",
    "is_personal",
    "learn_what_is_due",
    "leave_out_twins",
    "list_dismissals",
    "list_for_nobody",
    "list_interests",
    "list_marks",
    "list_marks_in_force",
    "list_models",
    "list_serving_models",
    "list_shelves",
    "list_shown",
    "make_backtest",
    "name_shelf",
    "note_feedback",
    "purge_shown",
    "related_rewards",
    "remember_purchase",
    "request_backtest",
    "request_scoring",
    "request_training",
    "restore_product",
    "restore_reward",
    "run_backtest",
    "say_pace",
    "say_reason",
    "score_members",
    "set_mark",
    "set_personal",
    "suggest_rewards",
    "train_models",
]


def train_models(*, now: datetime) -> "Training | None":
    """Choose, train and swap in the models; None: others learn just now. See `operations/training.py`.

    Raises AnalyticsMissing, FactsMissing.
    """
    with open_facts() as facts:
        from regulars.recommend.operations import training  # noqa: PLC0415 - heavy: see above

        return training.train_models(facts=facts, now=now)


def score_members(*, now: datetime) -> "Scored | None":
    """Make everybody's candidates anew; None: others learn just now, or no model serves.

    Raises AnalyticsMissing, FactsMissing, ModelUnreadable. See `operations/scoring.py`.
    """
    with open_facts() as facts:
        from regulars.recommend.operations import scoring  # noqa: PLC0415 - heavy: see above

        return scoring.score_members(facts=facts, now=now)


def begin_plain(*, now: datetime) -> None:
    """Where no model serves yet, have habit serve, and make everybody's first candidates.

    Raises AnalyticsMissing, FactsMissing.
    """
    with open_facts() as facts:
        from regulars.recommend.operations import scoring, training  # noqa: PLC0415 - heavy: see above

        if training.begin_plain(facts=facts, now=now):
            scoring.score_members(facts=facts, now=now)


def learn_what_is_due(*, now: datetime) -> int:
    """Train if that is due, and score if that is; gives the number of members scored.

    The very first time habit serves until the comparison is done. A model whose file is gone is learnt anew
    at once. Raises AnalyticsMissing, FactsMissing.
    """
    trained = None
    if is_training_due(now):
        begin_plain(now=now)
        trained = train_models(now=now)
    if trained is None and not is_scoring_due(now):
        return 0
    try:
        scored = score_members(now=now)
    except ModelUnreadable:
        train_models(now=now)
        scored = score_members(now=now)
    return 0 if scored is None else scored.members


def run_backtest(*, now: datetime, on_tried: Callable[[str], None] | None = None) -> BacktestView:
    """Compare all models on the shop's own past, here and now, and store the table.

    Raises AnalyticsMissing, FactsMissing, TooLittleKnown.
    """
    with open_facts() as facts:
        from regulars.recommend.operations import backtests  # noqa: PLC0415 - heavy: see above

        return backtests.run_backtest(facts=facts, now=now, on_tried=on_tried)


def backtest_orders(
    file: OrderFile,
    *,
    now: datetime,
    days: int | None = None,
    buyers_min: int | None = None,
    on_tried: Callable[[str], None] | None = None,
) -> BacktestView:
    """Compare all models on an order file (`analytics.read_orders` with its lines); nothing is stored.

    Raises TooLittleKnown. `days`: how many of the last are asked for; `buyers_min` of an item: ten, or
    a twentieth of a small shop's members.
    """
    from regulars.recommend.operations import backtests  # noqa: PLC0415 - heavy: see above

    return backtests.compare_on_file(
        facts=file.facts, days=days, buyers_min=buyers_min, now=now, on_tried=on_tried
    )


def make_backtest(*, backtest_id: int, now: datetime) -> bool:
    """Make a back-test that somebody waits for; whether there was anything to do. As `run_backtest`."""
    with open_facts() as facts:
        from regulars.recommend.operations import backtests  # noqa: PLC0415 - heavy: see above

        return backtests.make_backtest(backtest_id=backtest_id, facts=facts, now=now)
