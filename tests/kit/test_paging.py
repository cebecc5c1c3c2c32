"""Cursors are ours or refused."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.kit.paging import BadCursor, clamp_page_size, decode_cursor, encode_cursor

LETTERS = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])


def forge(key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).rstrip(b"=").decode()


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.text(LETTERS, max_size=500))
def test_a_cursor_gives_back_what_it_was_made_of(number: int, text: str) -> None:
    assert decode_cursor(encode_cursor(number, text), (int, str)) == (number, text)


@given(st.text(max_size=60))
def test_what_we_did_not_make_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadCursor, match="first page"):
        decode_cursor(text, (int, str, int))


@pytest.mark.parametrize(
    "cursor",
    [
        forge(["a\x00", 1]),
        forge(["\ud83d", 1]),
        forge(["a", 2**63]),
        forge(["a", -(2**70)]),
        "\ud83d",
        base64.b64encode(b"[" * 3_000).decode(),
        base64.b64encode(b"[" * 100_000).decode(),
        base64.b64encode(b'["a",' + b"9" * 5_000 + b"]").decode(),
        forge(["a" * 5_000, 1]),
    ],
)
def test_what_the_database_cannot_hold_is_refused_in_words(cursor: str) -> None:
    with pytest.raises(BadCursor, match="first page"):
        decode_cursor(cursor, (str, int))


def test_the_longest_name_fits() -> None:
    assert decode_cursor(encode_cursor("\U00020000" * 500, 2**62), (str, int))


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(BadCursor):
        decode_cursor(encode_cursor(1), (str,))


def test_page_sizes_stay_within_bounds() -> None:
    assert [clamp_page_size(size) for size in (None, 0, -5, 7, 10_000)] == [20, 20, 1, 7, 100]
