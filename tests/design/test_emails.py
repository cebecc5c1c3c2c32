"""E-mails in the shop's own dress: the same words, its colours, its logo."""

from datetime import UTC, datetime

import pytest
from django.core import mail

from regulars.delivery import facade as delivery
from regulars.design import facade as design
from regulars.kit.actor import SYSTEM
from tests.design.test_brand import picture

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEXT = "Your code is 123456.\n\nUse it <soon>:\nhttps://example.org/in?a=1&b=2"


def send() -> mail.EmailMultiAlternatives:
    number = delivery.send_email(to="anna@example.org", subject="Your code", text=TEXT, now=NOW)
    delivery.attempt_email(email_id=number, now=NOW)
    (sent,) = mail.outbox
    assert isinstance(sent, mail.EmailMultiAlternatives)
    return sent


@pytest.mark.django_db(transaction=True)
def test_a_message_says_the_same_in_html_and_nothing_in_it_is_taken_for_markup() -> None:
    sent = send()
    html = str(sent.alternatives[0][0])
    assert sent.body == TEXT
    assert "Your code is 123456." in html
    assert "&lt;soon&gt;:<br>" in html
    assert 'href="https://example.org/in?a=1&amp;b=2"' in html
    assert design.HOUSE_MAIN in html
    assert "cid:" not in html
    assert sent.attachments == []


@pytest.mark.django_db(transaction=True)
def test_it_wears_the_brand_of_the_day_it_goes_out() -> None:
    design.save_brand(
        actor=SYSTEM, now=NOW, base=0, name="Corner <Shop>", main="#7a1f5c", accent="#ffb3c7", logo=picture()
    )
    sent = send()
    html = str(sent.alternatives[0][0])
    assert "#7a1f5c" in html
    assert "Corner &lt;Shop&gt;" in html
    assert 'src="cid:logo"' in html
    wire = sent.message()
    assert [part["Content-ID"] for part in wire.walk() if part.get_content_type() == "image/png"] == [
        "<logo>"
    ]
