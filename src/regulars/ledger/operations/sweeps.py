"""What time brings: expiry, activation, holds that time out. Each call is one transaction of bounded size."""

from datetime import datetime

from django.db import transaction

from regulars.ledger.operations.calls import call, statement
from regulars.ledger.types import Sweep

LOTS_PER_SWEEP = 10_000

_EXPIRE = statement("ledger_expire_due", "timestamptz", "bigint")
_ACTIVATE = statement("ledger_activate_due", "timestamptz", "bigint")
_RELEASE = statement("ledger_release_due", "timestamptz", "bigint")


@transaction.atomic(durable=True)
def expire_due(*, now: datetime, limit: int = LOTS_PER_SWEEP) -> Sweep:
    """Let lots lapse whose time has come: about `limit` of them; call again while `more`.

    Locks: the wallets concerned; those locked by others are skipped and found again by the next run.
    """
    return Sweep(*call(_EXPIRE, (now, limit)))


@transaction.atomic(durable=True)
def activate_due(*, now: datetime, limit: int = LOTS_PER_SWEEP) -> Sweep:
    """Make pending credits active whose time has come, as of that time; call again while `more`.

    Locks: the wallets concerned; those locked by others are skipped and found again by the next run.
    """
    return Sweep(*call(_ACTIVATE, (now, limit)))


@transaction.atomic(durable=True)
def release_timed_out_holds(*, now: datetime, limit: int = LOTS_PER_SWEEP) -> Sweep:
    """Release holds that nobody captured in time, as of that time; call again while `more`.

    Locks: the wallets concerned; those locked by others are skipped and found again by the next run.
    """
    return Sweep(*call(_RELEASE, (now, limit)))
