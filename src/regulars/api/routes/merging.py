"""Two members who are one person: merged, and parted again."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from regulars.api.auth import ApiKey, key_of
from regulars.api.refs import resolve_member
from regulars.api.replies import once, reply
from regulars.api.schemas.merging import MergeIn, MergeOut, PartingIn
from regulars.api.schemas.scalars import MemberNumber, MemberRef
from regulars.earning import facade as earning
from regulars.identity.facade import Scope
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId

router = Router(tags=["Members"])


@router.post("/members/{member}/merge", auth=ApiKey(Scope.POINTS_ADJUST), response=MergeOut)
@once
def merge_members(request: HttpRequest, member: Annotated[MemberRef, Path()], merge: MergeIn) -> HttpResponse:
    """Merge this member into another: from now on they are one person.

    All points go over lot by lot on their own terms, and every name of the merged member leads to the other.
    """
    outcome = earning.merge_members(
        actor=key_of(request).actor,
        now=utc_now(),
        member_id=resolve_member(member),
        into_member_id=resolve_member(merge.into),
        reason=merge.reason,
    )
    return reply(MergeOut.model_validate(outcome))


@router.post("/members/{member}/merge/undo", auth=ApiKey(Scope.POINTS_ADJUST), response=MergeOut)
@once
def undo_merge(
    request: HttpRequest, member: Annotated[MemberNumber, Path()], parting: PartingIn
) -> HttpResponse:
    """Part a merged member from the other again. Our id names them: their own names lead to the other.

    What is left of their points goes back; `missing` is what was spent, lapsed or settled a debt since.
    """
    outcome = earning.undo_merge(
        actor=key_of(request).actor, now=utc_now(), member_id=MemberId(member), reason=parting.reason
    )
    return reply(MergeOut.model_validate(outcome))
