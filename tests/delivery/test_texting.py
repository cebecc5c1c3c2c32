"""Text messages: a job of the transaction that caused them, handed to a real HTTP server."""

import http.server
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from regulars.delivery import facade as delivery
from regulars.delivery.models import TextMessage

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NUMBER = "+442079460018"
pytestmark = pytest.mark.django_db


class Gateway(http.server.ThreadingHTTPServer):
    """Takes messages, or answers `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.status = 202
        self.taken: list[tuple[dict[str, str], dict[str, str]]] = []


class Taking(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Gateway)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.taken.append((body, dict(self.headers)))
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    server = Gateway()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_URL = f"http://127.0.0.1:{server.server_port}/sms?shop=1"
    settings.SMS_TOKEN = "a token"
    yield server
    server.shutdown()
    server.server_close()


def send(text: str = "Ваш код: 123456") -> int:
    return delivery.send_text(to=NUMBER, text=text, now=NOW)


def test_a_message_is_handed_over_once_and_its_words_are_wiped(gateway: Gateway) -> None:
    number = send()
    (job,) = ProcrastinateJob.objects.filter(task_name=delivery.TEXT_TASK)
    assert job.args == {"text_id": number}
    delivery.attempt_text(text_id=number, now=NOW)
    delivery.attempt_text(text_id=number, now=NOW)
    ((body, headers),) = gateway.taken
    assert body == {"to": NUMBER, "text": "Ваш код: 123456"}
    assert headers["Authorization"] == "Bearer a token"
    assert headers["Idempotency-Key"].startswith(f"regulars-{number}-")
    row = TextMessage.objects.get()
    assert (row.state, row.text, row.attempts) == (delivery.TextState.SENT, "", 1)


@pytest.mark.parametrize("status", [400, 404, 422])
def test_what_is_refused_for_good_is_given_up(gateway: Gateway, status: int) -> None:
    gateway.status = status
    number = send()
    delivery.attempt_text(text_id=number, now=NOW)
    row = TextMessage.objects.get()
    assert (row.state, row.text) == (delivery.TextState.FAILED, "")


@pytest.mark.parametrize("status", [302, 408, 429, 500, 503])
def test_what_may_pass_is_tried_again_six_times_under_one_key(gateway: Gateway, status: int) -> None:
    gateway.status = status
    number = send()
    for _ in range(5):
        with pytest.raises(delivery.TextTransportFailed):
            delivery.attempt_text(text_id=number, now=NOW)
    delivery.attempt_text(text_id=number, now=NOW)
    row = TextMessage.objects.get()
    assert (row.state, row.text, row.attempts) == (delivery.TextState.FAILED, "", 6)
    assert len({headers["Idempotency-Key"] for _body, headers in gateway.taken}) == 1
    delivery.attempt_text(text_id=number, now=NOW)
    assert len(gateway.taken) == 6


def test_a_gateway_that_is_away_is_asked_again(settings: Any) -> None:
    settings.SMS_URL = "http://127.0.0.1:9/"
    number = send()
    with pytest.raises(OSError, match="refused"):
        delivery.attempt_text(text_id=number, now=NOW)
    assert TextMessage.objects.get().state == delivery.TextState.QUEUED


def test_without_a_way_nothing_is_kept(settings: Any) -> None:
    settings.SMS_URL = ""
    with pytest.raises(delivery.TextsNotSetUp):
        send()
    assert TextMessage.objects.count() == 0


def test_the_log_for_trying_out(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.SMS_URL = "log"
    with caplog.at_level(logging.WARNING):
        delivery.attempt_text(text_id=send(), now=NOW)
    assert NUMBER in caplog.text
    assert TextMessage.objects.get().state == delivery.TextState.SENT


@pytest.mark.parametrize(
    ("to", "text"), [("12345", "hi"), (NUMBER, " "), (NUMBER, "x" * 601), (NUMBER, "\0")]
)
def test_what_cannot_be_sent_is_refused(gateway: Gateway, to: str, text: str) -> None:
    with pytest.raises(delivery.TextRefused):
        delivery.send_text(to=to, text=text, now=NOW)
    assert TextMessage.objects.count() == 0
    assert gateway.taken == []


def test_a_number_is_forgotten_and_old_messages_go(gateway: Gateway) -> None:
    waiting = send()
    with transaction.atomic():
        delivery.forget_recipient(to=NUMBER)
    delivery.attempt_text(text_id=waiting, now=NOW)
    assert gateway.taken == []
    row = TextMessage.objects.get()
    assert (row.state, row.text, row.recipient) == (delivery.TextState.FORGOTTEN, "", "")
    still = send()
    delivery.purge_emails(now=NOW + timedelta(days=31))
    assert list(TextMessage.objects.values_list("id", flat=True)) == [still]


def test_the_database_keeps_no_words_of_what_is_settled(gateway: Gateway) -> None:
    number = send()
    with pytest.raises(IntegrityError), transaction.atomic():
        TextMessage.objects.filter(id=number).update(state="failed")
