"""Python loads this at the start of every process of the installation under test: it moves their clock.

Nothing of Regulars knows of it. The file that FAULTS_CLOCK names holds one double: by how many seconds the
clock is wrong at the moment. What is moved is what Regulars and its job queue ask: `time.time`, and
`regulars.kit.clock.utc_now`, the only reader of the clock in the house. PostgreSQL keeps the machine's clock.
"""

import datetime
import mmap
import os
import struct
import time
from pathlib import Path
from typing import Any

if path := os.environ.get("FAULTS_CLOCK"):
    from regulars.kit import clock

    with Path(path).open("rb") as file:
        shared = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)
    true_time, true_time_ns = time.time, time.time_ns

    def wrong_by() -> float:
        return float(struct.unpack("d", shared[:8])[0])

    class WrongClock(datetime.datetime):
        """Stands in for `datetime` in that one module. All that it makes are plain datetimes."""

        combine = datetime.datetime.combine  # type: ignore[assignment]

        @classmethod
        def now(cls, tz: Any = None) -> datetime.datetime:  # type: ignore[override]
            return datetime.datetime.now(tz) + datetime.timedelta(seconds=wrong_by())

    clock.datetime = WrongClock  # type: ignore[attr-defined]
    time.time = lambda: true_time() + wrong_by()
    time.time_ns = lambda: true_time_ns() + int(wrong_by() * 1e9)
