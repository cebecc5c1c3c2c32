"""Jobs of facts: they are copied all the time, and compared once a night."""

import logging

from procrastinate.contrib.django import app

from regulars.facts import facade as facts
from regulars.kit.clock import utc_now

log = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *", periodic_id="facts")
@app.task(name="facts.sync_facts", queueing_lock="facts.sync_facts", lock="facts.sync_facts")
def sync(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every ten minutes: copy what changed. Gives the number of rows written."""
    return _sync()


@app.periodic(cron="23 2 * * *", periodic_id="facts")
@app.task(name="facts.mend_facts", queueing_lock="facts.mend_facts", lock="facts.sync_facts")
def mend(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Once a night: compare with PostgreSQL, and copy everything where they part. Gives the rows written."""
    try:
        report = facts.verify_facts()
    except (facts.AnalyticsMissing, facts.FactsMissing, facts.FactsBusy):
        return 0
    if report.ok:
        return 0
    for difference in report.differences:
        log.error("Facts of %s %s: %s.", difference.table, difference.month, difference.problem)
    return _sync(whole=True)


def _sync(*, whole: bool = False) -> int:
    try:
        report = facts.sync_facts(now=utc_now(), whole=whole)
        if report.rows_written:
            facts.tell_followers(now=utc_now())
        return report.rows_written
    except facts.FactsBusy:
        return 0
    except facts.AnalyticsMissing:
        # Those who do without measures need no facts: nobody is told every ten minutes.
        return 0
