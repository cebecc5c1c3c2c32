"""Setting what a point is reckoned at."""

from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction

from regulars.finance import models, policies
from regulars.finance.queries.reading import list_point_costs
from regulars.finance.types import PointCost
from regulars.kit.actor import Actor
from regulars.kit.clock import local_date
from regulars.rules import facade as rules
from regulars.trail import facade as trail

LOCK = "LOCK TABLE finance_pointcost IN SHARE ROW EXCLUSIVE MODE"


@transaction.atomic(durable=True)
def set_point_cost(*, actor: Actor, now: datetime, cost: Decimal, effective_on: date) -> PointCost:
    """Reckon a point at `cost` major units of the programme's currency from the start of a day on.

    Reports that were kept without money are made anew. Leaves an audit line. Locks the table of costs.
    Raises CostInvalid, CostNotAhead, NoProgramme.
    """
    policies.check_cost(cost)
    programme = rules.get_current_programme(now)
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    latest = next(iter(list_point_costs()), None)
    policies.check_effective(effective_on, latest, local_date(now, programme.time_zone))
    row = models.PointCost.objects.create(
        effective_on=effective_on, cost=cost, currency=programme.currency, recorded_at=now
    )
    if latest is None:
        # The first one may begin in the past, of which reports are kept for ever.
        models.StoredReport.objects.filter(made_at__isnull=False).delete()
    trail.record_audit(
        actor=actor,
        now=now,
        action="finance.cost_set",
        subject="finance:cost",
        details={
            "cost": f"{cost.normalize():f}",
            "currency": programme.currency,
            "effective_on": effective_on.isoformat(),
            "before": None if latest is None else f"{latest.cost.normalize():f}",
        },
    )
    return PointCost(row.effective_on, row.cost, row.currency, row.recorded_at)
