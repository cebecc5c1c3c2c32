"""A shop on its first day: no programme, no rewards, no members. Every page opens and says what to do."""

from collections.abc import Iterator, Sequence

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from regulars.identity import facade as identity
from regulars.identity.facade import Role, SignInWay
from regulars.identity.models import Operator
from regulars.identity.sessions import NUMBER
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.members.facade import MemberInput
from regulars.rules import facade as rules
from regulars.store import sessions
from tests.console.conftest import hire
from tests.store.shop import PROGRAMME, join

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cheap_passwords")]


def list_addresses(patterns: Sequence[URLPattern | URLResolver], begin: str = "/") -> Iterator[str]:
    """Every address for which nothing has to be named."""
    for one in patterns:
        route = str(one.pattern)
        if "<" in route:
            continue
        if isinstance(one, URLResolver):
            yield from list_addresses(one.url_patterns, begin + route)
        else:
            yield begin + route


def let_in() -> Client:
    """An owner."""
    (owner,) = hire(Role.OWNER).values()
    client = Client()
    client.force_login(Operator.objects.get(id=owner.id))
    session = client.session
    session[NUMBER] = identity.open_operator_session(
        operator_id=owner.id, way=SignInWay.PASSWORD, agent="Firefox", address="", now=utc_now()
    )
    session.save()
    return client


@pytest.mark.parametrize("opened", [False, True])
def test_every_page_opens_in_an_empty_shop(opened: bool) -> None:
    """A page may be there for posts alone, or lead on; none fails."""
    owner = let_in()
    if opened:
        rules.publish_programme(actor=SYSTEM, now=utc_now(), text=PROGRAMME)
    found = {}
    for address in list_addresses(get_resolver(settings.ROOT_URLCONF).url_patterns):
        if not address.startswith("/api/"):
            found[address] = owner.get(address).status_code
    assert len(found) > 80
    assert {address: status for address, status in found.items() if status >= 500} == {}
    assert found["/console/"] == found["/console/programme/"] == found["/console/trail/"] == 200


def test_lists_say_what_to_do() -> None:
    owner = let_in()
    for address, told in {
        "/console/": "They arrive with an import",
        "/console/redemptions/": "Nobody has taken a reward yet",
        "/console/rewards/": "/console/rewards/new/",
        "/console/codes/": "/console/codes/new/",
        "/console/keys/": "Make the first key",
    }.items():
        assert told in owner.get(address).content.decode(), address


def test_what_is_refused_leads_back_to_where_one_was() -> None:
    shown = let_in().get("/console/programme/draft/review/")
    assert shown.status_code == 404
    assert '<a class="btn" data-variant="secondary" href="/console/programme/">' in shown.content.decode()


@pytest.mark.parametrize("opened", [False, True])
def test_a_member_without_a_reward_in_sight_has_pages_too(opened: bool) -> None:
    if opened:
        rules.publish_programme(actor=SYSTEM, now=utc_now(), text=PROGRAMME)
    (ida,) = join(utc_now(), MemberInput("ida", "Ida"))
    client = Client()
    session = client.session
    session[sessions.MEMBER] = ida
    session[sessions.SESSION] = identity.open_member_session(member_id=ida, agent="Test", now=utc_now())
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    shown = {
        path: client.get(path)
        for path in ("/", "/rewards/", "/my-rewards/", "/history/", "/status/", "/profile/")
    }
    assert {path: answer.status_code for path, answer in shown.items() if answer.status_code >= 400} == {}
    if opened:
        assert "No rewards yet" in shown["/"].content.decode()
        assert "empty" in shown["/rewards/"].content.decode()
