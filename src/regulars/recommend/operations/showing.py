"""Showing: shelves are drawn, and what was shown is written down in the same call."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from regulars.kit.errors import InvalidInput
from regulars.kit.ids import MemberId
from regulars.kit.statements import fetch_rows
from regulars.recommend.queries.serving import Drawn, draw_shelf, draw_shelves
from regulars.recommend.types import Placement, ServedShelf, ShelfCode

COUNT_MAX = 60
PURGED_AT_ONCE = 20_000
_PURGE = """
WITH gone AS (
    DELETE FROM recommend_shown WHERE id IN (
        SELECT id FROM recommend_shown WHERE shown_at < %s ORDER BY shown_at LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING id, member_id
), told AS (
    DELETE FROM recommend_feedback f USING gone WHERE f.member_id = gone.member_id AND f.shown_id = gone.id
)
SELECT count(*) FROM gone
"""
_LOG = """
INSERT INTO recommend_shown
    (member_id, shown_at, placement, shelf, served_by, model_id, skus, ways, reasons)
SELECT %s::bigint, %s::timestamptz, %s::text, x ->> 0, x ->> 1, (x ->> 2)::bigint,
    ARRAY(SELECT json_array_elements_text(x -> 3)), ARRAY(SELECT json_array_elements_text(x -> 4)),
    (x -> 5)::jsonb
FROM json_array_elements(%s::json) WITH ORDINALITY AS rows (x, place) ORDER BY place
RETURNING id
"""
# What was shown is no money: a crash may lose the last of it, and no visit waits for the disk. Only of a
# statement that is its own transaction: within another's it would be theirs that does not wait.
_UNHURRIED = (
    f"WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)) {_LOG}".replace(
        "FROM json_array", "FROM quick, json_array"
    )
)


def list_shelves(
    *,
    member_id: MemberId,
    now: datetime,
    placement: Placement,
    count: int = 12,
    basket: Sequence[str] = (),
    shelves_max: int | None = None,
    log: bool = True,
) -> list[ServedShelf]:
    """The shelves of a member in order: again, new, because, brands, alike; popular where too few stand.

    With `shelves_max` no more than the first so many: those that are not shown are not drawn, and not logged.
    Each has `count` items at most and three at least, and no item is on two. `basket` are SKUs that they
    have in their hands: weighed, and not offered. Writes a row for each shelf to the log, in one statement.
    Raises MemberUnknown, MemberErased, InvalidInput.
    """
    _check_count(count)
    person, drawn = draw_shelves(
        member_id=member_id, now=now, count=count, basket=basket, shelves_max=shelves_max
    )
    return _log(person, drawn, placement=placement, now=now) if log else [one.shelf for one in drawn]


def get_shelf(
    *,
    member_id: MemberId,
    shelf: ShelfCode,
    now: datetime,
    placement: Placement,
    count: int = 12,
    basket: Sequence[str] = (),
    log: bool = True,
) -> ServedShelf:
    """One shelf of a member. Where too little is known for it, what is popular, which its `code` says.

    Never empty while the shop has anything to recommend. Logs and raises as `list_shelves`.
    """
    _check_count(count)
    person, drawn = draw_shelf(member_id=member_id, shelf=shelf, now=now, count=count, basket=basket)
    return _log(person, [drawn], placement=placement, now=now)[0] if log else drawn.shelf


def list_for_nobody(*, now: datetime, count: int = 12, basket: Sequence[str] = ()) -> ServedShelf:
    """What is popular in the shop, for whom nothing is known of. Nothing is logged."""
    _check_count(count)
    _nobody, drawn = draw_shelf(member_id=None, shelf=ShelfCode.POPULAR, now=now, count=count, basket=basket)
    return drawn.shelf


def purge_shown(*, now: datetime, limit: int = PURGED_AT_ONCE) -> int:
    """Forget up to `limit` shelves shown before `RECOMMEND_SHOWN_DAYS`, oldest first, with their feedback.

    Answers how many: 0 where none is left. One transaction, so that no visit waits long for its locks.
    """
    before = now - timedelta(days=settings.RECOMMEND_SHOWN_DAYS)
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_PURGE, [before, limit])
        return int(cursor.fetchone()[0])


def _check_count(count: int) -> None:
    if not 1 <= count <= COUNT_MAX:
        raise InvalidInput(f"Ask for 1 to {COUNT_MAX} items.", field="count")


def _log(
    member_id: MemberId | None, drawn: Sequence[Drawn], *, placement: Placement, now: datetime
) -> list[ServedShelf]:
    told = [one for one in drawn if one.entries]
    if member_id is None or not told:
        return [one.shelf for one in drawn]
    rows = [
        [
            one.shelf.code.value,
            one.shelf.served_by.value,
            one.shelf.model_id,
            [entry.sku for entry in one.entries],
            [entry.way.value for entry in one.entries],
            [[[why.code.value, dict(why.values)] for why in item.reasons] for item in one.shelf.items],
        ]
        for one in told
    ]
    ids = iter(write_shown(member_id, rows, placement=placement, now=now))
    return [replace(one.shelf, shown_id=next(ids)) if one.entries else one.shelf for one in drawn]


def write_shown(
    member_id: MemberId, rows: Sequence[Sequence[Any]], *, placement: Placement, now: datetime
) -> list[int]:
    """Write down what was shown to a member at once, and answer the numbers of the rows.

    A row: shelf, way of most items, model or None, what was shown, way and raw reasons of each item.
    """
    text = _LOG if connection.in_atomic_block else _UNHURRIED
    written = fetch_rows(text, (str(member_id), now.isoformat(), placement.value, json.dumps(rows)))
    return [row[0] for row in written]
