"""Reads of earning."""

from regulars.earning.queries.awards import (
    AwardRow,
    find_award_rows,
    find_awards,
    find_event_awards,
    sum_reversals,
)
from regulars.earning.queries.explaining import (
    explain_award,
    explain_entry,
    explain_sources,
    summarise_sources,
)
from regulars.earning.queries.quoting import quote

__all__ = [
    "AwardRow",
    "explain_award",
    "explain_entry",
    "explain_sources",
    "find_award_rows",
    "find_awards",
    "find_event_awards",
    "quote",
    "sum_reversals",
    "summarise_sources",
]
