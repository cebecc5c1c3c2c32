"""Jobs of earning."""

from procrastinate.contrib.django import app

from regulars.earning.facade import submit_birthdays
from regulars.kit.clock import utc_now


@app.periodic(cron="5 * * * *", periodic_id="earning")
@app.task(queueing_lock="earning_birthdays", lock="earning_birthdays")
def greet_birthdays(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every hour: soon after midnight wherever the programme is at home. Gives the number of new events."""
    return submit_birthdays(now=utc_now())
