"""E-mail: sent by a job of the transaction that caused it, through a real SMTP server."""

import smtplib
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Parsing
from django.db import connection, connections, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from regulars.delivery import facade as delivery
from regulars.delivery.facade import EmailState
from regulars.delivery.models import Email
from regulars.delivery.policies import is_final

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


class Mailbox(Parsing):
    """Keeps what arrives; answers a recipient with `refusal` while it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self.refusal = ""

    async def handle_RCPT(  # noqa: N802  (aiosmtpd looks for this name)
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message: Message) -> None:
        self.messages.append(message)


class Bound(Controller):
    """A mail server on a port that the operating system chose: aiosmtpd itself wants to be told one."""

    def __init__(self, handler: Mailbox) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        super().__init__(handler, hostname="127.0.0.1", port=self.socket.getsockname()[1])

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self.socket)


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    box = Mailbox()
    controller = Bound(box)
    controller.start()
    # pytest-django puts a backend in memory in its place; here the real one is meant.
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    settings.DEFAULT_FROM_EMAIL = "Shop <shop@example.org>"
    yield box
    controller.stop()


def send(text: str = "Ваш код: 123456\n", to: str = "ada@example.org") -> int:
    return delivery.send_email(to=to, subject="Your code · код", text=text, now=NOW)


def found(email_id: int) -> delivery.EmailInfo:
    info = delivery.find_email(email_id)
    assert info is not None
    return info


def jobs() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name=delivery.SEND_TASK).order_by("id"))


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Runs a real worker until no job is due."""
    # Its threads would keep their connections, and the test database could not be dropped.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    return run_worker


@pytest.fixture(autouse=True)
def no_jobs_left(db: None) -> None:
    """Jobs of transactional tests stay behind: Django empties only tables that it manages."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def run_worker() -> None:
    # In a thread: where a browser test ran before, this one has an event loop of Playwright's.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_run_worker).result()


def _run_worker() -> None:
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)


# A worker has connections of its own and sees only what is committed; it takes a second to start and stop.
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_message_goes_through_the_worker_to_the_mail_server(
    mailbox: Mailbox, worker: Callable[[], None]
) -> None:
    email_id = send()
    assert found(email_id).state is EmailState.QUEUED
    worker()
    [message] = mailbox.messages
    assert (message["To"], message["From"]) == ("ada@example.org", "Shop <shop@example.org>")
    assert message["Message-ID"] == f"<regulars-{email_id}-20261122093000000000@example.org>"
    said = {part.get_content_type(): part.get_payload(decode=True) for part in message.walk()}
    plain, html = said["text/plain"], said["text/html"]
    assert isinstance(plain, bytes)
    assert isinstance(html, bytes)
    assert plain.decode().strip() == "Ваш код: 123456"
    assert "Ваш код: 123456" in html.decode()
    info = found(email_id)
    assert (info.state, info.attempts, info.error) == (EmailState.SENT, 1, "")
    assert Email.objects.get().text == ""
    assert [job.status for job in jobs()] == ["succeeded"]
    assert "123456" not in repr([job.args for job in jobs()])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_may_pass_is_tried_again_by_the_worker(mailbox: Mailbox, worker: Callable[[], None]) -> None:
    mailbox.refusal = "451 later"
    email_id = send()
    worker()
    info = found(email_id)
    assert (info.state, info.attempts) == (EmailState.QUEUED, 1)
    assert "451" in info.error
    [job] = jobs()
    assert (job.status, job.attempts) == ("todo", 1)
    assert job.scheduled_at is not None
    mailbox.refusal = ""
    delivery.attempt_email(email_id=email_id, now=NOW)
    assert found(email_id).state is EmailState.SENT
    assert len(mailbox.messages) == 1


@pytest.mark.django_db
def test_nothing_of_what_was_sent_is_kept(mailbox: Mailbox) -> None:
    delivery.attempt_email(email_id=send(), now=NOW)
    assert len(mailbox.messages) == 1
    row = Email.objects.get()
    assert (row.state, row.subject, row.text) == (EmailState.SENT, "", "")


@pytest.mark.django_db
def test_a_refusal_for_good_is_not_tried_again(mailbox: Mailbox) -> None:
    mailbox.refusal = "550 no such mailbox"
    email_id = send()
    delivery.attempt_email(email_id=email_id, now=NOW)
    info = found(email_id)
    assert (info.state, info.attempts) == (EmailState.FAILED, 1)
    assert (Email.objects.get().subject, Email.objects.get().text) == ("", "")
    delivery.attempt_email(email_id=email_id, now=NOW)
    assert found(email_id) == info


@pytest.mark.django_db
def test_the_sixth_run_is_the_last(mailbox: Mailbox) -> None:
    mailbox.refusal = "451 later"
    email_id = send()
    for _ in range(delivery.RUNS_MAX - 1):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            delivery.attempt_email(email_id=email_id, now=NOW)
    delivery.attempt_email(email_id=email_id, now=NOW)
    assert (found(email_id).state, found(email_id).attempts) == (EmailState.FAILED, delivery.RUNS_MAX)


@pytest.mark.django_db
def test_retries_of_the_job_and_of_the_message_end_together() -> None:
    task = app.tasks[delivery.SEND_TASK]
    # procrastinate runs once more than it retries.
    assert task.retry_strategy.max_attempts == delivery.RUNS_MAX - 1  # type: ignore[union-attr]


@pytest.mark.django_db
def test_no_server_is_no_end(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    email_id = send()
    with pytest.raises(OSError):
        delivery.attempt_email(email_id=email_id, now=NOW)
    assert found(email_id).state is EmailState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_a_message_comes_with_its_transaction_or_not_at_all() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        send()
        raise ZeroDivisionError
    assert (Email.objects.count(), jobs()) == (0, [])
    with transaction.atomic():
        send()
        assert len(jobs()) == 1
    assert Email.objects.count() == len(jobs()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": "Hello\nBcc: all@example.org"}, "subject"),
        ({"subject": "Hello\rBcc: all@example.org"}, "subject"),
        ({"subject": "Hello\u2028there"}, "subject"),
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"to": "ada@example.org\nBcc: all@example.org"}, "to"),
        ({"to": "ada@example.org, bob@example.org"}, "to"),
        ({"to": "Ada <ada@example.org>"}, "to"),
        ({"to": '"a\x0bb"@example.org'}, "to"),
        ({"to": ""}, "to"),
        ({"text": " "}, "text"),
        ({"text": "a\0b"}, "text"),
    ],
)
def test_a_header_cannot_smuggle_another(change: dict[str, str], field: str) -> None:
    given = {"to": "ada@example.org", "subject": "Hello", "text": "Text"} | change
    with pytest.raises(delivery.EmailRefused) as refusal:
        delivery.send_email(**given, now=NOW)
    assert refusal.value.extra["field"] == field
    assert (Email.objects.count(), jobs()) == (0, [])


@pytest.mark.django_db
def test_a_forgotten_recipient_gets_nothing_more(mailbox: Mailbox) -> None:
    email_id, other_id = send(to="Ada@Example.org"), send(to="bob@example.org")
    delivery.forget_recipient(to="ada@example.org")
    delivery.attempt_email(email_id=email_id, now=NOW)
    assert mailbox.messages == []
    assert (found(email_id).to, found(email_id).state) == ("", EmailState.FORGOTTEN)
    assert found(other_id).to == "bob@example.org"


@pytest.mark.django_db
def test_old_messages_are_thrown_away_but_not_those_that_wait(mailbox: Mailbox) -> None:
    sent_id, waiting_id = send(), send()
    delivery.attempt_email(email_id=sent_id, now=NOW)
    delivery.purge_emails(now=NOW + timedelta(days=30))
    assert found(sent_id).state is EmailState.SENT
    delivery.purge_emails(now=NOW + timedelta(days=31))
    assert delivery.find_email(sent_id) is None
    assert found(waiting_id).state is EmailState.QUEUED


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (smtplib.SMTPDataError(554, b"no"), True),
        (smtplib.SMTPDataError(452, b"full"), False),
        (smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"no")}), True),
        (smtplib.SMTPRecipientsRefused({"a@example.org": (450, b"busy")}), False),
        (smtplib.SMTPAuthenticationError(535, b"no"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (ConnectionRefusedError("no"), False),
    ],
)
def test_which_failures_are_final(error: Exception, final: bool) -> None:
    assert is_final(error) is final
