"""Copying what lists of members sort by out of the rooms that know it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.db import connection, transaction


class Figure(StrEnum):
    """What is known elsewhere and sorted by here. The value is the column."""

    POINTS = "points"
    TIER_RANK = "tier_rank"


@transaction.atomic(durable=True)
def renew_figures(*, figure: Figure, source: str, params: Mapping[str, Any]) -> int:
    """Copy a figure of every member; answer how many were another one.

    `source` is a SELECT of two columns, member and figure, that the room which knows it wrote, with its
    parameters; whoever is not in it keeps what was copied last. One pass over the source and the figures.
    Two at once wait for each other, so that they never wait for each other's rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('members.figures', 0))")
        cursor.execute(
            f"""
            UPDATE members_memberfigures AS kept SET {figure} = known.figure
            FROM ({source}) AS known (member_id, figure)
            WHERE known.member_id = kept.member_id AND known.figure <> kept.{figure}
            """,  # noqa: S608 (a column of ours, and a statement that a room wrote)
            params,
        )
        return int(cursor.rowcount)
