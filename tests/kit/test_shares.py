"""Percentages are written by the reader's language, in one place."""

import re
from pathlib import Path

import pytest
from django.utils import translation

import regulars
from regulars.kit.shares import format_share

SOURCES = Path(regulars.__file__).parent


@pytest.mark.parametrize(
    ("language", "written"), [("en", "93.3%"), ("ru", "93,3\N{NO-BREAK SPACE}%"), ("zh-hans", "93.3%")]
)
def test_a_share_is_written_as_the_language_does(language: str, written: str) -> None:
    with translation.override(language):
        assert format_share(0.933) == written


@pytest.mark.parametrize(
    ("share", "decimals", "written"),
    [(0, 1, "0.0%"), (1, 0, "100%"), (0.5, None, "50%"), (0.125, None, "12.5%"), (0.12345, None, "12.35%")],
)
def test_decimals_are_given_or_as_many_as_it_needs(share: float, decimals: int | None, written: str) -> None:
    assert format_share(share, decimals) == written


def test_nobody_else_writes_a_percent_sign_after_a_number() -> None:
    by_hand = re.compile(r"%\([a-z_]+\)[sd] ?%%|\} %[\"'<]")
    found = [
        f"{path.relative_to(SOURCES)}: {line.strip()}"
        for path in (*SOURCES.rglob("*.py"), *SOURCES.rglob("*.html"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if by_hand.search(line) and path.name != "shares.py"
    ]
    assert found == []
