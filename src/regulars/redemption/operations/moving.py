"""Moving a redemption on: confirmed when all is paid, fulfilled when delivered, or cancelled."""

import contextlib
from datetime import datetime

from django.db import transaction

from regulars.catalogue import facade as catalogue
from regulars.kit.actor import SYSTEM, Actor
from regulars.kit.ids import JournalSeq, MemberId, ProgrammeVersion, RedemptionId, RewardId
from regulars.ledger import facade as ledger
from regulars.redemption.errors import RedemptionNotFound, WrongState
from regulars.redemption.models import Redemption, RedemptionChange
from regulars.redemption.policies import (
    check_can_cancel,
    check_can_refund,
    check_request,
    resolve_cancellable_until,
    resolve_valid_until,
)
from regulars.redemption.queries import of_person, to_view
from regulars.redemption.types import RedemptionState, RedemptionView
from regulars.rules import facade as rules
from regulars.trail import facade as trail

TIMED_OUT = "Not paid in time."
_ORDER = (RedemptionState.RESERVED, RedemptionState.CONFIRMED, RedemptionState.FULFILLED)


@transaction.atomic(durable=True)
def confirm_redemption(*, actor: Actor, now: datetime, redemption_id: RedemptionId) -> RedemptionView:
    """Take the held points for good, now that the shop has the money, and reveal the code if there is one.

    Confirming again changes nothing. A reservation that ran out of time can still be confirmed until the job
    cancels it: the money was paid. Locks, in order: the redemption, the member's wallet.
    Raises RedemptionNotFound, WrongState.
    """
    row = _lock(redemption_id)
    if row.state in (RedemptionState.CONFIRMED, RedemptionState.FULFILLED):
        return to_view(row)
    if row.state != RedemptionState.RESERVED:
        raise WrongState("It was cancelled; redeem the reward again.", state=row.state)
    try:
        receipt = ledger.capture(
            actor=actor,
            now=now,
            member_id=MemberId(row.member_id),
            hold_seq=_seq(row.hold_seq),
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
def fulfil_redemption(*, actor: Actor, now: datetime, redemption_id: RedemptionId) -> RedemptionView:
    """Note that the member has it. Doing so again changes nothing. Locks the redemption.

    Raises RedemptionNotFound, WrongState.
    """
    row = _lock(redemption_id)
    if row.state == RedemptionState.FULFILLED:
        return to_view(row)
    if row.state != RedemptionState.CONFIRMED:
        raise WrongState("Only a confirmed redemption can be fulfilled.", state=row.state)
    row.state, row.fulfilled_at = RedemptionState.FULFILLED, now
    row.save(update_fields=["state", "fulfilled_at"])
    write_changes(row, RedemptionState.FULFILLED, actor=actor, now=now)
    return to_view(row)


@transaction.atomic(durable=True)
def cancel_redemption(
    *, actor: Actor, now: datetime, redemption_id: RedemptionId, reason: str = ""
) -> RedemptionView:
    """Give the points back to the lots they came from, the unit to the stock, and void the code.

    A code that nobody has seen goes back to its pool; one that was revealed is never given out again.
    Cancelling again changes nothing. `policies.check_can_cancel` says who may, and when.
    Locks, in order: the redemption, the reward's stock, the member's wallet.
    Raises RedemptionNotFound, NotYours, NotCancellable, ReasonNeeded, RedemptionInvalid.
    """
    row = _lock(redemption_id)
    check_can_cancel(of_person(to_view(row)), actor, now, reason)
    if row.state == RedemptionState.CANCELLED:
        return to_view(row)
    _undo(row, actor=actor, now=now, reason=reason.strip())
    return to_view(row)


@transaction.atomic(durable=True)
def refund_redemption(
    *,
    actor: Actor,
    now: datetime,
    redemption_id: RedemptionId,
    points: int,
    reason: str,
    idempotency_key: str,
) -> RedemptionView:
    """Give part of a redemption's points back to the lots they came from; the reward stays with the member.

    For support: what came late, or was worth less than it said. Last taken is first given back, so that
    what is left is the redemption at the smaller price; cancelling it afterwards gives back the rest. The
    same key again answers the same and gives nothing. Writes an audit line.
    Locks, in order: the redemption, the member's wallet. Raises RedemptionNotFound, NotYours, WrongState,
    ReasonNeeded, RedemptionInvalid, RefundTooLarge, IdempotencyConflict.
    """
    check_request(idempotency_key=idempotency_key)
    row = _lock(redemption_id)
    check_can_refund(RedemptionState(row.state), actor, points, reason)
    if row.spend_seq is None:
        raise WrongState("It was cancelled before it was paid.", state=row.state)
    receipt = _refund(row, points, actor=actor, now=now, reason=reason.strip(), key=f"part:{idempotency_key}")
    if receipt.replayed:
        return of_person(to_view(row))
    row.refunded_points += points
    row.save(update_fields=["refunded_points"])
    trail.record_audit(
        actor=actor,
        now=now,
        action="redemption.refunded",
        subject=f"member:{row.member_id}",
        reason=reason.strip(),
        details={"redemption": row.pk, "points": points},
    )
    return of_person(to_view(row))


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
    if row.code_id is not None:
        # Whoever has seen the code could use it and have the points back.
        row.cancellable_until = None
        catalogue.reveal_code(actor=actor, now=now, code_id=row.code_id)


def write_changes(row: Redemption, first: RedemptionState, *, actor: Actor, now: datetime) -> None:
    """Note every state from `first` up to the row's own, in order."""
    steps = _ORDER[_ORDER.index(first) : _ORDER.index(RedemptionState(row.state)) + 1]
    RedemptionChange.objects.bulk_create([_change(row, state, actor, now) for state in steps])


@transaction.atomic(durable=True)
def _time_out(redemption_id: RedemptionId, now: datetime) -> bool:
    rows = Redemption.objects.select_for_update(skip_locked=True, no_key=True)
    row = rows.filter(pk=redemption_id, state=RedemptionState.RESERVED).first()
    if row is None:
        return False
    _undo(row, actor=SYSTEM, now=now, reason=TIMED_OUT)
    return True


def _undo(row: Redemption, *, actor: Actor, now: datetime, reason: str) -> None:
    catalogue.release_unit(reward_id=RewardId(row.reward_id), counted=row.counted, kept=row.kept)
    if row.code_id is not None:
        freed = catalogue.give_back_code(actor=actor, now=now, code_id=row.code_id, reason=reason)
        if freed:
            row.code = None
    _give_points_back(row, actor=actor, now=now, reason=reason)
    row.state, row.cancelled_at, row.cancel_reason = RedemptionState.CANCELLED, now, reason
    row.save()
    change = _change(row, RedemptionState.CANCELLED, actor, now)
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
                hold_seq=_seq(row.hold_seq),
                key=f"redemption:{row.pk}:release",
                source=source,
                reason=reason,
            )
        return
    left = row.price_points - row.refunded_points
    if left:
        _refund(row, left, actor=actor, now=now, reason=reason, key="refund")


def _refund(
    row: Redemption, points: int, *, actor: Actor, now: datetime, reason: str, key: str
) -> ledger.Receipt:
    returns = rules.get_programme(ProgrammeVersion(row.programme_version)).returns
    return ledger.refund_spend(
        actor=actor,
        now=now,
        member_id=MemberId(row.member_id),
        seq=_seq(row.spend_seq),
        amount=points,
        key=f"redemption:{row.pk}:{key}",
        source=f"redemption:{row.pk}",
        reason=reason,
        lapsed_grace_days=returns.lapsed_grace_days,
    )


def _lock(redemption_id: RedemptionId) -> Redemption:
    row = Redemption.objects.select_for_update(no_key=True).filter(pk=redemption_id).first()
    if row is None:
        raise RedemptionNotFound(f"There is no redemption {redemption_id}.")
    return row


def _change(row: Redemption, state: RedemptionState, actor: Actor, now: datetime) -> RedemptionChange:
    return RedemptionChange(
        redemption=row, member_id=row.member_id, occurred_at=now, state=state, actor=str(actor)
    )


def _seq(number: int | None) -> JournalSeq:
    if number is None:
        raise RuntimeError("A redemption lost the number of its journal entry.")
    return JournalSeq(number)
