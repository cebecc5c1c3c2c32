"""Jobs of analytics."""

from procrastinate.contrib.django import app

from regulars.analytics import facade as analytics
from regulars.analytics.policies import REFRESH_TASK
from regulars.kit.clock import utc_now


@app.task(name="analytics.make_report", lock="analytics.refresh")
def make(report_id: int) -> bool:
    """Make a report that somebody waits for."""
    return analytics.make_report(report_id=report_id, now=utc_now())


@app.task(name="analytics.list_behind", lock="analytics.behind")
def list_behind(list_id: int) -> bool:
    """List the members behind a number, for somebody who waits."""
    return analytics.make_behind(list_id=list_id, now=utc_now())


@app.periodic(cron="4-59/10 * * * *", periodic_id="analytics_refresh")
@app.task(name=REFRESH_TASK, queueing_lock=REFRESH_TASK, lock=REFRESH_TASK)
def refresh(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every ten minutes: measure anew if the facts reach another day, or say otherwise of a past one. Gives
    the number of reports made.
    """
    now = utc_now()
    try:
        made = analytics.refresh_measures(now=now) if analytics.is_behind(now=now) else None
    except (analytics.AnalyticsMissing, analytics.FactsMissing):
        return 0
    return 0 if made is None else made.reports


@app.task(name="analytics.learn_anew", lock="analytics.refresh")
def learn_anew() -> int:
    """After the shop decided otherwise of learning: measure anew though no day has passed. Gives as above."""
    try:
        made = analytics.refresh_measures(now=utc_now())
    except (analytics.AnalyticsMissing, analytics.FactsMissing):
        return 0
    return 0 if made is None else made.reports


@app.periodic(cron="47 3 * * *", periodic_id="analytics")
@app.task(name="analytics.purge_reports", queueing_lock="analytics.purge_reports")
def purge(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Once a night: drop reports and lists that were made long ago."""
    return analytics.purge_reports(now=utc_now()) + analytics.purge_behind(now=utc_now())
