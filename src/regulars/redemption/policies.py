"""Pure decisions of redemption."""

import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from regulars.catalogue.facade import RewardView, Viewer
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import end_of_day, local_date
from regulars.kit.ids import MemberId
from regulars.redemption.errors import (
    NotCancellable,
    NotYours,
    ReasonNeeded,
    RedemptionInvalid,
    WrongState,
)
from regulars.redemption.types import (
    CancelTerms,
    CounterVerdict,
    RedemptionState,
    RedemptionView,
    Shelf,
    UnitsBound,
)

KEY_MAX = 300
REASON_MAX = 500
NOTE_MAX = 2_000
UNITS_MAX = 50
HOLD_MINUTES = 30
HOLD_MINUTES_MAX = 7 * 24 * 60
# The ledger gives points back by itself should the job that times out reservations not run; not before it.
HOLD_MARGIN = timedelta(days=1)
# Digits and letters that nobody takes for one another.
_REFERENCE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def bound_units(reward: RewardView, viewer: Viewer) -> tuple[int, UnitsBound]:
    """How many of a reward the viewer can take at once, and what bounds it. 0 where they can have none.

    Where several bind alike, the first is named: one code each, a member's limit, the stock, the points.
    """
    if not reward.availability.available:
        return 0, UnitsBound.AT_ONCE
    if reward.one_at_a_time:
        return 1, UnitsBound.CODES
    bounds = [(UNITS_MAX, UnitsBound.AT_ONCE)]
    if reward.price_points:
        bounds.insert(0, (viewer.points // reward.price_points, UnitsBound.POINTS))
    if reward.units_left is not None:
        bounds.insert(0, (reward.units_left, UnitsBound.STOCK))
    if reward.per_member_max is not None:
        bounds.insert(0, (reward.per_member_max - viewer.taken.get(reward.id, 0), UnitsBound.LIMIT))
    # The first of the least: min keeps the order.
    return min(bounds, key=lambda bound: bound[0])


def check_request(*, idempotency_key: str, hold_minutes: int = HOLD_MINUTES, units: int = 1) -> None:
    """Raise RedemptionInvalid where a request to redeem makes no sense."""
    if not 1 <= units <= UNITS_MAX:
        raise RedemptionInvalid(f"Between 1 and {UNITS_MAX} units are taken at once.", field="units")
    if not 0 < len(idempotency_key) <= KEY_MAX or "\x00" in idempotency_key:
        raise RedemptionInvalid(
            f"The idempotency key must have 1 to {KEY_MAX} characters.", field="idempotency_key"
        )
    if not 0 < hold_minutes <= HOLD_MINUTES_MAX:
        raise RedemptionInvalid("A reservation holds for a minute to a week.", field="hold_minutes")


def make_reference() -> str:
    """A short word for a till, a letter or a telephone: 50 random bits, `K7QM-2XDA9F`."""
    signs = "".join(secrets.choice(_REFERENCE_SIGNS) for _ in range(10))
    return f"{signs[:4]}-{signs[4:]}"


def resolve_valid_until(confirmed_at: datetime, valid_days: int | None, zone: ZoneInfo) -> datetime | None:
    """When a voucher stops being good: the end of that day after the redemption's, in the programme's zone.

    Resolved once, when it is paid for; None means for ever.
    """
    if valid_days is None:
        return None
    return end_of_day(local_date(confirmed_at, zone) + timedelta(days=valid_days), zone)


def resolve_cancellable_until(confirmed_at: datetime, hours: int) -> datetime | None:
    """Until when the member may take it back; None: not at all."""
    return confirmed_at + timedelta(hours=hours) if hours else None


def check_can_cancel(terms: CancelTerms, actor: Actor, now: datetime, reason: str) -> None:
    """Raise where this actor may not cancel this redemption now.

    A member cancels their own: a reservation always, a confirmed one within its window, a delivered one
    or one whose code they have seen never: they could use the code and have the points too.
    Everyone else gives a reason, and cancels a delivered one only where its terms allow it.
    Raises NotYours, WrongState, NotCancellable, ReasonNeeded, RedemptionInvalid.
    """
    check_can_see(terms.member_id, actor)
    if len(reason) > REASON_MAX or "\x00" in reason:
        raise RedemptionInvalid(f"The reason may have {REASON_MAX} characters.", field="reason")
    if terms.state is RedemptionState.FULFILLED and not terms.refundable_when_fulfilled:
        raise NotCancellable("It was delivered, and its terms do not let it be taken back then.")
    in_part = terms.state is RedemptionState.CONFIRMED and terms.units_handed
    if in_part and (actor.kind is ActorKind.MEMBER or not terms.refundable_when_fulfilled):
        raise NotCancellable("Part of it was handed over; only the rest of it can still be given up.")
    if actor.kind is ActorKind.MEMBER:
        _check_member_window(terms, now)
    elif not reason.strip():
        raise ReasonNeeded("Say why it is cancelled.", field="reason")


def check_can_refund(state: RedemptionState, actor: Actor, points: int, reason: str) -> None:
    """Raise where no part of a redemption may be given back: by a member, without reason, before it is paid.

    Raises NotYours, WrongState, ReasonNeeded, RedemptionInvalid.
    """
    if actor.kind is ActorKind.MEMBER:
        raise NotYours("Ask the shop: it can give points of a reward back.")
    if state is RedemptionState.RESERVED:
        raise WrongState("It is not paid yet; cancel the reservation instead.", state=state)
    if points < 1:
        raise RedemptionInvalid("At least one point is given back.", field="points")
    if not reason.strip():
        raise ReasonNeeded("Say why points are given back.", field="reason")
    if len(reason) > REASON_MAX or "\x00" in reason:
        raise RedemptionInvalid(f"The reason may have {REASON_MAX} characters.", field="reason")


def check_reason(actor: Actor, reason: str) -> None:
    """Raise where somebody who is not of the shop gives something up, or does not say why.

    Raises NotYours, ReasonNeeded, RedemptionInvalid.
    """
    check_is_shop(actor)
    if not reason.strip():
        raise ReasonNeeded("Say why.", field="reason")
    if len(reason) > REASON_MAX or "\x00" in reason:
        raise RedemptionInvalid(f"The reason may have {REASON_MAX} characters.", field="reason")


def check_is_shop(actor: Actor) -> None:
    """Raise NotYours where a member would hand something over to themselves."""
    if actor.kind is ActorKind.MEMBER:
        raise NotYours("Only the shop hands rewards over.")


def check_note(text: str) -> str:
    """The note without space around it. Raises RedemptionInvalid where there is none, or too much of it."""
    told = text.strip()
    if not told or len(told) > NOTE_MAX or "\x00" in told:
        raise RedemptionInvalid(f"A note has 1 to {NOTE_MAX} characters.", field="text")
    return told


def check_can_see(member_id: MemberId, actor: Actor) -> None:
    """Raise NotYours where a member reaches for what is another's."""
    if actor.kind is ActorKind.MEMBER and actor.ref != str(member_id):
        raise NotYours("This is not yours.")


def can_cancel(terms: CancelTerms, now: datetime) -> bool:
    """Whether the member may take it back now: for a template to show the button."""
    try:
        check_can_cancel(terms, Actor(ActorKind.MEMBER, str(terms.member_id)), now, "")
    except (NotCancellable, WrongState):
        return False
    return terms.state is not RedemptionState.CANCELLED


def find_shelf(view: RedemptionView, now: datetime) -> Shelf:
    """Where the member finds it at `now`.

    What is handed over is used. A code that was delivered the moment it was paid for is not: it is ready
    until it is used at the counter or expires.
    """
    if view.state is RedemptionState.CANCELLED:
        return Shelf.CANCELLED
    if view.state is RedemptionState.FULFILLED and not (view.code and view.units_left):
        return Shelf.USED
    if view.valid_until is not None and view.valid_until <= now:
        return Shelf.EXPIRED
    return Shelf.READY


def find_verdict(view: RedemptionView, now: datetime) -> CounterVerdict:
    """What a counter says of it at `now`. What was used stays used, whatever its day."""
    if view.state is RedemptionState.CANCELLED:
        return CounterVerdict.CANCELLED
    if view.state is RedemptionState.RESERVED:
        return CounterVerdict.UNPAID
    if not view.units_left:
        return CounterVerdict.USED
    if view.valid_until is not None and view.valid_until <= now:
        return CounterVerdict.EXPIRED
    return CounterVerdict.GOOD


def split_refund(*, price_points: int, refunded_points: int, units: int, dropped: int) -> int:
    """The points of `dropped` of `units` units, less where more than the rest's were given back before.

    A redemption never gives back more than it cost. The price is a whole number of points a unit.
    """
    return min(price_points // units * dropped, price_points - refunded_points)


def read_reference(text: str) -> str:
    """A reference as it is written, from what was typed or scanned: `k7qm 2xda9f` is `K7QM-2XDA9F`."""
    signs = "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())
    return f"{signs[:4]}-{signs[4:]}" if len(signs) > 4 else signs


def _check_member_window(terms: CancelTerms, now: datetime) -> None:
    if terms.state is RedemptionState.FULFILLED:
        raise NotCancellable("It was delivered; ask the shop to take it back.")
    if terms.state is not RedemptionState.CONFIRMED:
        return
    if terms.code is not None:
        raise NotCancellable("You have seen its code; ask the shop to take it back.")
    if terms.cancellable_until is None or now >= terms.cancellable_until:
        raise NotCancellable("The time to take it back is over; ask the shop.")
