"""Rewards: what a member, or anybody, may have for points."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Path, Router
from ninja.params.functions import Query

from regulars.api.auth import ApiKey
from regulars.api.refs import get_profile
from regulars.api.replies import reply
from regulars.api.schemas.rewards import AvailabilityOut, PictureOut, RewardOut, RewardPageOut
from regulars.api.schemas.scalars import Cursor, Key, MemberRef, Size, Word
from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import Picture, PictureSource, RewardKind, RewardSort, RewardView
from regulars.identity.facade import Scope
from regulars.kit.clock import utc_now
from regulars.kit.paging import PAGE_SIZE_DEFAULT
from regulars.redemption.facade import load_viewer
from regulars.rules.facade import get_current_programme

router = Router(tags=["Rewards"])


@router.get("/rewards", auth=ApiKey(Scope.REWARDS_READ), response=RewardPageOut)
def list_rewards(
    request: HttpRequest,
    member: MemberRef | None = Query(None),
    search: Word = Query(""),
    kind: RewardKind | None = Query(None),
    category: Word | None = Query(None),
    affordable: bool = Query(False, description="Only what the member can redeem now."),
    sort: RewardSort = Query(RewardSort.PRICE_LOW),
    cursor: Cursor = Query(None),
    size: Size = Query(PAGE_SIZE_DEFAULT),
) -> HttpResponse:
    """Rewards with what each is to the member: available, sold out, 240 points away, …"""
    with _viewing(member) as viewer:
        page = catalogue.list_rewards(
            viewer=viewer,
            search=search,
            kind=kind,
            category=category,
            affordable=affordable,
            sort=sort,
            cursor=cursor,
            size=size,
        )
    return reply(RewardPageOut(items=[_show(view) for view in page.items], next_cursor=page.next_cursor))


@router.get("/rewards/{reward}", auth=ApiKey(Scope.REWARDS_READ), response=RewardOut)
def get_reward(
    request: HttpRequest,
    reward: Annotated[Key, Path()],
    member: MemberRef | None = Query(None),
) -> HttpResponse:
    """One reward, by its code."""
    with _viewing(member) as viewer:
        view = catalogue.view_reward(reward, viewer)
    return reply(_show(view))


@router.get("/pictures/{name}", auth=None, include_in_schema=False, url_name="picture")
def get_picture(request: HttpRequest, name: str) -> HttpResponse:
    """An uploaded picture, for everybody: strangers see rewards too. Its name is the hash of its content."""
    picture = catalogue.read_picture(name)
    response = HttpResponse(picture.content, content_type=picture.content_type)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@contextmanager
def _viewing(ref: str | None) -> Iterator[catalogue.Viewer]:
    """Who looks. Dates in the reasons are written in the programme's time zone."""
    now = utc_now()
    member_id = None if ref is None else get_profile(ref).id
    programme = get_current_programme(now)
    with timezone.override(programme.time_zone):
        yield load_viewer(member_id=member_id, programme=programme, now=now)


def _show(view: RewardView) -> RewardOut:
    special = {"picture", "availability", "tiers_allowed"}
    fields = {name: getattr(view, name) for name in RewardOut.model_fields if name not in special}
    return RewardOut(
        **fields,
        picture=_show_picture(view.picture),
        availability=AvailabilityOut.model_validate(view.availability),
        tiers_allowed=list(view.tiers_allowed),
    )


def _show_picture(picture: Picture) -> PictureOut:
    uploaded = picture.source is PictureSource.MEDIA
    url = reverse("api:picture", args=[picture.name]) if uploaded else None
    return PictureOut(source=picture.source, name=picture.name, alt=picture.alt, url=url)
