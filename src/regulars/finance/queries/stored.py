"""Reports that a job has made, and those that are being made."""

from regulars.finance import policies
from regulars.finance.models import StoredReport
from regulars.finance.types import Liability, Movements, Opened, Question, ReportKind, Waiting
from regulars.kit.shapes import shape_of

_KINDS: dict[str, type] = {ReportKind.LIABILITY: Liability, ReportKind.MOVEMENTS: Movements}


def find_stored(question: Question) -> Opened | None:
    """The latest answer that a job stored. One query."""
    rows = StoredReport.objects.filter(mark=policies.mark_of(question), made_at__isnull=False)
    row = rows.order_by("-made_at").first()
    if row is None or row.made_at is None:
        return None
    return Opened(shape_of(_KINDS[row.kind]).validate_json(row.content), row.made_at)


def get_waiting(row: StoredReport) -> Waiting:
    """Since when a report is being made, and how long the last one of its kind took. One query."""
    seconds = (
        StoredReport.objects.filter(kind=row.kind, seconds__isnull=False)
        .order_by("-made_at")
        .values_list("seconds", flat=True)
        .first()
    )
    return Waiting(row.asked_at, None if seconds is None else max(1, round(seconds)))


def write_report(report: Liability | Movements) -> str:
    """A report as JSON text, which `find_stored` reads back to an equal one."""
    return shape_of(type(report)).dump_json(report).decode()
