"""What was shown to whom, by which model and why: for support, and for what measures it."""

from datetime import datetime

from django.db.models import Q

from regulars.catalogue.facade import find_products, find_reward_names
from regulars.kit.ids import MemberId
from regulars.kit.paging import BadCursor, Page, clamp_page_size, cut_page, decode_cursor
from regulars.recommend.errors import ShownNotFound
from regulars.recommend.models import Mark, Shown, TrainedModel
from regulars.recommend.policies import concerns, read_reasons
from regulars.recommend.queries.loading import get_person
from regulars.recommend.queries.marks import to_view
from regulars.recommend.types import (
    REWARDS_SHELF,
    MarkSubject,
    MarkView,
    Placement,
    ServedBy,
    ServingModel,
    ShownItem,
    ShownView,
)


def list_shown(
    member_id: MemberId, *, cursor: str | None = None, backwards: bool = False, size: int | None = None
) -> Page[ShownView]:
    """What was shown to a member, also under numbers since merged, latest first. Two queries.

    What comes after the cursor; `backwards`, what comes before it, in the same order. Raises MemberUnknown,
    MemberErased, BadCursor.
    """
    limit = clamp_page_size(size)
    order = ("shown_at", "pk") if backwards else ("-shown_at", "-pk")
    rows = Shown.objects.filter(member_id__in=get_person(member_id).member_ids).order_by(*order)
    if cursor:
        at, number = decode_cursor(cursor, (str, int))
        then, number = _read_instant(str(at)), int(number)
        later = Q(shown_at__gt=then) | Q(shown_at=then, pk__gt=number)
        earlier = Q(shown_at__lt=then) | Q(shown_at=then, pk__lt=number)
        rows = rows.filter(later if backwards else earlier)
    page = cut_page(
        list(rows[: limit + 1]),
        size=limit,
        key=lambda row: (row.shown_at.isoformat(), row.pk),
        cursor=cursor,
        backwards=backwards,
    )
    return Page(tuple(map(_to_view, page.items)), page.next_cursor, page.previous_cursor)


def get_shown(member_id: MemberId, shown_id: int) -> ShownView:
    """One list that was shown to a member. Two queries. Raises MemberUnknown, MemberErased, ShownNotFound."""
    row = Shown.objects.filter(pk=shown_id, member_id__in=get_person(member_id).member_ids).first()
    if row is None:
        raise ShownNotFound("This was not shown, or it was forgotten since.", shown_id=shown_id)
    return _to_view(row)


def explain_shown(shown_id: int, sku: str) -> ShownItem:
    """Why an item was on a shelf that was shown. Four queries at most. Raises ShownNotFound."""
    row = Shown.objects.filter(pk=shown_id).first()
    if row is None or sku not in row.skus:
        raise ShownNotFound("This was not shown, or it was forgotten since.", shown_id=shown_id, sku=sku)
    view = _to_view(row)
    place = view.skus.index(sku)
    model = None if row.model_id is None else TrainedModel.objects.filter(pk=row.model_id).first()
    then = Mark.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=row.shown_at), starts_at__lte=row.shown_at
    )
    marks: tuple[MarkView, ...] = ()
    if row.shelf == REWARDS_SHELF:
        name = find_reward_names([sku]).get(sku, sku)
        about = then.filter(subject=MarkSubject.REWARD, value=sku)
        marks = tuple(map(to_view, about.order_by("-pk")))
    else:
        product = find_products([sku]).get(sku)
        name = sku if product is None else product.name
        if product is not None:
            marks = tuple(mark for mark in map(to_view, then.order_by("-pk")) if concerns(mark, product))
    return ShownItem(
        shown=view,
        sku=sku,
        name=name,
        place=place + 1,
        served_by=view.ways[place] if place < len(view.ways) else view.served_by,
        reasons=view.reasons[place] if place < len(view.reasons) else (),
        model_kind="" if model is None else model.kind,
        as_of=None if model is None else model.as_of,
        marks=marks,
    )


def list_serving_models() -> tuple[ServingModel, ...]:
    """The models that serve now, by task. One query."""
    rows = TrainedModel.objects.filter(served_from__isnull=False, served_to__isnull=True).order_by("task")
    return tuple(
        ServingModel(row.pk, row.task, row.kind, row.as_of, row.served_from)
        for row in rows
        if row.served_from
    )


def _to_view(row: Shown) -> ShownView:
    return ShownView(
        id=row.pk,
        member_id=MemberId(row.member_id),
        shown_at=row.shown_at,
        placement=Placement(row.placement),
        shelf=row.shelf,
        served_by=ServedBy(row.served_by),
        model_id=row.model_id,
        skus=tuple(row.skus),
        reasons=tuple(read_reasons(one) for one in row.reasons),
        ways=tuple(map(ServedBy, row.ways)),
    )


def _read_instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadCursor("The cursor is not one that this server gave; start from the first page.") from None
