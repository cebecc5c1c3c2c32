"""Jobs of identity."""

from procrastinate.contrib.django import app

from regulars.identity.facade import purge_sign_ins
from regulars.kit.clock import utc_now


@app.periodic(cron="17 3 * * *")
@app.task(name="identity.purge_sign_ins", queueing_lock="identity.purge_sign_ins")
def purge(timestamp: int) -> None:  # noqa: ARG001  (procrastinate hands the time over by this name)
    """Once a night."""
    purge_sign_ins(now=utc_now())
