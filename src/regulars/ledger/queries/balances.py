"""What members have: balances, lots, what is about to lapse."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from regulars.kit.ids import LotId, MemberId
from regulars.kit.statements import fetch_rows
from regulars.ledger.models import OpenLot, PendingLot
from regulars.ledger.types import Balance, Currency, Lot, LotState

# One index range per wallet: lots that are due stand first.
_BALANCES = """
    SELECT w.member_id, w.balance - COALESCE((
            SELECT sum(l.remaining) FROM ledger_open_lot l
            WHERE l.member_id = w.member_id AND l.currency = w.currency AND l.expires_at <= %s::timestamptz
        ), 0)::bigint,
        w.pending, w.held, w.debt
    FROM ledger_wallet w WHERE w.currency = %s AND w.member_id
"""
_ONE_BALANCE = _BALANCES + "= %s::bigint"
_MANY_BALANCES = _BALANCES + "= ANY(%s::bigint[])"
_EXPIRING = """
    SELECT expires_at, sum(remaining)::bigint FROM ledger_open_lot
    WHERE member_id = %s::bigint AND currency = %s
        AND expires_at > %s::timestamptz AND expires_at <= %s::timestamptz
    GROUP BY expires_at ORDER BY expires_at
"""


def get_balance(member_id: MemberId, now: datetime, currency: Currency = Currency.POINTS) -> Balance:
    """What the wallet holds at `now`; all zero where nothing was ever posted. One query."""
    rows = fetch_rows(_ONE_BALANCE, (now.isoformat(), currency, str(member_id)))
    return Balance(*rows[0][1:]) if rows else Balance()


def get_balances(
    member_ids: Sequence[MemberId], now: datetime, currency: Currency = Currency.POINTS
) -> dict[MemberId, Balance]:
    """The balances of many members, each of them present. One query."""
    found = dict.fromkeys(member_ids, Balance())
    wanted = "{" + ",".join(map(str, member_ids)) + "}"
    for member_id, *amounts in fetch_rows(_MANY_BALANCES, (now.isoformat(), currency, wanted)):
        found[MemberId(member_id)] = Balance(*amounts)
    return found


def list_lots(member_id: MemberId, now: datetime, currency: Currency = Currency.POINTS) -> tuple[Lot, ...]:
    """The member's lots in the order in which they will be spent, then the pending ones. Two queries."""
    open_lots = (
        OpenLot.objects.filter(member_id=member_id, currency=currency)
        .filter(expires_at__gt=now)
        .order_by("expires_at", "opened_at", "lot_id")
    )
    pending_lots = PendingLot.objects.filter(member_id=member_id, currency=currency).order_by(
        "activates_at", "lot_id"
    )
    return tuple(
        Lot(
            LotId(lot.lot_id),
            currency,
            LotState.ACTIVE,
            lot.remaining,
            lot.opened_at,
            lot.expires_at,
            lot.sliding,
        )
        for lot in open_lots
    ) + tuple(
        Lot(
            *(LotId(lot.lot_id), currency, LotState.PENDING, lot.remaining, lot.occurred_at, lot.expires_at),
            *(lot.sliding, lot.activates_at, lot.awaits),
        )
        for lot in pending_lots
    )


def list_expiring(
    member_id: MemberId, now: datetime, within_days: int, currency: Currency = Currency.POINTS
) -> list[tuple[datetime, int]]:
    """How many points lapse when, within so many days from now, soonest first. One query."""
    until = now + timedelta(days=within_days)
    rows = fetch_rows(_EXPIRING, (str(member_id), currency, now.isoformat(), until.isoformat()))
    return [(expires_at, points) for expires_at, points in rows]
