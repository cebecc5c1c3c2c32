"""Moving a redemption on: confirmed when all is paid, or cancelled."""

import contextlib
from datetime import datetime

from django.db import transaction

from regulars.catalogue import facade as catalogue
from regulars.kit.actor import SYSTEM, Actor
from regulars.kit.ids import MemberId, ProgrammeVersion, RedemptionId
from regulars.ledger import facade as ledger
from regulars.redemption.errors import WrongState
from regulars.redemption.models import Redemption
from regulars.redemption.operations.refunding import refund_points
from regulars.redemption.operations.rows import (
    lock_redemption,
    make_change,
    read_seq,
    release_units,
    write_changes,
)
from regulars.redemption.policies import (
    check_can_cancel,
    resolve_cancellable_until,
    resolve_valid_until,
)
from regulars.redemption.queries import of_person, to_view
from regulars.redemption.types import RedemptionState, RedemptionView
from regulars.rules import facade as rules

TIMED_OUT = "Not paid in time."


@transaction.atomic(durable=True)
def confirm_redemption(*, actor: Actor, now: datetime, redemption_id: RedemptionId) -> RedemptionView:
    """Take the held points for good, now that the shop has the money, and reveal the code if there is one.

    Confirming again changes nothing. A reservation that ran out of time can still be confirmed until the job
    cancels it: the money was paid. Locks, in order: the redemption, the member's wallet.
    Raises RedemptionNotFound, WrongState.
    """
    row = lock_redemption(redemption_id)
    if row.state in (RedemptionState.CONFIRMED, RedemptionState.FULFILLED):
        return to_view(row)
    if row.state != RedemptionState.RESERVED:
        raise WrongState("It was cancelled; redeem the reward again.", state=row.state)
    try:
        receipt = ledger.capture(
            actor=actor,
            now=now,
            member_id=MemberId(row.member_id),
            hold_seq=read_seq(row.hold_seq),
            key=f"redemption:{row.pk}:capture",
            source=f"redemption:{row.pk}",
        )
    except ledger.HoldNotOpen as error:
        raise WrongState("The reservation has lapsed; redeem the reward again.", state=row.state) from error
    row.spend_seq = receipt.seq
    settle(row, actor=actor, now=now)
    row.save()
    write_changes(row, RedemptionState.CONFIRMED, actor=actor, now=now)
    return to_view(row)


@transaction.atomic(durable=True)
def cancel_redemption(
    *, actor: Actor, now: datetime, redemption_id: RedemptionId, reason: str = ""
) -> RedemptionView:
    """Give the points back to the lots they came from, the units to the stock, and void the code.

    A code that nobody has seen goes back to its pool; one that was revealed is never given out again.
    Cancelling again changes nothing. `policies.check_can_cancel` says who may, and when.
    Locks, in order: the redemption, the reward's stock, the member's wallet.
    Raises RedemptionNotFound, NotYours, NotCancellable, ReasonNeeded, RedemptionInvalid.
    """
    row = lock_redemption(redemption_id)
    check_can_cancel(of_person(to_view(row)), actor, now, reason)
    if row.state == RedemptionState.CANCELLED:
        return to_view(row)
    _undo(row, actor=actor, now=now, reason=reason.strip())
    return to_view(row)


def time_out_reservations(*, now: datetime, limit: int = 1_000) -> int:
    """Cancel reservations whose time is over, `limit` at most, earliest first; answer how many.

    Each is a transaction of its own. What others hold at the moment is left for the next run.
    """
    due = Redemption.objects.filter(state=RedemptionState.RESERVED, times_out_at__lte=now)
    found = list(due.order_by("times_out_at", "id").values_list("id", flat=True)[:limit])
    return sum(_time_out(RedemptionId(redemption_id), now) for redemption_id in found)


def settle(row: Redemption, *, actor: Actor, now: datetime) -> None:
    """Fill in what being paid for entails: the code revealed, dates resolved once. The caller saves."""
    zone = rules.get_programme(ProgrammeVersion(row.programme_version)).time_zone
    row.state, row.confirmed_at = RedemptionState.CONFIRMED, now
    row.cancellable_until = resolve_cancellable_until(now, row.cancellable_for_hours)
    row.valid_until = resolve_valid_until(now, row.voucher_valid_days, zone)
    if row.instant:
        row.state, row.fulfilled_at = RedemptionState.FULFILLED, now
        # What has a code is handed over when the code is used.
        row.units_handed = row.units if row.code_id is None else 0
    if row.code_id is not None:
        # Whoever has seen the code could use it and have the points back.
        row.cancellable_until = None
        catalogue.reveal_code(actor=actor, now=now, code_id=row.code_id)


@transaction.atomic(durable=True)
def _time_out(redemption_id: RedemptionId, now: datetime) -> bool:
    rows = Redemption.objects.select_for_update(skip_locked=True, no_key=True)
    row = rows.filter(pk=redemption_id, state=RedemptionState.RESERVED).first()
    if row is None:
        return False
    _undo(row, actor=SYSTEM, now=now, reason=TIMED_OUT)
    return True


def _undo(row: Redemption, *, actor: Actor, now: datetime, reason: str) -> None:
    release_units(row, row.units - row.units_dropped)
    if row.code_id is not None:
        freed = catalogue.give_back_code(actor=actor, now=now, code_id=row.code_id, reason=reason)
        if freed:
            row.code = None
    _give_points_back(row, actor=actor, now=now, reason=reason)
    row.state, row.cancelled_at, row.cancel_reason = RedemptionState.CANCELLED, now, reason
    row.save()
    change = make_change(row, RedemptionState.CANCELLED, actor, now)
    change.reason = reason
    change.save()


def _give_points_back(row: Redemption, *, actor: Actor, now: datetime, reason: str) -> None:
    member_id = MemberId(row.member_id)
    source = f"redemption:{row.pk}"
    if row.spend_seq is None:
        # The ledger's own sweep may have let the hold go before us; then the points are back already.
        with contextlib.suppress(ledger.HoldNotOpen):
            ledger.release(
                actor=actor,
                now=now,
                member_id=member_id,
                hold_seq=read_seq(row.hold_seq),
                key=f"redemption:{row.pk}:release",
                source=source,
                reason=reason,
            )
        return
    left = row.price_points - row.refunded_points
    if left:
        refund_points(row, left, actor=actor, now=now, reason=reason, key="refund")
