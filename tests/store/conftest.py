"""What the store's tests stand on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.template import engines
from django.test import Client
from playwright.sync_api import BrowserContext
from pytest_django import DjangoDbBlocker

from regulars.identity import facade as identity
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.store import sessions
from tests.keeping import Kept
from tests.store.shop import Shop, open_shop


class Undefined(str):
    """Stands where a template names something that is not there: a test should hear of it."""

    __slots__ = ()

    def __mod__(self, name: Any) -> str:
        raise AssertionError(f"the template uses {name!s}, which is not there")

    def __contains__(self, part: object) -> bool:
        return part == "%s"


@pytest.fixture(autouse=True)
def strict_templates() -> Iterator[None]:
    """An undefined variable in a template fails. The engine stays: a new one would read all anew."""
    engine = engines["django"].engine
    before, engine.string_if_invalid = engine.string_if_invalid, Undefined("%s")
    yield
    engine.string_if_invalid = before


@pytest.fixture(scope="module")
def kept_shop(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Kept[Shop]]:
    """The small shop, for all tests of a file."""
    with Kept("kept_shop", open_shop, django_db_blocker).hold() as kept:
        yield kept


@pytest.fixture
def shop(kept_shop: Kept[Shop], db: None) -> Shop:
    """The small shop, around the test's transaction."""
    return kept_shop.take()


@pytest.fixture
def sign_in_as() -> Callable[[MemberId], Client]:
    """A client whose session says who it is."""

    def sign_in(member_id: MemberId) -> Client:
        client = Client()
        session = client.session
        session[sessions.MEMBER] = member_id
        session[sessions.SESSION] = identity.open_member_session(
            member_id=member_id, agent="Test", now=utc_now()
        )
        session.save()
        client.cookies["sessionid"] = session.session_key or ""
        return client

    return sign_in


@dataclass(frozen=True, slots=True)
class LiveShop:
    """The small shop behind a real server."""

    url: str
    shop: Shop

    def let_in(self, context: BrowserContext, member_id: MemberId) -> None:
        """Give the browser the session of a member who has signed in."""
        session = SessionStore()
        session[sessions.MEMBER] = member_id
        session[sessions.SESSION] = identity.open_member_session(
            member_id=member_id, agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0", now=utc_now()
        )
        session.create()
        context.add_cookies([{"name": "sessionid", "value": session.session_key or "", "url": self.url}])


@pytest.fixture
def live_shop(transactional_db: None, live_server: Any) -> LiveShop:
    """The small shop, committed, so that the server's own connections see it."""
    return LiveShop(live_server.url, open_shop())
