"""Keyset paging: opaque cursors that stay true while rows are added."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from regulars.kit.errors import InvalidInput

T = TypeVar("T")

PAGE_SIZE_DEFAULT = 20
PAGE_SIZE_MAX = 100
# A member's name of 500 letters fits, whatever the script.
CURSOR_LENGTH_MAX = 4_096
_BIGINT_MAX = 2**63 - 1
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, and the cursor of the next; None where there is no more.

    The cursor of the page before, only where a list can be read backwards.
    """

    items: tuple[T, ...]
    next_cursor: str | None = None
    previous_cursor: str | None = None


class BadCursor(InvalidInput):
    """The cursor was not made by us."""

    code = "bad_cursor"


def encode_cursor(*key: str | int) -> str:
    """Wrap the sort key of the last row shown into an opaque, URL-safe cursor."""
    raw = json.dumps(key, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(cursor: str, kinds: tuple[type, ...]) -> tuple[str | int, ...]:
    """Unwrap a cursor and check its shape, and that PostgreSQL can hold what is in it. Raises BadCursor."""
    if len(cursor) > CURSOR_LENGTH_MAX:
        raise BadCursor("The cursor is too long to be ours; start from the first page.")
    try:
        raw = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key = json.loads(raw)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor("The cursor is not one that this server gave; start from the first page.") from error
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise BadCursor("The cursor belongs to another list; start from the first page.")
    if not all(map(_is_storable, key)):
        raise BadCursor("The cursor is not one that this server gave; start from the first page.")
    return tuple(key)


def _is_storable(part: str | int) -> bool:
    if isinstance(part, int):
        return -_BIGINT_MAX <= part <= _BIGINT_MAX
    return _UNSTORABLE.search(part) is None


def cut_page(
    found: Sequence[T],
    *,
    size: int,
    key: Callable[[T], tuple[str | int, ...]],
    cursor: str | None,
    backwards: bool = False,
) -> Page[T]:
    """The page out of `size` + 1 rows that were read on from a cursor, with the cursors on both its sides.

    Rows read `backwards` come nearest first and are turned round. Where one comes from, there is something:
    the row of the cursor itself.
    """
    shown, more = list(found[:size]), len(found) > size
    if backwards:
        shown.reverse()
    before, after = (more, bool(cursor)) if backwards else (bool(cursor), more)
    return Page(
        tuple(shown),
        next_cursor=encode_cursor(*key(shown[-1])) if shown and after else None,
        previous_cursor=encode_cursor(*key(shown[0])) if shown and before else None,
    )


def clamp_page_size(size: int | None) -> int:
    """The page size asked for, within 1 and the most that a page may have."""
    return min(max(size or PAGE_SIZE_DEFAULT, 1), PAGE_SIZE_MAX)
