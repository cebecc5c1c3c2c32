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
