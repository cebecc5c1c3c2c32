"""DATABASE_URL means to Regulars what it means to psql, and mistakes in it never show the password."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from regulars.config import database

NAMES = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


def read(monkeypatch: pytest.MonkeyPatch, url: str) -> tuple[Any, ...]:
    monkeypatch.setenv("DATABASE_URL", url)
    made = database.configuration(Path("/nowhere"))
    assert made["OPTIONS"].pop("prepare_threshold") == database.ONLY_WHERE_ASKED
    return tuple(made[name] for name in NAMES)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("postgresql://h", ("regulars", "", "", "h", "", {})),
        ("postgres://u:p@h:5433/shop", ("shop", "u", "p", "h", "5433", {})),
        (
            "postgresql://sho%20p%401:p%40ss%2Fw%3Ard%25%3F%23+%C3%A9@127.0.0.1/my%20shop",
            ("my shop", "sho p@1", "p@ss/w:rd%?#+é", "127.0.0.1", "", {}),
        ),
        (
            "postgresql://u@h/shop?sslmode=disable&connect_timeout=3",
            ("shop", "u", "", "h", "", {"sslmode": "disable", "connect_timeout": "3"}),
        ),
        ("postgresql:///shop?host=/run/pg&port=5433", ("shop", "", "", "/run/pg", "5433", {})),
        ("postgresql://%2Frun%2FPG/shop", ("shop", "", "", "/run/PG", "", {})),
        ("postgresql://h/shop?user=u&password=a+b%26c", ("shop", "u", "a+b&c", "h", "", {})),
        ("postgresql://u@[::1]:5433/shop", ("shop", "u", "", "::1", "5433", {})),
        (
            "postgresql://a:1,b:2/shop?target_session_attrs=read-write",
            ("shop", "", "", "a,b", "1,2", {"target_session_attrs": "read-write"}),
        ),
    ],
)
def test_what_an_address_means(
    monkeypatch: pytest.MonkeyPatch, url: str, meant: tuple[str, str, str, str, str, dict[str, str]]
) -> None:
    assert read(monkeypatch, url) == meant


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://u:secret@h/shop", "not mysql://"),
        ("host=h password=secret", "must begin with postgresql://"),
        ("postgresql://u:secret/more@h/shop", "port is no number"),
        ("postgresql://u:secret%zz@h/shop", "percent-encoded"),
        ("postgresql://u:secret%FF@h/shop", "DATABASE_URL is not an address"),
        ("postgresql://u:secret@[::1/shop", "IPv6"),
        ("postgresql://u:secret@h/shop?colour=red", "query parameter"),
        ("postgresql://u:12?secret@h/shop?sslmode", "query parameter"),
    ],
)
def test_a_mistake_is_told_without_the_password(
    monkeypatch: pytest.MonkeyPatch, url: str, words: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(monkeypatch, url)
    assert words in str(refused.value)
    assert "secret" not in str(refused.value)
