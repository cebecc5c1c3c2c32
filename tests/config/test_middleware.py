"""Whose address counts behind a reverse proxy, and which lists of proxies make sense."""

import ipaddress

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from regulars.config import environment
from regulars.config.middleware import resolve_client
from tests.store.conftest import kept_shop, shop
from tests.store.shop import Shop

__all__ = ["kept_shop", "shop"]
TRUSTED = [ipaddress.ip_network("127.0.0.1"), ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1")]


@pytest.mark.parametrize(
    ("peer", "said", "client"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "192.0.2.1"),  # said by nobody we trust
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.9", "198.51.100.9"),  # the left one may be made up
        ("127.0.0.1", "6.6.6.6, 198.51.100.9, 10.1.2.3", "198.51.100.9"),
        ("127.0.0.1", "10.1.2.4, 10.1.2.3", "10.1.2.4"),
        ("127.0.0.1", "6.6.6.6, nonsense, 10.1.2.3", "10.1.2.3"),
        ("::ffff:127.0.0.1", "198.51.100.9:4711", "198.51.100.9"),
        ("::1", "[2001:db8::7]:443", "2001:db8::7"),
        ("::1", "2001:DB8::7", "2001:db8::7"),
        ("", "198.51.100.9", ""),
    ],
)
def test_the_nearest_address_that_is_no_trusted_proxy(peer: str, said: str, client: str) -> None:
    assert resolve_client(peer, said, TRUSTED) == client
    assert resolve_client(peer, said, []) == peer


def test_a_list_of_proxies_is_read_or_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REGULARS_TRUSTED_PROXIES", raising=False)
    assert environment.networks("REGULARS_TRUSTED_PROXIES") == []
    monkeypatch.setenv("REGULARS_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8 ::1")
    assert environment.networks("REGULARS_TRUSTED_PROXIES") == TRUSTED
    monkeypatch.setenv("REGULARS_TRUSTED_PROXIES", "proxy.internal")
    with pytest.raises(ImproperlyConfigured, match="REGULARS_TRUSTED_PROXIES"):
        environment.networks("REGULARS_TRUSTED_PROXIES")


def test_visitors_behind_one_proxy_are_counted_apart(shop: Shop, settings: Settings) -> None:
    def ask(visitor: str) -> int:
        headers = {"X-Forwarded-For": visitor}
        return Client().post("/sign-in/", {"email": "anna@example.org"}, headers=headers).status_code

    settings.TRUSTED_PROXIES = TRUSTED
    assert [ask("198.51.100.1") for _ in range(6)] == [302] * 5 + [422]
    assert ask("198.51.100.2") == 302
    settings.TRUSTED_PROXIES = []
    assert [ask(f"198.51.100.{number}") for number in range(10, 16)] == [302] * 5 + [422]
