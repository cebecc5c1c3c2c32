"""Jobs of recommend."""

from procrastinate.contrib.django import app

from regulars.kit.clock import utc_now
from regulars.recommend import facade as recommend


@app.periodic(cron="41 2 * * *")
@app.task(name="recommend.purge_shown", queueing_lock="recommend.purge_shown")
def purge(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every night: forget what was shown long ago."""
    gone = 0
    while count := recommend.purge_shown(now=utc_now()):
        gone += count
    return gone


@app.periodic(cron="6-59/10 * * * *", periodic_id="recommend_learn")
@app.task(name="recommend.learn", queueing_lock="recommend.learn", lock="recommend.learn")
def learn(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every ten minutes: learn models if a week has passed or none serves, and make everybody's candidates
    anew if the facts reach another day. Gives the number of members.
    """
    try:
        return recommend.learn_what_is_due(now=utc_now())
    except (recommend.AnalyticsMissing, recommend.FactsMissing):
        return 0


@app.task(name="recommend.train", lock="recommend.learn")
def train() -> int:
    """Learn anew because somebody wants it, and make everybody's candidates; gives the number of members."""
    try:
        recommend.train_models(now=utc_now())
        scored = recommend.score_members(now=utc_now())
    except (recommend.AnalyticsMissing, recommend.FactsMissing):
        return 0
    return 0 if scored is None else scored.members


@app.task(name="recommend.score", lock="recommend.learn")
def score() -> int:
    """Make everybody's candidates anew, as what may be concluded has changed; gives the number of members.

    Where the model's file is gone the next `learn` trains a new one.
    """
    try:
        scored = recommend.score_members(now=utc_now())
    except (recommend.AnalyticsMissing, recommend.FactsMissing, recommend.ModelUnreadable):
        return 0
    return 0 if scored is None else scored.members


@app.task(name="recommend.make_backtest", lock="recommend.learn")
def backtest(backtest_id: int) -> bool:
    """Compare all models, for somebody who waits."""
    return recommend.make_backtest(backtest_id=backtest_id, now=utc_now())
