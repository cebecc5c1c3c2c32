"""What the recommender knows of a member, for the member to see and for their copy."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from regulars.catalogue.facade import find_products, find_reward_names
from regulars.kit.ids import MemberId
from regulars.recommend.models import Candidates, Choice, Dismissal, Feedback, Shown, Taste
from regulars.recommend.queries.loading import get_person
from regulars.recommend.types import DismissalKind, DismissalView, Liking, RecentPurchase, TasteView

Said = tuple[str, str, datetime]
"""Kind of a dismissal, number of the product or code of the reward, when."""


def is_personal(member_id: MemberId) -> bool:
    """Whether a member's recommendations are made of what they do. Two queries.

    Raises MemberUnknown, MemberErased.
    """
    return _is_personal(get_person(member_id).member_ids)


def get_taste(member_id: MemberId) -> TasteView:
    """What the recommender knows of a member, with its evidence. Six queries at most.

    Raises MemberUnknown, MemberErased.
    """
    person = get_person(member_id)
    rows = list(Taste.objects.filter(member_id__in=person.member_ids))
    rows.sort(key=lambda row: (row.member_id != person.member_id, -row.orders_count))
    row = rows[0] if rows else None
    said = _list_said(person.member_ids)
    recent = list(row.recent_skus) if row is not None else []
    products = find_products([*recent, *(sku for _kind, sku, _at in said)])
    names = {sku: one.name for sku, one in products.items()}
    forgotten = {sku for kind, sku, _at in said if kind == DismissalKind.LEARN}
    return TasteView(
        member_id=person.member_id,
        is_personal=_is_personal(person.member_ids),
        as_of=row.as_of if row is not None else None,
        orders_count=row.orders_count if row is not None else 0,
        brands=_read_likings(row.brands) if row is not None else (),
        categories=_read_likings(row.categories) if row is not None else (),
        interests=person.interests,
        recent=tuple(RecentPurchase(sku, names.get(sku, sku), sku in forgotten) for sku in recent),
        dismissals=_name_said(said, names),
    )


def list_dismissals(member_id: MemberId) -> tuple[DismissalView, ...]:
    """What a member does not want to see or be concluded from, latest first. Four queries at most.

    Raises MemberUnknown, MemberErased.
    """
    said = _list_said(get_person(member_id).member_ids)
    products = find_products([sku for _kind, sku, _at in said])
    return _name_said(said, {sku: one.name for sku, one in products.items()})


def has_declined_interests(member_id: MemberId) -> bool:
    """Whether the member would rather not say what they like. Two queries.

    Raises MemberUnknown, MemberErased.
    """
    said = Dismissal.objects.filter(
        member_id__in=get_person(member_id).member_ids, kind=DismissalKind.QUESTION.value
    )
    return said.exists()


def read_recommendations(member_id: MemberId) -> Iterator[dict[str, Any]]:
    """What of recommend goes into a member's copy of their data."""
    for choice in Choice.objects.filter(member_id=member_id):
        yield {"kind": "choice", "personal": choice.personal, "changed_at": choice.changed_at}
    for row in Dismissal.objects.filter(member_id=member_id).order_by("dismissed_at", "sku", "kind"):
        yield {"kind": f"dismissal.{row.kind}", "sku": row.sku, "dismissed_at": row.dismissed_at}
    for taste in Taste.objects.filter(member_id=member_id):
        yield {
            "kind": "taste",
            "as_of": taste.as_of.isoformat(),
            "orders": taste.orders_count,
            "brands": taste.brands,
            "categories": taste.categories,
            "recent": list(taste.recent_skus),
            "points_a_day": taste.points_a_day,
            "basket_minor": taste.basket_minor,
            "take_probability": taste.take_probability,
            "reward_interest": taste.reward_interest,
        }
    for made in Candidates.objects.filter(member_id=member_id).order_by("shelf"):
        yield {
            "kind": "candidates",
            "as_of": made.as_of.isoformat(),
            "shelf": made.shelf,
            "skus": list(made.skus),
            "reasons": made.reasons,
        }
    for shown in Shown.objects.filter(member_id=member_id).order_by("-pk").iterator():
        yield {
            "kind": "shown",
            "shown_at": shown.shown_at,
            "placement": shown.placement,
            "shelf": shown.shelf,
            "skus": list(shown.skus),
            "reasons": shown.reasons,
        }
    for noted in Feedback.objects.filter(member_id=member_id).order_by("noted_at", "shown_id", "sku", "kind"):
        yield {"kind": f"feedback.{noted.kind}", "sku": noted.sku, "noted_at": noted.noted_at}


def _is_personal(member_ids: tuple[MemberId, ...]) -> bool:
    said = dict(Choice.objects.filter(member_id__in=member_ids).values_list("member_id", "personal"))
    return bool(said[member_ids[0]]) if member_ids[0] in said else all(said.values())


def _list_said(member_ids: tuple[MemberId, ...]) -> list[Said]:
    rows = Dismissal.objects.filter(member_id__in=member_ids).order_by("-dismissed_at", "sku", "kind")
    rows = rows.exclude(kind=DismissalKind.QUESTION.value)
    seen: dict[tuple[str, str], datetime] = {}
    for kind, sku, at in rows.values_list("kind", "sku", "dismissed_at"):
        seen.setdefault((kind, sku), at)
    return [(kind, sku, at) for (kind, sku), at in seen.items()]


def _name_said(said: Sequence[Said], products: Mapping[str, str]) -> tuple[DismissalView, ...]:
    """What was said, with names: of products as they are given, of rewards as they are looked up."""
    rewards = find_reward_names(code for kind, code, _at in said if kind == DismissalKind.REWARD)
    return tuple(
        DismissalView(
            DismissalKind(kind),
            what,
            (rewards if kind == DismissalKind.REWARD else products).get(what, what),
            at,
        )
        for kind, what, at in said
    )


def _read_likings(raw: Any) -> tuple[Liking, ...]:
    found = []
    for one in raw if isinstance(raw, list) else ():
        try:
            name, share, lift, orders = one
            found.append(Liking(str(name), float(share), float(lift), int(orders)))
        except (TypeError, ValueError):
            continue
    return tuple(found)
