"""Jobs of the ledger: each drains what is due, in transactions of bounded size."""

import logging
from datetime import datetime
from typing import Protocol

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger

log = logging.getLogger(__name__)


class _SweepStep(Protocol):
    def __call__(self, *, now: datetime) -> ledger.Sweep: ...


@app.periodic(cron="*/5 * * * *", periodic_id="ledger")
@app.task(queueing_lock="ledger_expire", lock="ledger_expire")
def expire_lots(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every five minutes: lots that are due lapse. Gives the number of lots."""
    return _drain(ledger.expire_due)


@app.periodic(cron="* * * * *", periodic_id="ledger")
@app.task(queueing_lock="ledger_activate", lock="ledger_activate")
def activate_lots(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every minute: pending points become active. Gives the number of lots."""
    return _drain(ledger.activate_due)


@app.periodic(cron="* * * * *", periodic_id="ledger")
@app.task(queueing_lock="ledger_release", lock="ledger_release")
def release_holds(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every minute: holds that timed out are released. Gives the number of holds."""
    return _drain(ledger.release_timed_out_holds)


@app.periodic(cron="17 3 * * *", periodic_id="ledger")
@app.task(
    queueing_lock="ledger_seal",
    lock="ledger_seal",
    # Of several machines perhaps only one has the signing key: the job comes by again.
    retry=RetryStrategy(max_attempts=20, wait=60, retry_exceptions={ledger.SigningKeyUnusable}),
)
def seal_ledger(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every night: what was posted is sealed and signed. Gives the number of the checkpoint.

    It rests most of the time, so that postings hardly notice.
    """
    report = ledger.seal_ledger(actor=SYSTEM, now=utc_now(), share=ledger.QUIET_SHARE)
    if report.broken:
        log.error("Entries are missing in the journal: run `regulars doctor --ledger`.")
    return report.checkpoint


@app.periodic(cron="* * * * *", periodic_id="ledger")
@app.task(queueing_lock="ledger_carry", lock="ledger_carry")
def carry_strays(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every minute: what reached a merged member's wallets goes to the survivor. Gives how many wallets."""
    return _drain(ledger.carry_strays)


@app.periodic(cron="*/5 * * * *", periodic_id="ledger")
@app.task(queueing_lock="ledger_reach", lock="ledger_reach")
def renew_reach(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every five minutes: how many members can pay how much is counted anew. Gives the number of steps."""
    return ledger.renew_reach(now=utc_now())


@app.periodic(cron="*/5 * * * *", periodic_id="ledger")
@app.task(queueing_lock="ledger_note_points", lock="ledger_note_points")
def note_points(timestamp: int) -> int:  # noqa: ARG001 (procrastinate hands it over)
    """Every five minutes: lists of members learn what everybody has. Gives of how many it is new."""
    return ledger.note_points()


def _drain(step: _SweepStep) -> int:
    items = 0
    while True:
        sweep = step(now=utc_now())
        items += sweep.items
        if not sweep.more:
            return items
