"""Windows: the stretches of days that a measure is taken over, all of them in one pass.

A report needs a measure over its period, over the period before, and over the windows of a trend. They are a
small table that facts are joined to, so that each fact is read once however many windows there are.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa

from regulars.analytics.types import Period

TREND_DAYS = 28
TREND_WINDOWS = 13
"""Four weeks, so that each window has the same weekdays; thirteen of them are a year."""

_COLUMNS = pa.schema(
    [
        ("window", pa.int64()),
        ("first", pa.date32()),
        ("after", pa.date32()),
    ]
)


def hold_windows(periods: Sequence[Period]) -> Any:
    """The periods as a table (window, first, after); `window` counts them from 0."""
    columns = [
        list(range(len(periods))),
        [one.first for one in periods],
        [one.after for one in periods],
    ]
    return ibis.memtable(pa.table(columns, schema=_COLUMNS))


def list_trend(period: Period, first_day: date) -> list[Period]:
    """The windows of a trend, oldest first: as many whole ones as the facts reach back."""
    windows: list[Period] = []
    after = period.after
    while len(windows) < TREND_WINDOWS and (after - first_day).days >= TREND_DAYS:
        first = after - timedelta(days=TREND_DAYS)
        windows.append(Period(first, after))
        after = first
    return windows[::-1]


def place(table: Any, windows: Any) -> Any:
    """The rows of `table` with the windows in which `occurred_on` lies; one that lies in none is dropped."""
    return table.join(windows, [table.occurred_on >= windows["first"], table.occurred_on < windows["after"]])


def count_days(later: Any, earlier: Any) -> Any:
    """Whole days from one day to another."""
    return later.delta(earlier, unit="day").cast("int64")
