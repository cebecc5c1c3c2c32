"""Balance, lots, history and corrections of one member."""

from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Path, Router
from ninja.params.functions import Query

from regulars.api import giving
from regulars.api.auth import ApiKey, key_of
from regulars.api.balances import read_balance
from regulars.api.histories import describe_entries
from regulars.api.refs import get_profile, resolve_member
from regulars.api.replies import need_key, once, reply
from regulars.api.schemas.points import (
    AdjustmentIn,
    AdjustmentOut,
    BalanceOut,
    EntryPageOut,
    LotOut,
    LotsOut,
    PointsIn,
    PointsOut,
)
from regulars.api.schemas.scalars import Cursor, MemberRef, Size
from regulars.identity.facade import Scope
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.kit.paging import PAGE_SIZE_DEFAULT
from regulars.ledger import facade as ledger
from regulars.members.facade import get_member

router = Router(tags=["Points"])


@router.get("/members/{member}/balance", auth=ApiKey(Scope.MEMBERS_READ), response=BalanceOut)
def get_balance(request: HttpRequest, member: Annotated[MemberRef, Path()]) -> HttpResponse:
    """What the member can spend, waits for, has set aside, and owes."""
    return reply(read_balance(member))


@router.get("/members/{member}/lots", auth=ApiKey(Scope.MEMBERS_READ), response=LotsOut)
def list_lots(request: HttpRequest, member: Annotated[MemberRef, Path()]) -> HttpResponse:
    """The points by lot, in the order in which they will be spent: earliest expiry first."""
    member_id = resolve_member(member)
    lots = ledger.list_lots(member_id, utc_now())
    _check_exists(member_id, known=bool(lots))
    return reply(LotsOut(items=[LotOut.model_validate(lot) for lot in lots]))


@router.get("/members/{member}/history", auth=ApiKey(Scope.MEMBERS_READ), response=EntryPageOut)
def list_history(
    request: HttpRequest,
    member: Annotated[MemberRef, Path()],
    currency: ledger.Currency = Query(ledger.Currency.POINTS),
    cursor: Cursor = Query(None),
    size: Size = Query(PAGE_SIZE_DEFAULT),
) -> HttpResponse:
    """Every entry of the journal, latest first, each with its reasons."""
    member_id = resolve_member(member)
    page = ledger.list_entries(member_id, currency, cursor, size)
    _check_exists(member_id, known=bool(page.items))
    return reply(EntryPageOut(items=describe_entries(page.items), next_cursor=page.next_cursor))


@router.get(
    "/members/{member}/statement",
    auth=ApiKey(Scope.MEMBERS_READ),
    response=dict[str, Any],
    openapi_extra={"summary": "Statement with proof"},
)
def write_statement(request: HttpRequest, member: Annotated[MemberRef, Path()]) -> StreamingHttpResponse:
    """Every entry with the proof of the balance: `regulars verify` checks it offline, without a database."""
    profile = get_profile(member)
    return StreamingHttpResponse(
        ledger.write_statement(profile.id, utc_now()), content_type="application/json"
    )


@router.post("/members/{member}/points", auth=ApiKey(Scope.POINTS_GIVE), response={201: PointsOut})
def give_points(request: HttpRequest, member: Annotated[MemberRef, Path()], gift: PointsIn) -> HttpResponse:
    """Give points outright, for a reason that the member is shown. Needs an `Idempotency-Key`."""
    told, replayed = giving.give_points(
        caller=key_of(request), key=need_key(request), member=member, gift=gift
    )
    response = reply(told, HTTPStatus.CREATED)
    if replayed:
        response[giving.REPLAYED] = "true"
    return response


@router.post("/members/{member}/adjustments", auth=ApiKey(Scope.POINTS_ADJUST), response={201: AdjustmentOut})
@once
def adjust_points(
    request: HttpRequest, member: Annotated[MemberRef, Path()], adjustment: AdjustmentIn
) -> HttpResponse:
    """Add or take points by hand, with a reason. Needs an `Idempotency-Key`."""
    key = need_key(request)
    profile = get_profile(member)
    receipt = ledger.adjust_points(
        actor=key_of(request).actor,
        now=utc_now(),
        # Nobody could spend what a merged member is given: it is the survivor's.
        member_id=profile.merged_into or profile.id,
        amount=adjustment.points,
        reason=adjustment.reason,
        key=f"api:{key}",
        expires_at=adjustment.expires_at,
    )
    told = AdjustmentOut(
        seq=receipt.seq,
        points=adjustment.points,
        balance_after=receipt.balance_after,
        debt_after=receipt.debt_after,
        currency=receipt.currency,
    )
    return reply(told, HTTPStatus.CREATED)


def _check_exists(member_id: MemberId, *, known: bool) -> None:
    """An empty list of a member is told from that of nobody."""
    if not known:
        get_member(member_id)
