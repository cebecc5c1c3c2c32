"""Members: create or change, find, search."""

from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from ninja.params.functions import Query

from regulars.api.auth import ApiKey, key_of
from regulars.api.batches import describe_problem, name_of, read_items
from regulars.api.errors import IdentityTaken
from regulars.api.refs import get_profile
from regulars.api.replies import once, reply
from regulars.api.schemas.members import (
    MemberBatchIn,
    MemberIn,
    MemberOut,
    MemberPageOut,
    MemberResultOut,
    MemberResultsOut,
    MemberSavedOut,
    TierOut,
)
from regulars.api.schemas.scalars import Cursor, MemberRef, Size, Word
from regulars.identity.facade import Scope
from regulars.kit.clock import utc_now
from regulars.kit.errors import Refusal
from regulars.kit.paging import PAGE_SIZE_DEFAULT
from regulars.members import facade as members
from regulars.members.facade import MemberErased, MemberInput, MemberOutcome, ProfileInvalid, SaveStatus
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers

router = Router(tags=["Members"])
_REFUSALS: dict[str, type[Refusal]] = {
    MemberErased.code: MemberErased,
    IdentityTaken.code: IdentityTaken,
}


@router.post(
    "/members", auth=ApiKey(Scope.MEMBERS_WRITE), response={200: MemberSavedOut, 201: MemberSavedOut}
)
@once
def save_member(request: HttpRequest, member: MemberIn) -> HttpResponse:
    """Create a member, or change the one with that `external_id`."""
    (outcome,) = _save(request, [member])
    if outcome.status is SaveStatus.REFUSED:
        raise _refusal(outcome)
    status = HTTPStatus.CREATED if outcome.status is SaveStatus.CREATED else HTTPStatus.OK
    return reply(MemberSavedOut.model_validate(outcome), status)


@router.post("/members/batch", auth=ApiKey(Scope.MEMBERS_WRITE), response=MemberResultsOut)
@once
def save_members(request: HttpRequest, batch: MemberBatchIn) -> HttpResponse:
    """Create or change up to 1,000 members. One that is refused stops no other."""
    read = read_items(MemberIn, batch.members)
    good = [item for item in read if isinstance(item, MemberIn)]
    outcomes = iter(_save(request, good) if good else [])
    results = [
        _refused(name_of(given), item) if isinstance(item, Refusal) else _tell(next(outcomes))
        for given, item in zip(batch.members, read, strict=True)
    ]
    return reply(MemberResultsOut(results=results))


@router.get("/members", auth=ApiKey(Scope.MEMBERS_READ), response=MemberPageOut)
def search_members(
    request: HttpRequest,
    search: Word = Query("", description="A name, e-mail address or id, or its beginning."),
    cursor: Cursor = Query(None),
    size: Size = Query(PAGE_SIZE_DEFAULT),
) -> HttpResponse:
    """Find members by the beginning of a name, e-mail address or external id."""
    page = members.search_members(search, cursor, size)
    return reply(
        MemberPageOut(items=[_show(profile) for profile in page.items], next_cursor=page.next_cursor)
    )


@router.get("/members/{member}", auth=ApiKey(Scope.MEMBERS_READ), response=MemberOut)
def get_member(request: HttpRequest, member: Annotated[MemberRef, Path()]) -> HttpResponse:
    """One member."""
    return reply(_show(get_profile(member)))


@router.get("/members/{member}/tier", auth=ApiKey(Scope.MEMBERS_READ), response=TierOut)
def get_tier(request: HttpRequest, member: Annotated[MemberRef, Path()]) -> HttpResponse:
    """The member's tier, what is missing to the next one, and how long this one is kept."""
    now = utc_now()
    profile = get_profile(member)
    progress = tiers.get_progress(profile.id, rules.get_current_programme(now), now)
    return reply(TierOut.model_validate(progress))


def _save(request: HttpRequest, batch: list[MemberIn]) -> list[MemberOutcome]:
    inputs = [
        MemberInput(
            **(member.model_dump() | {"clear": frozenset(member.clear), "cards": tuple(member.cards)})
        )
        for member in batch
    ]
    return members.save_members(actor=key_of(request).actor, now=utc_now(), batch=inputs)


def _show(profile: members.MemberProfile) -> MemberOut:
    fields = {name: getattr(profile, name) for name in MemberOut.model_fields if name != "member_id"}
    return MemberOut(member_id=profile.id, **fields)


def _refusal(outcome: MemberOutcome) -> Refusal:
    return _REFUSALS.get(outcome.code, ProfileInvalid)(outcome.detail)


def _tell(outcome: MemberOutcome) -> MemberResultOut:
    if outcome.status is SaveStatus.REFUSED:
        return _refused(outcome.external_id, _refusal(outcome))
    return MemberResultOut.model_validate(outcome)


def _refused(external_id: str | None, refusal: Refusal) -> MemberResultOut:
    return MemberResultOut(
        external_id=external_id, status=SaveStatus.REFUSED, problem=describe_problem(refusal)
    )
