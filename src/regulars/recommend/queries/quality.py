"""How recommendations go: by which way shelves were served lately, and whom they are made for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from regulars.kit.statements import fetch_rows
from regulars.recommend.types import REWARDS_SHELF, ServedBy

WEEK, MONTH = timedelta(days=7), timedelta(days=28)
SHOWN_MAX = 500_000
"""The latest so many shelves are counted: a shop of millions shows more than a page can wait for."""
_SERVED = f"""
SELECT served_by, count(*) FILTER (WHERE shown_at > %s::timestamptz), count(*) FROM (
    SELECT served_by, shown_at FROM recommend_shown
    WHERE shown_at > %s::timestamptz AND shown_at <= %s::timestamptz AND shelf <> '{REWARDS_SHELF}'
    ORDER BY shown_at DESC LIMIT {SHOWN_MAX}
) lately GROUP BY served_by
"""  # noqa: S608 (constants)
_MADE_FOR = """
SELECT (SELECT count(*) FROM recommend_taste), count(DISTINCT member_id), max(as_of) FROM recommend_candidates
"""


@dataclass(frozen=True, slots=True)
class ServedCount:
    """How many shelves of products came mostly by a way, in seven days and in 28."""

    way: ServedBy
    week: int
    month: int


@dataclass(frozen=True, slots=True)
class MadeFor:
    """Of how many members a taste is known, how many have candidates of their own, and up to which day."""

    known: int
    members: int
    as_of: date | None


def count_served(now: datetime) -> tuple[ServedCount, ...]:
    """By which way shelves were served, every way present, the most personal first. One query."""
    found = {
        way: (week, month)
        for way, week, month in fetch_rows(
            _SERVED, ((now - WEEK).isoformat(), (now - MONTH).isoformat(), now.isoformat())
        )
    }
    return tuple(ServedCount(way, *found.get(way.value, (0, 0))) for way in ServedBy)


def count_made_for() -> MadeFor:
    """Whom there is something precomputed for. One query."""
    return MadeFor(*fetch_rows(_MADE_FOR, ())[0])
