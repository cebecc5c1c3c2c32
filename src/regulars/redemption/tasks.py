"""Jobs of redemption."""

from procrastinate.contrib.django import app

from regulars.kit.clock import utc_now
from regulars.redemption.facade import time_out_reservations


@app.periodic(cron="* * * * *")
@app.task(name="redemption.time_out_reservations", queueing_lock="redemption.time_out_reservations")
def time_out(timestamp: int) -> None:  # noqa: ARG001  (procrastinate hands the time over by this name)
    """Every minute."""
    time_out_reservations(now=utc_now())
