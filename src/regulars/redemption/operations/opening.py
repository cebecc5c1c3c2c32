"""Opening a redemption: points for a reward at once, or points held until the money is paid as well."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction

from regulars.catalogue import facade as catalogue
from regulars.kit.actor import Actor
from regulars.kit.fingerprint import fingerprint
from regulars.kit.ids import MemberId, ProgrammeVersion, RedemptionId, RewardId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.redemption.errors import PaymentNeeded, RedemptionInvalid, WrongState
from regulars.redemption.models import Redemption
from regulars.redemption.operations.moving import settle
from regulars.redemption.operations.rows import write_changes
from regulars.redemption.policies import (
    HOLD_MARGIN,
    HOLD_MINUTES,
    check_can_see,
    check_request,
    make_reference,
)
from regulars.redemption.queries import count_taken, find_by_key, join_tier, to_view
from regulars.redemption.types import RedemptionState, RedemptionView
from regulars.rules import facade as rules

# One statement: wait for those with the same key, and number the redemption that may come of it.
_TAKE_TURN = """
SELECT pg_advisory_xact_lock(hashtextextended('redemption:' || %s, %s)),
    nextval(pg_get_serial_sequence('redemption_redemption', 'id'))
"""


@dataclass(frozen=True, slots=True)
class _Request:
    """Who asks for what, under which key. `kind` tells redeeming from reserving."""

    kind: str
    actor: Actor
    now: datetime
    member_id: MemberId
    reward_code: str
    key: str
    simulated: bool
    units: int

    @property
    def input_hash(self) -> bytes:
        """What tells a repeated request from another one under the same key."""
        asked = [self.kind, self.member_id, self.reward_code]
        # One unit hashes as it did before there could be more: keys hold for ever.
        return fingerprint(asked if self.units == 1 else [*asked, self.units])


@transaction.atomic(durable=True)
def redeem_reward(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    reward_code: str,
    idempotency_key: str,
    units: int = 1,
    simulated: bool = False,
) -> RedemptionView:
    """Exchange a member's points for `units` of a reward that costs points only.

    Of what has a code, one is taken at a time. Units, code, points and redemption happen together or not at
    all. The same key with the same input answers the first redemption again (`replayed`), whenever and
    however often it comes.
    Locks, in order: the key, the reward's stock, a code, the member's wallet.
    Raises MemberUnknown, MemberErased, RewardNotFound, RewardUnavailable (SoldOut, NotOpenYet, TierNeeded,
    LimitReached, RewardEnded), PaymentNeeded, InsufficientPoints, KeyUsedOtherwise, RedemptionInvalid.
    """
    check_request(idempotency_key=idempotency_key, units=units)
    request = _Request("redeem", actor, now, member_id, reward_code, idempotency_key, simulated, units)

    def pay(row: Redemption) -> None:
        if row.price_money:
            raise PaymentNeeded(
                "This reward also costs money: reserve it, and confirm when that is paid.",
                price_money=row.price_money,
            )
        receipt = ledger.spend(
            actor=actor,
            now=now,
            member_id=member_id,
            amount=row.price_points,
            key=f"redemption:{row.pk}:spend",
            source=f"redemption:{row.pk}",
            programme_version=ProgrammeVersion(row.programme_version),
        )
        row.spend_seq = receipt.seq
        settle(row, actor=actor, now=now)

    return _open(request, pay)


@transaction.atomic(durable=True)
def reserve_reward(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    reward_code: str,
    idempotency_key: str,
    hold_minutes: int = HOLD_MINUTES,
    units: int = 1,
    simulated: bool = False,
) -> RedemptionView:
    """Set a reward aside and hold its points, until the shop has the money and says so: `confirm_redemption`.

    After `hold_minutes` the reservation lapses: units and points go back. Locks, replays and refusals as in
    `redeem_reward`.
    """
    check_request(idempotency_key=idempotency_key, hold_minutes=hold_minutes, units=units)
    request = _Request("reserve", actor, now, member_id, reward_code, idempotency_key, simulated, units)

    def hold(row: Redemption) -> None:
        row.times_out_at = now + timedelta(minutes=hold_minutes)
        receipt = ledger.hold(
            actor=actor,
            now=now,
            member_id=member_id,
            amount=row.price_points,
            key=f"redemption:{row.pk}:hold",
            source=f"redemption:{row.pk}",
            times_out_at=row.times_out_at + HOLD_MARGIN,
            programme_version=ProgrammeVersion(row.programme_version),
        )
        row.hold_seq = receipt.seq

    return _open(request, hold)


def _open(request: _Request, pay: Callable[[Redemption], None]) -> RedemptionView:
    """Answer what was answered before, or set a unit aside, pay for it, and write it all down."""
    check_can_see(request.member_id, request.actor)
    if answered := find_by_key(request.member_id, request.key, request.input_hash):
        return answered
    redemption_id = _take_turn(request)
    # Someone with the same key may have come first while we waited.
    if answered := find_by_key(request.member_id, request.key, request.input_hash):
        return answered
    programme = rules.get_programme_at(request.now)
    reserved = _set_aside(request, programme)
    row = _draft(request, redemption_id, reserved, programme)
    reservation = reserved[0]
    if reservation.code_pool is not None:
        row.code_id = catalogue.claim_code(pool=reservation.code_pool, now=request.now)
    pay(row)
    row.save(force_insert=True)
    write_changes(row, RedemptionState.RESERVED, actor=request.actor, now=request.now)
    return to_view(row)


def _take_turn(request: _Request) -> RedemptionId:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURN, [request.key, request.member_id])
        return RedemptionId(cursor.fetchone()[1])


def _set_aside(request: _Request, programme: rules.Programme) -> list[catalogue.Reservation]:
    """As many reservations as units were asked for; all of one reward, so at one price."""
    profile = members.get_member(request.member_id)
    if profile.anonymised_at is not None:
        raise members.MemberErased("This member's data was erased; nothing can be redeemed.")
    viewer = join_tier(catalogue.Viewer(now=request.now), request.member_id, programme)
    reserved = [
        catalogue.reserve_unit(reward_code=request.reward_code, viewer=viewer) for _ in range(request.units)
    ]
    first = reserved[0]
    if first.code_pool is not None and request.units > 1:
        raise RedemptionInvalid("Each of these has a code of its own: take one at a time.", field="units")
    if any(replace(other, kept=first.kept) != first for other in reserved):
        raise WrongState("The reward was changed just now; ask again.")
    if first.per_member_max is not None:
        _check_limit(request.member_id, first.reward_id, first.per_member_max, request.units)
    return reserved


def _check_limit(member_id: MemberId, reward_id: RewardId, limit: int, units: int) -> None:
    """Count under the wallet's lock: without it, two requests of one member could each see room for one."""
    ledger.lock_wallets([member_id], ledger.Currency.POINTS)
    taken = count_taken(member_id, reward_id).get(reward_id, 0)
    if taken + units > limit:
        raise catalogue.LimitReached(
            "The member has had as many of this reward as one member may have.", limit=limit, taken=taken
        )


def _draft(
    request: _Request,
    redemption_id: RedemptionId,
    reserved: list[catalogue.Reservation],
    programme: rules.Programme,
) -> Redemption:
    reservation = reserved[0]
    return Redemption(
        pk=redemption_id,
        member_id=request.member_id,
        reward_id=reservation.reward_id,
        reference=make_reference(),
        state=RedemptionState.RESERVED,
        price_points=reservation.price_points * request.units,
        price_money=reservation.price_money * request.units,
        counted=reservation.counted,
        units=request.units,
        units_kept=sum(one.kept for one in reserved),
        instant=reservation.instant,
        cancellable_for_hours=reservation.cancellable_for_hours,
        refundable_when_fulfilled=reservation.refundable_when_fulfilled,
        voucher_valid_days=reservation.voucher_valid_days,
        programme_version=programme.version,
        reserved_at=request.now,
        simulated=request.simulated,
        idempotency_key=request.key,
        input_hash=request.input_hash,
    )
