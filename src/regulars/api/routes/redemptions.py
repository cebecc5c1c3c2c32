"""Redemptions: points in, rewards out."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from ninja.params.functions import Query

from regulars.api.auth import ApiKey, key_of
from regulars.api.refs import ID_MAX, get_profile, resolve_member
from regulars.api.replies import need_key, once, reply
from regulars.api.schemas.rewards import CancelIn, RedemptionIn, RedemptionOut, RedemptionPageOut
from regulars.api.schemas.scalars import Cursor, MemberRef, Size
from regulars.identity.facade import Scope
from regulars.kit.clock import utc_now
from regulars.kit.ids import RedemptionId
from regulars.kit.paging import PAGE_SIZE_DEFAULT
from regulars.redemption import facade as redemption
from regulars.redemption.facade import RedemptionState, RedemptionView

router = Router(tags=["Redemptions"])
Number = Annotated[int, Path(ge=1, le=ID_MAX)]


@router.post(
    "/redemptions",
    auth=ApiKey(Scope.REDEMPTIONS_WRITE),
    response={200: RedemptionOut, 201: RedemptionOut},
)
@once
def redeem_reward(request: HttpRequest, redeem: RedemptionIn) -> HttpResponse:
    """Exchange points for a reward at once, or reserve it until it is paid. Needs an `Idempotency-Key`."""
    key = f"api:{need_key(request)}"
    actor, now = key_of(request).actor, utc_now()
    member_id = resolve_member(redeem.member)
    if redeem.mode == "reserve":
        done = redemption.reserve_reward(
            actor=actor,
            now=now,
            member_id=member_id,
            reward_code=redeem.reward,
            idempotency_key=key,
            hold_minutes=redeem.hold_minutes,
            units=redeem.units,
        )
    else:
        done = redemption.redeem_reward(
            actor=actor,
            now=now,
            member_id=member_id,
            reward_code=redeem.reward,
            idempotency_key=key,
            units=redeem.units,
        )
    return reply(_show(done), HTTPStatus.OK if done.replayed else HTTPStatus.CREATED)


@router.get("/redemptions", auth=ApiKey(Scope.REDEMPTIONS_WRITE), response=RedemptionPageOut)
def list_redemptions(
    request: HttpRequest,
    member: MemberRef | None = Query(None),
    state: RedemptionState | None = Query(None),
    cursor: Cursor = Query(None),
    size: Size = Query(PAGE_SIZE_DEFAULT),
) -> HttpResponse:
    """Redemptions, latest first: a member's or all, in one state or in any."""
    page = redemption.list_redemptions(
        member_id=None if member is None else get_profile(member).id,
        states=[] if state is None else [state],
        cursor=cursor,
        size=size,
    )
    return reply(RedemptionPageOut(items=[_show(view) for view in page.items], next_cursor=page.next_cursor))


@router.get("/redemptions/{redemption_id}", auth=ApiKey(Scope.REDEMPTIONS_WRITE), response=RedemptionOut)
def get_redemption(request: HttpRequest, redemption_id: Number) -> HttpResponse:
    """One redemption."""
    return reply(_show(redemption.get_redemption(RedemptionId(redemption_id))))


@router.post(
    "/redemptions/{redemption_id}/confirm", auth=ApiKey(Scope.REDEMPTIONS_WRITE), response=RedemptionOut
)
@once
def confirm_redemption(request: HttpRequest, redemption_id: Number) -> HttpResponse:
    """Say that the money of a reserved reward is paid: its points are taken, its code is shown."""
    return _move(request, redemption_id, redemption.confirm_redemption)


@router.post(
    "/redemptions/{redemption_id}/fulfil", auth=ApiKey(Scope.REDEMPTIONS_WRITE), response=RedemptionOut
)
@once
def fulfil_redemption(request: HttpRequest, redemption_id: Number) -> HttpResponse:
    """Say that the member has the reward."""
    return _move(request, redemption_id, redemption.fulfil_redemption)


@router.post(
    "/redemptions/{redemption_id}/cancel", auth=ApiKey(Scope.REDEMPTIONS_WRITE), response=RedemptionOut
)
@once
def cancel_redemption(request: HttpRequest, redemption_id: Number, cancel: CancelIn) -> HttpResponse:
    """Give the points back to the lots they came from, and the unit to the stock."""
    done = redemption.cancel_redemption(
        actor=key_of(request).actor,
        now=utc_now(),
        redemption_id=RedemptionId(redemption_id),
        reason=cancel.reason,
    )
    return reply(_show(done))


def _move(request: HttpRequest, redemption_id: int, operation: Callable[..., RedemptionView]) -> HttpResponse:
    done = operation(actor=key_of(request).actor, now=utc_now(), redemption_id=RedemptionId(redemption_id))
    return reply(_show(done))


def _show(view: RedemptionView) -> RedemptionOut:
    special = {"redemption_id", "reward"}
    fields = {name: getattr(view, name) for name in RedemptionOut.model_fields if name not in special}
    return RedemptionOut(redemption_id=view.id, reward=view.reward_code, **fields)
