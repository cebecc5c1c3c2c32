"""Handing over: some units or all, once each; or saying that the rest will never come."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.kit.actor import Actor
from regulars.kit.ids import RedemptionId
from regulars.redemption.errors import (
    AlreadyHandedOver,
    CodeExpired,
    KeyUsedOtherwise,
    RedemptionInvalid,
    WrongState,
)
from regulars.redemption.models import Fulfilment, Redemption
from regulars.redemption.operations.refunding import refund_points
from regulars.redemption.operations.rows import lock_redemption, make_change, release_units
from regulars.redemption.policies import check_is_shop, check_reason, check_request, split_refund
from regulars.redemption.queries import of_person, to_view
from regulars.redemption.types import FulfilmentKind, RedemptionState, RedemptionView
from regulars.trail import facade as trail

FULFILLED_KEY = "fulfil"


@transaction.atomic(durable=True)
def hand_over(
    *,
    actor: Actor,
    now: datetime,
    redemption_id: RedemptionId,
    idempotency_key: str,
    units: int | None = None,
) -> RedemptionView:
    """Give the member `units` of what is left of a redemption, or all of it; with the last it is fulfilled.

    Whoever comes second with another key is told who was first. The same key again answers the same and
    hands over nothing. A code that was delivered at once is used up by this. Locks the redemption. Writes
    an audit line. Raises RedemptionNotFound, NotYours, AlreadyHandedOver, CodeExpired, WrongState,
    RedemptionInvalid, KeyUsedOtherwise.
    """
    check_is_shop(actor)
    check_request(idempotency_key=idempotency_key)
    row = lock_redemption(redemption_id)
    if _is_answered(row, FulfilmentKind.HANDED, idempotency_key, units):
        return of_person(to_view(row))
    _check_open(row)
    if row.valid_until is not None and row.valid_until <= now:
        raise CodeExpired(_("The day until which it was good is over."))
    left = _count_left(row)
    given = left if units is None else units
    if not 1 <= given <= left:
        told = _("Between 1 and %(left)d can be handed over.") % {"left": left}
        raise RedemptionInvalid(told, field="units", units_left=left)
    _hand(row, given, actor=actor, now=now, key=idempotency_key)
    return of_person(to_view(row))


@transaction.atomic(durable=True)
def fulfil_redemption(*, actor: Actor, now: datetime, redemption_id: RedemptionId) -> RedemptionView:
    """Note that the member has all of it, whatever its day. Doing so again changes nothing.

    Locks the redemption. Writes an audit line. Raises RedemptionNotFound, NotYours, WrongState.
    """
    check_is_shop(actor)
    row = lock_redemption(redemption_id)
    if row.state == RedemptionState.FULFILLED:
        return to_view(row)
    if row.state != RedemptionState.CONFIRMED:
        raise WrongState("Only a confirmed redemption can be fulfilled.", state=row.state)
    _hand(row, _count_left(row), actor=actor, now=now, key=FULFILLED_KEY)
    return to_view(row)


@transaction.atomic(durable=True)
def drop_rest(
    *, actor: Actor, now: datetime, redemption_id: RedemptionId, reason: str, idempotency_key: str
) -> RedemptionView:
    """Say that what is left of a redemption in part handed over will never come.

    Its points go back to the lots they came from, less what was given back before; its units go back to the
    stock; the redemption is fulfilled with what was handed over. Where nothing was, cancel it instead. The
    same key again answers the same and gives nothing. Writes an audit line.
    Locks, in order: the redemption, the reward's stock, the member's wallet. Raises RedemptionNotFound,
    NotYours, ReasonNeeded, WrongState, AlreadyHandedOver, RedemptionInvalid, KeyUsedOtherwise.
    """
    check_request(idempotency_key=idempotency_key)
    check_reason(actor, reason)
    row = lock_redemption(redemption_id)
    if _is_answered(row, FulfilmentKind.DROPPED, idempotency_key, None):
        return of_person(to_view(row))
    _check_open(row)
    if not row.units_handed:
        raise WrongState(_("Nothing of it was handed over; cancel it instead."), state=row.state)
    dropped = _count_left(row)
    points = split_refund(
        price_points=row.price_points,
        refunded_points=row.refunded_points,
        units=row.units,
        dropped=dropped,
    )
    told = reason.strip()
    release_units(row, dropped)
    if points:
        refund_points(row, points, actor=actor, now=now, reason=told, key=f"rest:{idempotency_key}")
    row.units_dropped += dropped
    row.refunded_points += points
    _note(row, FulfilmentKind.DROPPED, dropped, actor=actor, now=now, key=idempotency_key, reason=told)
    _finish(row, actor=actor, now=now, reason=told)
    row.save()
    trail.record_audit(
        actor=actor,
        now=now,
        action="redemption.rest_dropped",
        subject=f"member:{row.member_id}",
        reason=told,
        details={"redemption": row.pk, "units": dropped, "points": points},
    )
    return of_person(to_view(row))


def _is_answered(row: Redemption, kind: FulfilmentKind, key: str, units: int | None) -> bool:
    """Whether this very request was carried out before. Raises KeyUsedOtherwise."""
    before = Fulfilment.objects.filter(redemption=row, idempotency_key=key).first()
    if before is None:
        return False
    if before.kind != kind or (units is not None and before.units != units):
        raise KeyUsedOtherwise("This idempotency key was used for another request.", key=key)
    return True


def _check_open(row: Redemption) -> None:
    """Raise where nothing of it can be handed over or given up: not paid, cancelled, or gone."""
    if row.state == RedemptionState.CANCELLED:
        raise WrongState(_("It was cancelled."), state=row.state)
    if row.state == RedemptionState.RESERVED:
        raise WrongState(_("It is not paid for yet."), state=row.state)
    if _count_left(row):
        return
    last = row.fulfilments.order_by("-id").first()
    by, at = (last.actor, last.occurred_at) if last else ("", row.fulfilled_at)
    raise AlreadyHandedOver(
        _("It was handed over before."), by=by, handed_over_at=at.isoformat() if at else None
    )


def _hand(row: Redemption, units: int, *, actor: Actor, now: datetime, key: str) -> None:
    row.units_handed += units
    _note(row, FulfilmentKind.HANDED, units, actor=actor, now=now, key=key)
    _finish(row, actor=actor, now=now)
    row.save()
    trail.record_audit(
        actor=actor,
        now=now,
        action="redemption.handed_over",
        subject=f"member:{row.member_id}",
        details={"redemption": row.pk, "units": units, "left": _count_left(row)},
    )


def _finish(row: Redemption, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """With its last unit a redemption is fulfilled; one that came at once was so before."""
    if _count_left(row) or row.state == RedemptionState.FULFILLED:
        return
    row.state, row.fulfilled_at = RedemptionState.FULFILLED, now
    make_change(row, RedemptionState.FULFILLED, actor, now, reason).save()


def _note(
    row: Redemption,
    kind: FulfilmentKind,
    units: int,
    *,
    actor: Actor,
    now: datetime,
    key: str,
    reason: str = "",
) -> None:
    Fulfilment.objects.create(
        redemption=row,
        member_id=row.member_id,
        occurred_at=now,
        kind=kind,
        units=units,
        actor=str(actor),
        reason=reason,
        idempotency_key=key,
    )


def _count_left(row: Redemption) -> int:
    return row.units - row.units_handed - row.units_dropped
