"""Jobs of the tiers: status falls by the calendar, with nobody doing anything."""

from procrastinate.contrib.django import app

from regulars.kit.clock import utc_now
from regulars.tiers.facade import REVIEW_BATCH, note_ranks, review_standings


@app.periodic(cron="17 * * * *", periodic_id="tiers")
@app.task(
    name="tiers.review_standings", queueing_lock="tiers.review_standings", lock="tiers.review_standings"
)
def review(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Once an hour, so that the night's work is done soon after midnight wherever the programme is at home.

    Each batch is a transaction of its own. Gives the number of standings reviewed.
    """
    reviewed = 0
    while batch := review_standings(now=utc_now(), limit=REVIEW_BATCH):
        reviewed += batch
    return reviewed


@app.periodic(cron="*/5 * * * *", periodic_id="tiers")
@app.task(name="tiers.note_ranks", queueing_lock="tiers.note_ranks", lock="tiers.note_ranks")
def note(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every five minutes: lists of members learn in which tier everybody stands. Gives how many moved."""
    return note_ranks(now=utc_now())
