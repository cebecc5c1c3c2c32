"""Reads of the manifest: which files there are, and how fresh they are."""

from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Max, Min, Sum

from regulars.facts import policies
from regulars.facts.models import FactsChange, FactsFile, FactsFollower, FactsState
from regulars.facts.schemas import SCHEMAS
from regulars.facts.types import FactsStatus, Freshness, TableStatus


def list_files(table: str | None = None) -> list[FactsFile]:
    """The files that hold facts now, of one table or of all, by month."""
    rows = FactsFile.objects.order_by("table", "month")
    return list(rows if table is None else rows.filter(table=table))


def find_freshness(now: datetime) -> Freshness | None:
    """How fresh the facts are; None where nothing was copied yet. One small query."""
    state = FactsState.objects.first()
    if state is None:
        return None
    return Freshness(
        synced_at=state.synced_at,
        as_of=state.as_of,
        time_zone=state.time_zone,
        age_seconds=(now - state.synced_at).total_seconds(),
        is_stale=policies.is_stale(state.synced_at, now),
    )


def find_news(task: str) -> date | None:
    """The first day that something changed of which a job has not taken in; None: nothing. Two queries."""
    seen = FactsFollower.objects.filter(pk=task).values_list("change", flat=True).first() or 0
    found: date | None = FactsChange.objects.filter(pk__gt=seen).aggregate(day=Min("first_on"))["day"]
    return found


def count_missing_files() -> int:
    """How many files of the manifest are not in the directory, or not as long as they were."""
    root = Path(settings.FACTS_DIR)
    return sum(not policies.is_there(root, row) for row in list_files())


def get_status(now: datetime) -> FactsStatus:
    """Each table's files, rows and bytes, and how fresh all of it is."""
    found = {
        row["table"]: row
        for row in FactsFile.objects.values("table")
        .order_by("table")
        .annotate(files=Count("id"), rows_sum=Sum("rows"), bytes_sum=Sum("bytes"), last=Max("written_at"))
    }
    return FactsStatus(
        freshness=find_freshness(now),
        tables=tuple(
            TableStatus(
                table=name,
                files=row["files"] if row else 0,
                rows=row["rows_sum"] if row else 0,
                bytes=row["bytes_sum"] if row else 0,
                last_written_at=row["last"] if row else None,
            )
            for name, row in ((name, found.get(name)) for name in SCHEMAS)
        ),
        engine=settings.ENGINE or "duckdb",
        directory=str(settings.FACTS_DIR),
    )
