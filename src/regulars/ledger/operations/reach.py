"""Counting, now and then, how many members can pay how much."""

from datetime import datetime

from django.db import connection, transaction

from regulars.ledger.models import ReachStep
from regulars.ledger.queries.reach import COUNT_NOW
from regulars.ledger.types import Currency
from regulars.members import facade as members

_RENEW = f"""
    INSERT INTO ledger_reachstep (currency, floor_points, wallets, points, counted_at)
    SELECT %(currency)s, floor_points, wallets, points, %(now)s FROM ({COUNT_NOW}) counted
"""  # noqa: S608  (no word of it comes from outside)


@transaction.atomic(durable=True)
def renew_reach(*, now: datetime, currency: Currency = Currency.POINTS) -> int:
    """Count the wallets of a currency in steps of their balance anew; answer how many steps there are.

    One pass over the wallets, which locks none of them. Two at once wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('ledger.reach', 0))")
        ReachStep.objects.filter(currency=currency).delete()
        cursor.execute(_RENEW, {"currency": currency.value, "now": now})
        return int(cursor.rowcount)


def note_points(*, currency: Currency = Currency.POINTS) -> int:
    """Tell the lists of members what everybody has; answer of how many it was something else.

    One pass over the wallets, which locks none of them.
    """
    return members.renew_figures(
        figure=members.Figure.POINTS,
        # The domain is cast away: it would be checked anew for every wallet.
        source="SELECT member_id, balance::bigint FROM ledger_wallet WHERE currency = %(currency)s",
        params={"currency": currency.value},
    )
