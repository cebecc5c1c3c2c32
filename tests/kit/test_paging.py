"""Cursors are ours or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.kit.paging import BadCursor, clamp_page_size, decode_cursor, encode_cursor


@given(st.integers(), st.text())
def test_a_cursor_gives_back_what_it_was_made_of(number: int, text: str) -> None:
    assert decode_cursor(encode_cursor(number, text), (int, str)) == (number, text)


@given(st.text(max_size=60))
def test_what_we_did_not_make_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadCursor, match="first page"):
        decode_cursor(text, (int, str, int))


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(BadCursor):
        decode_cursor(encode_cursor(1), (str,))


def test_page_sizes_stay_within_bounds() -> None:
    assert [clamp_page_size(size) for size in (None, 0, -5, 7, 10_000)] == [20, 20, 1, 7, 100]
