"""What the console's tests stand on: the small shop, and an operator of each role."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client, override_settings
from playwright.sync_api import BrowserContext
from pytest_django import DjangoDbBlocker

from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Role, SignInWay
from regulars.identity.models import Operator
from regulars.identity.sessions import NUMBER
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from tests.keeping import Kept
from tests.store.conftest import strict_templates
from tests.store.shop import Shop, open_shop

__all__ = ["strict_templates"]

PASSWORD = "a long enough phrase"
NAMES = {
    Role.OWNER: "Olga Petrova",
    Role.SUPPORT: "Sam Okafor",
    Role.MARKETER: "Mara Lindt",
    Role.FINANCE: "Finn Berg",
    Role.DEVELOPER: "Dana Cole",
    Role.READ_ONLY: "Rita Moss",
}


def hire(*roles: Role) -> dict[Role, OperatorInfo]:
    """An operator of each of these roles, all with one password."""
    return {
        role: identity.create_operator(
            actor=SYSTEM,
            now=utc_now(),
            email=f"{role}@example.org",
            password=PASSWORD,
            role=role,
            name=NAMES[role],
        )
        for role in roles
    }


@dataclass(frozen=True, slots=True)
class Staffed:
    """The small shop and who works there."""

    shop: Shop
    staff: Mapping[Role, OperatorInfo]

    def client(self, role: Role) -> Client:
        """A client with the session of the operator of that role."""
        client = Client()
        operator_id = self.staff[role].id
        client.force_login(Operator.objects.get(id=operator_id))
        session = client.session
        session[NUMBER] = identity.open_operator_session(
            operator_id=operator_id,
            way=SignInWay.PASSWORD,
            agent="Firefox/150.0 Linux",
            address="",
            now=utc_now(),
        )
        session.save()
        return client


CHEAP = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""Scrypt is slow on purpose; where nobody signs in by password, any hash will do."""


def open_staffed() -> Staffed:
    """Open the small shop, and hire an operator of each role."""
    with override_settings(PASSWORD_HASHERS=CHEAP):
        return Staffed(open_shop(), hire(*Role))


@pytest.fixture
def cheap_passwords(settings: Any) -> None:
    """Passwords that cost nothing to hash."""
    settings.PASSWORD_HASHERS = CHEAP


@pytest.fixture(scope="module")
def kept_staffed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Kept[Staffed]]:
    """The small shop and who works there, for all tests of a file."""
    with Kept("kept_staffed", open_staffed, django_db_blocker).hold() as kept:
        yield kept


@pytest.fixture
def staffed(kept_staffed: Kept[Staffed], cheap_passwords: None, db: None) -> Staffed:
    """The small shop and who works there, around the test's transaction."""
    return kept_staffed.take()


@pytest.fixture
def support(staffed: Staffed) -> Client:
    """Someone of the support team."""
    return staffed.client(Role.SUPPORT)


@pytest.fixture
def owner(staffed: Staffed) -> Client:
    """An owner."""
    return staffed.client(Role.OWNER)


@dataclass(frozen=True, slots=True)
class LiveConsole:
    """The small shop behind a real server."""

    url: str
    staffed: Staffed

    def let_in(self, context: BrowserContext, role: Role) -> None:
        """Give the browser the session of an operator who has signed in."""
        session = self.staffed.client(role).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": self.url}])


@pytest.fixture
def live_console(transactional_db: None, cheap_passwords: None, live_server: Any) -> LiveConsole:
    """Committed, so that the server's own connections see it."""
    return LiveConsole(live_server.url, open_staffed())
