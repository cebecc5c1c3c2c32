"""Jobs of delivery."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from regulars.delivery.facade import (
    RUNS_MAX,
    SEND_TASK,
    TEXT_TASK,
    attempt_email,
    attempt_text,
    purge_emails,
)
from regulars.kit.clock import utc_now

# 5 s, 25 s, 2 min, 10 min, 52 min after each failure.
RETRY = RetryStrategy(max_attempts=RUNS_MAX - 1, exponential_wait=5)


@app.task(name=SEND_TASK, retry=RETRY)
def send(email_id: int) -> None:
    """Try to send one message."""
    attempt_email(email_id=email_id, now=utc_now())


@app.task(name=TEXT_TASK, retry=RETRY)
def send_text_message(text_id: int) -> None:
    """Try to send one text message."""
    attempt_text(text_id=text_id, now=utc_now())


@app.periodic(cron="41 3 * * *")
@app.task(name="delivery.purge_emails", queueing_lock="delivery.purge_emails")
def purge(timestamp: int) -> None:  # noqa: ARG001  (procrastinate hands the time over by this name)
    """Once a night."""
    purge_emails(now=utc_now())
