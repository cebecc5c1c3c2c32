"""Awards as they were kept."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.earning.details import KeptAward, unpack
from regulars.earning.types import SourceKind
from regulars.kit.ids import AwardId, MemberId, ProgrammeVersion
from regulars.kit.statements import fetch_rows

_ROWS = """
SELECT id, member_id, source_id, occurred_at, programme_version, points, detail::text FROM earning_award
WHERE source_kind = %s AND source_id = ANY(%s::bigint[])
"""
_POINTS = "SELECT source_id, id, points FROM earning_award WHERE source_kind = %s AND source_id = ANY(%s)"
_EVENTS = """
SELECT source_id, id, points, coalesce((detail ->> 'activated')::bigint, 0) FROM earning_award
WHERE source_kind = 'event' AND source_id = ANY(%s)
"""
_SUMS = """
SELECT return_id, sum(amount)::bigint, sum(into_debt)::bigint, sum(waived)::bigint FROM earning_reversal
WHERE return_id = ANY(%s) AND currency = 'points' GROUP BY return_id
"""


@dataclass(frozen=True, slots=True)
class AwardRow:
    """One award, with its detail read."""

    award_id: AwardId
    member_id: MemberId
    source_id: int
    occurred_at: datetime
    programme_version: ProgrammeVersion
    points: int
    kept: KeptAward


def find_award_rows(kind: SourceKind, source_ids: Collection[int]) -> dict[int, AwardRow]:
    """Awards by what they were for. One query."""
    if not source_ids:
        return {}
    wanted = "{" + ",".join(map(str, source_ids)) + "}"
    return {
        source_id: AwardRow(
            award_id, member_id, source_id, occurred_at, version, points, unpack(json.loads(detail))
        )
        for award_id, member_id, source_id, occurred_at, version, points, detail in fetch_rows(
            _ROWS, (kind.value, wanted)
        )
    }


def find_awards(kind: SourceKind, source_ids: Collection[int]) -> dict[int, tuple[AwardId, int]]:
    """Id and spendable points of awards, by what they were for."""
    return {source_id: (award_id, points) for source_id, award_id, points in _read(_POINTS, kind, source_ids)}


def find_event_awards(event_ids: Collection[int]) -> dict[int, tuple[AwardId, int, int]]:
    """Id, spendable points and points activated, by event."""
    rows = _read(_EVENTS, None, event_ids)
    return {event_id: (award_id, points, activated) for event_id, award_id, points, activated in rows}


def sum_reversals(return_ids: Collection[int]) -> dict[int, tuple[int, int, int]]:
    """What returns took back in spendable points: amount, of which into debt, of which waived."""
    rows = _read(_SUMS, None, return_ids)
    return {return_id: (amount, into_debt, waived) for return_id, amount, into_debt, waived in rows}


def _read(sql: str, kind: SourceKind | None, ids: Collection[int]) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids)] if kind is None else [kind.value, list(ids)])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
