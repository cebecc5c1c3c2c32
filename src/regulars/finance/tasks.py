"""Jobs of finance."""

from procrastinate.contrib.django import app

from regulars.finance import facade as finance
from regulars.kit.clock import utc_now


@app.task(name="finance.make_report")
def make(report_id: int) -> bool:
    """Add up a report that somebody waits for."""
    return finance.make_report(report_id=report_id, now=utc_now())


@app.periodic(cron="41 3 * * *", periodic_id="finance")
@app.task(name="finance.purge_reports", queueing_lock="finance.purge_reports")
def purge(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Once a night: drop reports that were asked for long ago."""
    return finance.purge_reports(now=utc_now())
