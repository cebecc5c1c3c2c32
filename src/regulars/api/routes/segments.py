"""Segments: define, count, read who is in them."""

from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from ninja.params.functions import Query

from regulars.api.auth import ApiKey, key_of
from regulars.api.refs import get_profile
from regulars.api.replies import once, reply
from regulars.api.schemas.scalars import Cursor, Instant, MemberRef, Size
from regulars.api.schemas.segments import (
    BelongingListOut,
    BelongingOut,
    Code,
    MembershipChangeOut,
    MembershipChangePageOut,
    PreviewIn,
    PreviewOut,
    SegmentChangeIn,
    SegmentIn,
    SegmentListOut,
    SegmentMemberOut,
    SegmentMemberPageOut,
    SegmentOut,
)
from regulars.identity.facade import Scope
from regulars.kit.clock import utc_now
from regulars.kit.paging import PAGE_SIZE_DEFAULT
from regulars.segments import facade as segments
from regulars.segments.facade import SegmentInput

router = Router(tags=["Segments"])
CodePath = Annotated[Code, Path()]


@router.get("/segments", auth=ApiKey(Scope.SEGMENTS_READ), response=SegmentListOut)
def list_segments(
    request: HttpRequest, archived: bool = Query(default=False, description="With those that ended.")
) -> HttpResponse:
    """All segments: the shop's own by name, then the built-in ones."""
    found = segments.list_segments(with_archived=archived)
    return reply(SegmentListOut(items=[SegmentOut.model_validate(one) for one in found]))


@router.post("/segments", auth=ApiKey(Scope.SEGMENTS_WRITE), response={201: SegmentOut})
@once
def create_segment(request: HttpRequest, segment: SegmentIn) -> HttpResponse:
    """Define a segment. Its members are found within a minute; `state` tells."""
    told = SegmentInput(segment.name, segment.tree, segment.description, segment.code or "", segment.uid)
    made = segments.create_segment(actor=key_of(request).actor, now=utc_now(), told=told)
    return reply(SegmentOut.model_validate(made), HTTPStatus.CREATED)


@router.post("/segments/preview", auth=ApiKey(Scope.SEGMENTS_READ), response=PreviewOut)
def preview_segment(request: HttpRequest, preview: PreviewIn) -> HttpResponse:
    """Count whom a tree matches now, before it is saved: by the statement that fills a segment."""
    now = utc_now()
    seen = segments.preview(tree=preview.tree, now=now, code=preview.code or "", uid=preview.uid)
    sentence = segments.describe_tree(tree=preview.tree, now=now)
    return reply(PreviewOut(count=seen.count, sample=list(seen.sample), uid=seen.uid, sentence=sentence))


@router.get("/segments/{code}", auth=ApiKey(Scope.SEGMENTS_READ), response=SegmentOut)
def get_segment(request: HttpRequest, code: CodePath) -> HttpResponse:
    """One segment."""
    return reply(SegmentOut.model_validate(segments.get_segment(code)))


@router.post("/segments/{code}", auth=ApiKey(Scope.SEGMENTS_WRITE), response=SegmentOut)
@once
def update_segment(request: HttpRequest, code: CodePath, change: SegmentChangeIn) -> HttpResponse:
    """Change a segment. Until the new tree is rebuilt the membership is the one of the old."""
    done = segments.update_segment(
        actor=key_of(request).actor,
        now=utc_now(),
        code=code,
        name=change.name,
        description=change.description,
        tree=change.tree,
        expected_version=change.expected_version,
    )
    return reply(SegmentOut.model_validate(done))


@router.post("/segments/{code}/archive", auth=ApiKey(Scope.SEGMENTS_WRITE), response=SegmentOut)
@once
def archive_segment(request: HttpRequest, code: CodePath) -> HttpResponse:
    """End a segment: everybody leaves it, its history stays."""
    done = segments.archive_segment(actor=key_of(request).actor, now=utc_now(), code=code)
    return reply(SegmentOut.model_validate(done))


@router.get("/segments/{code}/members", auth=ApiKey(Scope.SEGMENTS_READ), response=SegmentMemberPageOut)
def list_segment_members(
    request: HttpRequest,
    code: CodePath,
    as_of: Instant | None = Query(None, description="Who was in it then; now, if left out."),
    cursor: Cursor = Query(None),
    size: Size = Query(PAGE_SIZE_DEFAULT),
) -> HttpResponse:
    """Who is in a segment, by our id."""
    page = segments.list_members_of(code, cursor=cursor, size=size, as_of=as_of)
    items = [SegmentMemberOut.model_validate(one) for one in page.items]
    return reply(SegmentMemberPageOut(items=items, next_cursor=page.next_cursor))


@router.get("/segments/{code}/history", auth=ApiKey(Scope.SEGMENTS_READ), response=MembershipChangePageOut)
def list_segment_history(
    request: HttpRequest,
    code: CodePath,
    cursor: Cursor = Query(None),
    size: Size = Query(PAGE_SIZE_DEFAULT),
) -> HttpResponse:
    """Entries and exits, latest first, with the facts that caused them."""
    page = segments.list_history(code=code, cursor=cursor, size=size)
    items = [MembershipChangeOut.model_validate(one) for one in page.items]
    return reply(MembershipChangePageOut(items=items, next_cursor=page.next_cursor))


@router.get("/members/{member}/segments", auth=ApiKey(Scope.SEGMENTS_READ), response=BelongingListOut)
def list_member_segments(request: HttpRequest, member: Annotated[MemberRef, Path()]) -> HttpResponse:
    """The segments that a member is in."""
    found = segments.list_segments_of(get_profile(member).id)
    items = [BelongingOut(code=one.segment.code, name=one.segment.name, since=one.since) for one in found]
    return reply(BelongingListOut(items=items))
