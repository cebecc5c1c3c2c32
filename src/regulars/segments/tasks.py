"""Jobs of segments."""

from procrastinate.contrib.django import app

from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.segments import facade as segments


@app.periodic(cron="* * * * * */2", periodic_id="segments")
@app.task(name="segments.follow_changes", queueing_lock="segments.follow_changes", lock="segments.follow")
def follow(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every two seconds: test again whom something happened to, or everybody where a reward sold out."""
    if segments.follow_quick_stamps(now=utc_now()):
        app.configure_task("segments.rebuild_soon").defer()
    return segments.follow_changes(now=utc_now()).changes


@app.periodic(cron="* * * * *", periodic_id="segments")
@app.task(name="segments.rebuild_due", queueing_lock="segments.rebuild_due", lock="segments.rebuild")
def rebuild(timestamp: int) -> int:  # noqa: ARG001
    """Every minute: rebuild what a new day, a changed definition or a changed price list asks for."""
    segments.keep_built_in(actor=SYSTEM, now=utc_now())
    segments.follow_stamps(now=utc_now())
    return len(segments.rebuild_due(now=utc_now()))


@app.task(name="segments.rebuild_soon", lock="segments.rebuild")
def rebuild_soon() -> int:
    """At once: somebody saved a definition and waits."""
    return len(segments.rebuild_due(now=utc_now()))
