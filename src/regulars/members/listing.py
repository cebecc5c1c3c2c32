"""Members as the rows of a table: narrowed and sorted by what an index answers, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from django.db import connection
from django.utils.dateparse import parse_datetime

from regulars.kit.ids import MemberId
from regulars.kit.paging import BadCursor, Page, clamp_page_size, cut_page, decode_cursor
from regulars.members.queries import HITS_SQL, find_patterns, get_profiles, tidy_search
from regulars.members.types import MemberProfile

EXPORT_SIZE = 1_000


class MemberSort(StrEnum):
    """What a list of members is sorted by. Ties go by number, within a tier by points.

    Points and tiers as `renew_figures` copied them last: some minutes old.
    """

    NAME = "name"
    JOINED = "joined"
    NUMBER = "number"
    POINTS = "points"
    TIER = "tier"


class MemberState(StrEnum):
    """Which members a list holds."""

    ACTIVE = "active"
    MERGED = "merged"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """What a list of members is narrowed by: `joined_from` inclusive, `joined_before` exclusive.

    With a `reach`, a text that very many begin with finds only so many of them in each way: see
    `search_members`.
    """

    text: str = ""
    state: MemberState = MemberState.ACTIVE
    reach: int | None = None
    joined_from: datetime | None = None
    joined_before: datetime | None = None
    tier_rank: int | None = None


_Key = tuple[tuple[str, str], ...]
# Columns and their types, before the number. Those of the figures stand beside the figures' own number: an
# index holds them in this order.
_KEYS: Mapping[MemberSort, _Key] = {
    MemberSort.NAME: (("m.name_key_reversed", "text"),),
    MemberSort.JOINED: (("m.joined_at", "timestamptz"),),
    MemberSort.NUMBER: (("m.id", "bigint"),),
    MemberSort.POINTS: (("f.points", "bigint"),),
    MemberSort.TIER: (("f.tier_rank", "smallint"), ("f.points", "bigint")),
}
_OF_FIGURES = (MemberSort.POINTS, MemberSort.TIER)
_SMALLINT_MAX = 2**15 - 1
_STATES: Mapping[MemberState, str] = {
    MemberState.ACTIVE: "m.anonymised_at IS NULL AND m.merged_into IS NULL",
    MemberState.MERGED: "m.merged_into IS NOT NULL AND m.anonymised_at IS NULL",
    MemberState.ERASED: "m.anonymised_at IS NOT NULL",
}
# Who was merged is found by what is known of them, as the survivor.
_FOUND = f"""
WITH hit(id) AS ({HITS_SQL} UNION SELECT id FROM members_member WHERE id = %(number)s), wanted(id) AS (
    SELECT DISTINCT coalesce(found.merged_into, found.id)
    FROM members_member found JOIN hit ON hit.id = found.id
)
"""  # noqa: S608 (constants)


def list_members(
    *,
    narrowed: MemberFilter | None = None,
    sort: MemberSort = MemberSort.NAME,
    descending: bool = False,
    cursor: str | None = None,
    backwards: bool = False,
    size: int | None = None,
) -> Page[MemberProfile]:
    """Members that match, sorted. Two queries, however many are found. Raises BadCursor.

    `text` is compared with the beginnings of names, e-mail, phone, card and the shop's id, as in
    `search_members`, and with our own number. A page has a hundred rows at most, a thousand for exports.
    The rows after the cursor; `backwards`, those before it, in the same order.
    """
    narrowed = narrowed or MemberFilter()
    size = size if size and size <= EXPORT_SIZE else clamp_page_size(size)
    statement, params = _state(narrowed, sort, descending, cursor, backwards=backwards)
    with connection.cursor() as sql:
        sql.execute(statement, params | {"limit": size + 1})
        rows = sql.fetchall()
    page = cut_page(rows, size=size, key=partial(_key, sort), cursor=cursor, backwards=backwards)
    profiles = get_profiles([MemberId(row[0]) for row in page.items])
    found = tuple(profiles[MemberId(row[0])] for row in page.items)
    return Page(found, page.next_cursor, page.previous_cursor)


def is_broad(text: str, reach: int) -> bool:
    """Whether so many members may be meant that a list with this reach does not hold them all. One query."""
    tidy = tidy_search(text)
    if not tidy:
        return False
    with connection.cursor() as sql:
        sql.execute(f"SELECT count(*) FROM ({HITS_SQL}) AS hit", find_patterns(tidy) | {"reach": reach})  # noqa: S608
        row = sql.fetchone()
    return row is not None and row[0] >= reach


def read_number(text: str) -> int | None:
    """Our number of a member as somebody types it; None where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _state(
    narrowed: MemberFilter, sort: MemberSort, descending: bool, cursor: str | None, *, backwards: bool
) -> tuple[str, dict[str, Any]]:
    """The statement and what goes into it, but for the limit."""
    key = _KEYS[sort]
    number = "f.member_id" if sort in _OF_FIGURES else "m.id"
    text = tidy_search(narrowed.text)
    conditions, params = [_STATES[narrowed.state]], dict[str, Any]()
    if narrowed.joined_from:
        conditions.append("m.joined_at >= %(joined_from)s")
        params["joined_from"] = narrowed.joined_from
    if narrowed.joined_before:
        conditions.append("m.joined_at < %(joined_before)s")
        params["joined_before"] = narrowed.joined_before
    if narrowed.tier_rank is not None:
        conditions.append("f.tier_rank = %(tier_rank)s")
        params["tier_rank"] = narrowed.tier_rank
    if text:
        params |= find_patterns(text) | {"number": read_number(text), "reach": narrowed.reach}
    down = descending is not backwards
    if cursor:
        values, last_id = _read_cursor(sort, cursor)
        params |= {f"last_{place}": value for place, value in enumerate(values)} | {"last_id": last_id}
        given = "".join(f"%(last_{place})s::{kind}, " for place, (_column, kind) in enumerate(key))
        conditions.append(f"({_columns(key)}, {number}) {'<' if down else '>'} ({given}%(last_id)s)")
    way = "DESC" if down else "ASC"
    order = "".join(f"{column} {way}, " for column, _kind in key)
    figures = "JOIN members_memberfigures f ON f.member_id = m.id"
    # Every part is written in this module; what is given from outside goes in as a parameter.
    statement = f"""
    {_FOUND if text else ""}
    SELECT m.id, {_columns(key)} FROM members_member m {"JOIN wanted ON wanted.id = m.id" if text else ""}
    {figures if sort in _OF_FIGURES or narrowed.tier_rank is not None else ""}
    WHERE {" AND ".join(conditions)} ORDER BY {order}{number} {way} LIMIT %(limit)s
    """  # noqa: S608
    return statement, params


def _columns(key: _Key) -> str:
    return ", ".join(column for column, _kind in key)


def _key(sort: MemberSort, row: tuple[Any, ...]) -> tuple[str | int, ...]:
    member_id, *key = row
    told = (value.isoformat() if isinstance(value, datetime) else str(value) for value in key)
    return sort.value, *told, member_id


def _read_cursor(sort: MemberSort, cursor: str) -> tuple[list[str], int]:
    made_for, *key, last_id = decode_cursor(cursor, (str, *(str for _column in _KEYS[sort]), int))
    values = [str(value) for value in key]
    if made_for != sort or not _fits(sort, values):
        raise BadCursor("The cursor belongs to another order of the list; start from the first page.")
    return values, int(last_id)


def _fits(sort: MemberSort, values: Sequence[str]) -> bool:
    match sort:
        case MemberSort.NAME:
            return True
        case MemberSort.JOINED:
            return _is_instant(values[0])
        case MemberSort.TIER:
            rank, points = map(read_number, values)
            return rank is not None and rank <= _SMALLINT_MAX and points is not None
        case MemberSort.NUMBER | MemberSort.POINTS:
            return read_number(values[0]) is not None


def _is_instant(value: str) -> bool:
    try:
        found = parse_datetime(value)
    except ValueError:
        return False
    return found is not None and found.tzinfo is not None
