"""Jobs of members."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from regulars.kit.clock import utc_now
from regulars.members.facade import COPY_TASK, carry_out_requests, purge_copies, write_copy


@app.task(name=COPY_TASK, retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def write(request_id: int) -> None:
    """Write one copy."""
    write_copy(now=utc_now(), request_id=request_id)


@app.periodic(cron="17 * * * *")
@app.task(name="members.carry_out_requests", queueing_lock="members.carry_out_requests")
def carry_out(timestamp: int) -> None:  # noqa: ARG001  (procrastinate hands the time over by this name)
    """Every hour."""
    now = utc_now()
    carry_out_requests(now=now)
    purge_copies(now=now)
