"""What a member redeemed, in the hand: scanned at a till, by e-mail, in a calendar, undone."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from regulars.delivery.models import Email
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.redemption import facade as redemption
from regulars.redemption.models import Redemption
from regulars.store.pages.calendars import write_reminder
from tests.store.shop import Shop
from tests.store.test_redeeming import confirm, points_of

SignIn = Callable[[MemberId], Client]


def redeem(client: Client, code: str) -> str:
    """Redeem it, and answer the address of its page."""
    return str(confirm(client, code)["Location"].partition("?")[0])


def code_on(client: Client, address: str) -> str:
    found = re.search(r"<p data-code>([^<]+)</p>", client.get(address).content.decode())
    assert found
    return found.group(1)


def test_the_page_draws_its_code_for_a_scanner(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    address = redeem(client, "coffee")
    html = client.get(address).content.decode()
    assert html.count('class="qr"') == 1
    assert (
        "style=" not in html.partition('<svg aria-hidden="true" focusable="false"')[2].partition("</svg>")[0]
    )
    client.get(redeem(client, "food-bank"))
    used = client.get(redeem(client, "food-bank")).content.decode()
    assert 'class="qr"' not in used  # nothing left to show


def test_the_code_comes_by_mail_at_once(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    address = redeem(client, "coffee")
    mail = Email.objects.get()
    assert mail.recipient == "anna@example.org"
    assert mail.subject == "Yours: A cup of coffee, any size"
    assert code_on(client, address) in mail.text
    assert f"http://testserver{address}" in mail.text
    assert "Good until the end of" in mail.text


def test_the_same_request_twice_sends_one_mail(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    for _ in range(2):
        client.post("/rewards/loaf/redeem/", {"key": "one-key"})
    assert Email.objects.count() == Redemption.objects.count() == 1


def test_it_is_sent_again_on_request_but_not_for_ever(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    address = redeem(client, "coffee")
    assert "On its way to anna@example.org" in client.post(f"{address}e-mail/", follow=True).content.decode()
    assert Email.objects.count() == 2
    for _ in range(12):
        client.post(f"{address}e-mail/")
    assert Email.objects.count() == 11
    assert client.get(f"{address}e-mail/").status_code == 405


def test_a_demonstration_sends_nothing_and_says_so(shop: Shop, sign_in_as: SignIn, settings: Any) -> None:
    settings.DEMO_MODE = True
    client = sign_in_as(shop.anna)
    address = redeem(client, "coffee")
    assert "no e-mail leaves it" in client.post(f"{address}e-mail/", follow=True).content.decode()
    assert Email.objects.count() == 0


def test_what_can_no_longer_be_used_is_not_sent(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    address = redeem(client, "loaf")
    client.post(f"{address}cancel/")
    assert "nothing left to use" in client.post(f"{address}e-mail/", follow=True).content.decode()
    assert Email.objects.count() == 1


def test_nobody_has_another_members_code_sent_or_reminded(shop: Shop, sign_in_as: SignIn) -> None:
    address = redeem(sign_in_as(shop.anna), "coffee")
    stranger = sign_in_as(shop.ben)
    assert stranger.post(f"{address}e-mail/").status_code == 404
    assert stranger.get(f"{address}reminder.ics").status_code == 404
    assert Email.objects.count() == 1


def test_the_last_day_goes_into_a_calendar(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    address = redeem(client, "coffee")
    assert f"{address}reminder.ics" in client.get(address).content.decode()
    assert f"{address}reminder.ics" in client.get("/my-rewards/").content.decode()
    answer = client.get(f"{address}reminder.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.content.decode().replace("\r\n ", "").split("\r\n")
    told = dict(line.split(":", 1) for line in lines if ":" in line)
    view = redemption.get_redemption(Redemption.objects.get().pk)
    assert view.valid_until is not None
    from zoneinfo import ZoneInfo

    last = (view.valid_until - timedelta(seconds=1)).astimezone(ZoneInfo("America/New_York"))
    assert told["DTSTART;VALUE=DATE"] == f"{last:%Y%m%d}"
    assert told["SUMMARY"] == "Last day: A cup of coffee\\, any size"
    assert told["URL"] == f"http://testserver{address}"
    assert str(view.code) not in answer.content.decode()


def test_what_never_ends_has_no_reminder(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    address = redeem(client, "loaf")
    assert "reminder.ics" not in client.get(address).content.decode()
    assert client.get(f"{address}reminder.ics").status_code == 404


@pytest.mark.parametrize("name", ["Хлеб из нашей печи; горячий, с корочкой " * 3, "咖啡" * 60])
def test_long_lines_are_folded_between_letters(shop: Shop, name: str) -> None:
    from dataclasses import replace

    actor = Actor(ActorKind.MEMBER, str(shop.anna))
    view = redemption.redeem_reward(
        actor=actor, now=utc_now(), member_id=shop.anna, reward_code="coffee", idempotency_key="k"
    )
    written = write_reminder(
        replace(view, reward_name=name), link="https://shop.example/my-rewards/1/", now=utc_now()
    )
    assert max(len(line) for line in written.split(b"\r\n")) <= 75
    assert written.endswith(b"END:VCALENDAR\r\n")
    whole = written.decode().replace("\r\n ", "")
    assert f"SUMMARY:Last day: {name.replace(';', chr(92) + ';').replace(',', chr(92) + ',')}\r\n" in whole


def test_undo_is_one_tap_right_after_redeeming(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    before = points_of(shop.anna)
    fresh = confirm(client, "loaf")["Location"]
    html = client.get(fresh).content.decode()
    assert "Undo" in html
    assert "Take it back" not in html
    client.post(fresh.partition("?")[0] + "cancel/")
    assert points_of(shop.anna) == before
    assert "Undo" not in client.get(fresh).content.decode()
    assert "Undo" not in client.get(confirm(client, "food-bank")["Location"]).content.decode()
