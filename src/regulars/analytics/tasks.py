"""Jobs of analytics."""

from procrastinate.contrib.django import app

from regulars.analytics import facade as analytics
from regulars.kit.clock import utc_now


@app.periodic(cron="47 3 * * *", periodic_id="analytics")
@app.task(name="analytics.purge_reports", queueing_lock="analytics.purge_reports")
def purge(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Once a night: drop reports that were made long ago."""
    return analytics.purge_reports(now=utc_now())
