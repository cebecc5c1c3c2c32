"""Lists of the members behind a number, made by a job: the web process never loads the engine.

`queries/behind.py` finds and reads them.
"""

import time
from datetime import datetime, timedelta

from django.db import models, transaction
from procrastinate.contrib.django import app

from regulars.analytics.codes import Measure
from regulars.analytics.models import BehindList, BehindMember
from regulars.analytics.policies import LOST_AFTER
from regulars.analytics.queries.behind import find_rows, get_waiting, read_row
from regulars.analytics.types import BehindWaiting, Period
from regulars.facts.facade import Facts
from regulars.kit.errors import Refusal

LIST_TASK = "analytics.list_behind"
KEPT = timedelta(days=2)
"""A list is read within minutes of being asked for."""
BATCH = 5_000


@transaction.atomic
def ask_behind(*, measure: Measure, period: Period, key: str, now: datetime) -> BehindWaiting:
    """Have a list made by a job, unless one is being made; one that was lost or failed is asked for again."""
    row, is_new = BehindList.objects.get_or_create(
        measure=measure,
        key=key,
        first=period.first,
        after=period.after,
        made_at=None,
        defaults={"asked_at": now},
    )
    if not is_new and (row.failure or row.asked_at < now - LOST_AFTER):
        BehindList.objects.filter(pk=row.pk).update(asked_at=now, failure="")
        row.asked_at, row.failure, is_new = now, "", True
    if is_new:
        app.configure_task(LIST_TASK).defer(list_id=row.pk)
    return get_waiting(row)


def make_behind(*, list_id: int, facts: Facts, now: datetime) -> bool:
    """List the members that somebody waits for; whether there was anything to do.

    Locks the list. A failure is written to it in a sentence; what is ours to mend is raised as well.
    """
    try:
        with transaction.atomic():
            return _make(list_id, facts, now)
    except Refusal as refusal:
        BehindList.objects.filter(pk=list_id).update(failure=refusal.detail[:500])
        return False
    except Exception as error:
        BehindList.objects.filter(pk=list_id).update(failure=f"{type(error).__name__}: {error}"[:500])
        raise


def _make(list_id: int, facts: Facts, now: datetime) -> bool:
    row = BehindList.objects.select_for_update().filter(pk=list_id, made_at__isnull=True).first()
    if row is None:
        return False
    begun = time.monotonic()
    rows = find_rows(facts, Measure(row.measure), Period(row.first, row.after), row.key)
    BehindMember.objects.filter(list_id=row.pk).delete()
    # Ibis' own batches fail with this DuckDB; a member is a few numbers.
    for batch in rows.order_by("member_id").to_pyarrow().to_batches(max_chunksize=BATCH):
        found = [read_row(one) for one in batch.to_pylist()]
        BehindMember.objects.bulk_create(
            BehindMember(list_id=row.pk, member_id=one.member_id, figures=one.figures) for one in found
        )
    drop_lists(
        BehindList.objects.filter(
            measure=row.measure, key=row.key, first=row.first, after=row.after, made_at__isnull=False
        )
    )
    row.as_of, row.made_at, row.seconds = facts.as_of, now, time.monotonic() - begun
    row.save(update_fields=["as_of", "made_at", "seconds"])
    return True


@transaction.atomic
def purge_behind(*, now: datetime) -> int:
    """Drop lists that were asked for long ago; gives their number."""
    return drop_lists(BehindList.objects.filter(asked_at__lt=now - KEPT))


def drop_lists(lists: models.QuerySet[BehindList]) -> int:
    """Drop lists with their rows."""
    numbers = list(lists.values_list("pk", flat=True))
    BehindMember.objects.filter(list_id__in=numbers).delete()
    BehindList.objects.filter(pk__in=numbers).delete()
    return len(numbers)
