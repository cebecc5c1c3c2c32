"""Recommendations: what a member might like to buy, why, and what became of it."""

from collections.abc import Iterable
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Router
from ninja.params.functions import Query

from regulars.api.auth import ApiKey, key_of
from regulars.api.refs import resolve_member
from regulars.api.replies import once, reply
from regulars.api.schemas.recommendations import (
    BASKET_MAX,
    FeedbackIn,
    FeedbackOut,
    ItemOut,
    Items,
    ReasonOut,
    ShelfOut,
    ShelvesOut,
    SimilarOut,
    SuggestionOut,
    Suggestions,
    SuggestionsOut,
)
from regulars.api.schemas.scalars import Key, MemberRef
from regulars.identity.facade import Scope
from regulars.kit.clock import utc_now
from regulars.recommend import facade as recommend
from regulars.recommend.facade import Placement, Reason, RewardSuggestion, ServedShelf, ShelfCode, ShelfItem
from regulars.rules.facade import Programme, get_current_programme

router = Router(tags=["Recommendations"])


@router.get("/members/{member}/recommendations", auth=ApiKey(Scope.RECOMMENDATIONS_READ), response=ShelvesOut)
def list_recommendations(
    request: HttpRequest,
    member: Annotated[MemberRef, Path()],
    shelf: ShelfCode | None = Query(None, description="One shelf; all that stand, if left out."),
    count: Items = Query(12),
    basket: list[Key] = Query(
        [],
        max_length=BASKET_MAX,
        description="SKUs that the member has in their basket: weighed, and not offered.",
    ),
) -> HttpResponse:
    """Shelves of products for a member, each item with its reasons.

    A shelf that too little is known for gives way to the popular one, which its `code` says. What is answered
    is written down as shown: ask when you show it.
    """
    now = utc_now()
    programme = get_current_programme(now)
    asked = {
        "member_id": resolve_member(member),
        "now": now,
        "count": count,
        "placement": Placement.API,
        "basket": basket,
    }
    if shelf is None:
        shelves = recommend.list_shelves(**asked)  # type: ignore[arg-type]
    else:
        shelves = [recommend.get_shelf(shelf=shelf, **asked)]  # type: ignore[arg-type]
    with timezone.override(programme.time_zone):
        return reply(ShelvesOut(shelves=[_show_shelf(one, programme) for one in shelves]))


@router.get(
    "/members/{member}/reward-suggestions", auth=ApiKey(Scope.RECOMMENDATIONS_READ), response=SuggestionsOut
)
def list_reward_suggestions(
    request: HttpRequest, member: Annotated[MemberRef, Path()], count: Suggestions = Query(6)
) -> HttpResponse:
    """Rewards worth offering to a member: their goal, what they can have now, and what is near.

    Nothing is called affordable that costs more than can be spent now, and nothing is there that anything but
    points keeps from them. What is answered is written down as shown: ask when you show it.
    """
    now = utc_now()
    programme = get_current_programme(now)
    with timezone.override(programme.time_zone):
        found = recommend.suggest_rewards(
            member_id=resolve_member(member), now=now, placement=Placement.API, count=count
        )
        items = [_show_suggestion(one, programme) for one in found]
    return reply(SuggestionsOut(shown_id=found[0].shown_id if found else None, items=items))


@router.get("/products/{sku}/similar", auth=ApiKey(Scope.RECOMMENDATIONS_READ), response=SimilarOut)
def list_similar_products(
    request: HttpRequest, sku: Annotated[Key, Path()], count: Items = Query(12)
) -> HttpResponse:
    """What goes with a product, best first; nothing where too few bought it to tell."""
    now = utc_now()
    programme = get_current_programme(now)
    found = recommend.find_similar(sku=sku, count=count, now=now)
    return reply(SimilarOut(items=[_show_item(item, programme) for item in found]))


@router.post(
    "/members/{member}/recommendations/feedback", auth=ApiKey(Scope.EVENTS_WRITE), response=FeedbackOut
)
@once
def note_feedback(
    request: HttpRequest, member: Annotated[MemberRef, Path()], feedback: FeedbackIn
) -> HttpResponse:
    """What became of items that were shown; told again it is no news. `dismissed` items do not come again."""
    noted = recommend.note_feedback(
        actor=key_of(request).actor,
        member_id=resolve_member(member),
        shown_id=feedback.shown_id,
        skus=feedback.skus,
        kind=feedback.kind,
        now=utc_now(),
    )
    return reply(FeedbackOut(noted=noted))


def _show_shelf(shelf: ServedShelf, programme: Programme) -> ShelfOut:
    return ShelfOut(
        code=shelf.code,
        title=recommend.name_shelf(shelf.code, shelf.subject),
        subject=shelf.subject,
        served_by=shelf.served_by,
        as_of=shelf.as_of,
        shown_id=shelf.shown_id,
        items=[_show_item(item, programme) for item in shelf.items],
    )


def _show_suggestion(one: RewardSuggestion, programme: Programme) -> SuggestionOut:
    view = one.view
    return SuggestionOut(
        code=one.code,
        name=view.name,
        kind=view.kind,
        category=view.category,
        price_points=view.price_points,
        price_money=view.price_money,
        units_left=view.units_left,
        missing=one.missing,
        days=one.days,
        amount=one.amount,
        served_by=one.served_by,
        reasons=_show_reasons(one.reasons, programme),
    )


def _show_item(item: ShelfItem, programme: Programme) -> ItemOut:
    return ItemOut(
        sku=item.sku,
        name=item.name,
        brand=item.brand,
        categories=list(item.categories),
        price=item.price,
        served_by=item.served_by,
        reasons=_show_reasons(item.reasons, programme),
    )


def _show_reasons(reasons: Iterable[Reason], programme: Programme) -> list[ReasonOut]:
    now = utc_now()
    return [
        ReasonOut(
            code=reason.code,
            values={name: value for name, value in reason.values.items() if isinstance(value, int | str)},
            sentence=recommend.say_reason(reason, now=now, points_name=programme.points_name),
        )
        for reason in reasons
    ]
