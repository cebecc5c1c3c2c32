"""Every page of the journeys in every language: nothing of ours is left in English, no template trips.

Without a browser: what is looked for stands in the markup. What the shop writes (its programme, products and
rewards are English here) is not ours, so only whole texts count that our catalogues translate.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.conf import settings as django_settings
from django.test import Client
from frontend import messages

from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.members import facade as members
from regulars.members.models import Member
from regulars.redemption import facade as redemption
from regulars.store.sessions import sign_in
from tests.console.conftest import Staffed

LANGUAGES = {"ru": "ru", "zh-hans": "zh_Hans"}
DOOR = ["/", "/sign-in/", "/join/", "/rewards/", "/how-it-works/"]
STORE = [
    "/",
    "/rewards/",
    "/rewards/loaf/",
    "/rewards/loaf/redeem/?units=2",
    "/my-rewards/",
    "/my-rewards/{redemption}/",
    "/history/",
    "/history/1/",
    "/status/",
    "/profile/",
    "/how-it-works/",
]
CONSOLE = [
    "/console/",
    "/console/?sort=-points",
    "/console/members/{anna}/",
    "/console/members/{anna}/history/",
    "/console/members/{anna}/entries/points/1/",
    "/console/members/{anna}/timeline/",
    "/console/members/{anna}/trail/",
    "/console/members/{anna}/adjust/",
    "/console/members/{anna}/transfer/",
    "/console/members/new/",
    "/console/redemptions/",
    "/console/redemptions/{redemption}/",
    "/console/fulfilment/",
    "/console/rewards/",
    "/console/rewards/new/",
    "/console/programme/",
    "/console/programme/basket/",
    "/console/finance/",
    "/console/finance/movements/",
    "/console/finance/cost/",
    "/console/trail/",
    "/console/brand/",
    "/console/team/",
    "/console/team/roles/",
    "/console/keys/",
    "/console/widget/",
    "/console/account/",
]
# A language is written in itself, whatever the page's; and so is the lowest tier of the shop's programme.
SAME_EVERYWHERE = {"English", "Member"}


class Texts(HTMLParser):
    """All that people read of a page: texts, and the attributes that are read out or shown."""

    READ = ("aria-label", "placeholder", "title", "alt", "data-label")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "code", "textarea"}:
            self.silent += 1
        self.found += [value for name, value in attrs if name in self.READ and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "code", "textarea"}:
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def list_english(language: str) -> set[str]:
    """What our catalogue says otherwise in a language, as far as it can be told from what a shop writes."""
    return {
        " ".join(message.id.split())
        for message in messages.read_catalogue(LANGUAGES[language])
        if isinstance(message.id, str)
        and len(message.id) > 3
        and "%" not in message.id
        and message.string not in {"", message.id}
    } - SAME_EVERYWHERE


def find_english(page: str, english: set[str]) -> Iterator[str]:
    texts = Texts()
    texts.feed(page)
    return (text for each in texts.found if (text := " ".join(each.split())) in english)


def redeem(staffed: Staffed) -> int:
    made = redemption.redeem_reward(
        actor=SYSTEM,
        now=utc_now(),
        member_id=staffed.shop.anna,
        reward_code="loaf",
        units=2,
        idempotency_key="languages",
    )
    return int(made.id)


# Some forty pages for each language.
@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_ours_is_left_in_english(staffed: Staffed, language: str) -> None:
    english = list_english(language)
    taken = redeem(staffed)
    members.set_registration(actor=SYSTEM, now=utc_now(), is_open=True)
    Member.objects.filter(id=staffed.shop.anna).update(locale=language)
    stranger, member, owner = Client(), Client(), staffed.client(Role.OWNER)
    request = member.get("/").wsgi_request
    sign_in(request, staffed.shop.anna, utc_now())
    request.session.save()
    member.cookies[django_settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    left: list[tuple[str, str]] = []
    for client, addresses in ((stranger, DOOR), (member, STORE), (owner, CONSOLE)):
        client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
        for address in addresses:
            path = address.format(anna=staffed.shop.anna, redemption=taken)
            answer = client.get(path, follow=True)
            assert answer.status_code == 200, path
            page = answer.content.decode()
            assert re.search(rf'<html lang="{language}"', page, re.IGNORECASE), path
            left += [(path, text) for text in find_english(page, english)]
    assert sorted(set(left)) == []
