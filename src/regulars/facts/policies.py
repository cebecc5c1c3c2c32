"""Decisions of facts: what may be built upon, what is stale, what is worth a new file."""

import hashlib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from regulars.facts.models import FactsFile, FactsState
from regulars.facts.schemas import SCHEMAS
from regulars.facts.statements import WHOLE
from regulars.kit.clock import local_date

if TYPE_CHECKING:
    from regulars.facts.writing import Written

STALE_AFTER = timedelta(minutes=45)
"""A sync every ten minutes is missed four times before anybody is told."""
SPILL = ".spill"
"""Where, beside the facts, engines put what does not fit into memory: a directory for each."""
XIDS = 2**32
LAYOUT_VERSION = 1


def _fingerprint_layout() -> str:
    told = [
        (
            schema.name,
            schema.monthly,
            schema.summed,
            [(column.name, column.type) for column in schema.columns],
        )
        for schema in SCHEMAS.values()
    ]
    return hashlib.sha256(repr((LAYOUT_VERSION, told)).encode()).hexdigest()


LAYOUT = _fingerprint_layout()
"""Changes with the columns: files of another layout are all written anew."""


def continues(state: FactsState | None, *, zone: str, system: str, oldest_running: int) -> bool:
    """Whether what was copied can be added to: same days, same columns, same counter of transactions."""
    return (
        state is not None
        and state.time_zone == zone
        and state.layout == LAYOUT
        and state.system == system
        # Rows carry 32 bits of the number: further apart, older and newer look alike.
        and 0 <= oldest_running - state.oldest_running < XIDS // 2
    )


def short_xid(since: int | None) -> str:
    """A transaction's number as rows carry it: the last 32 bits."""
    return str((since or 0) % XIDS)


def last_whole_day(instant: datetime, zone: str) -> date:
    """The day before that of the instant: the last one that is over."""
    return local_date(instant, ZoneInfo(zone)) - timedelta(days=1)


def first_day_of(month: str) -> date:
    """The first day of a month as files are named by it; the first of all days for what is kept whole."""
    return date.min if month == WHOLE else date.fromisoformat(f"{month}-01")


def is_stale(synced_at: datetime, now: datetime) -> bool:
    """Whether someone should look why nothing was copied."""
    return now - synced_at > STALE_AFTER


def differs(written: "Written", known: FactsFile | None) -> bool:
    """Whether a file says anything that the one in its place does not: names follow from what is in them."""
    return known is None or known.file != written.file


def is_there(root: Path, row: FactsFile) -> bool:
    """Whether the file is on this machine, as long as it was."""
    try:
        return (root / row.file).stat().st_size == row.bytes
    except OSError:
        return False
