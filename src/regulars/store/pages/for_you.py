"""Products picked for a member, shelf by shelf, each with its reasons; and what a newcomer is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from regulars.design.facade import ProductCard, ProductShelf, find_sign
from regulars.kit.money import format_money
from regulars.members import facade as members
from regulars.recommend import facade as recommend
from regulars.rules.facade import Programme
from regulars.store.visits import MemberVisit

ITEMS = 12
FIRST_MAX = 2
"""How many shelves home shows."""
INTERESTS_ASKED = 12
STRANGERS_MIN = 3
REASONS_SHOWN = 3
PERSONAL_WAYS = frozenset(
    {
        recommend.ServedBy.MODEL,
        recommend.ServedBy.SIMILAR,
        recommend.ServedBy.HISTORY,
        recommend.ServedBy.CONTENT,
    }
)
"""A segment is not among them: who is only one of many is still asked what they like."""


class Knowing(StrEnum):
    """How much the shelves know of whom they are for."""

    KNOWN = "known"
    NEW = "new"
    """Too little was bought yet, and nothing was told."""
    UNLEARNT = "unlearnt"
    """The shop has learnt from nobody's purchases yet."""
    OFF = "off"
    """The member does not want it personal."""


@dataclass(frozen=True, slots=True)
class ForYouPage:
    """Shelves, and the interests to choose from where these are asked for. `first`: how many shelves at most,
    0 for all.
    """

    shelves: tuple[ProductShelf, ...]
    knowing: Knowing
    interests: tuple[str, ...]
    first: int


def load_for_you(visit: MemberVisit, *, first: int) -> ForYouPage:
    """The shelves of one member; what was shown is logged, unless an operator only looks.

    The number of queries does not depend on how many items there are.
    """
    served = recommend.list_shelves(
        member_id=visit.member_id,
        now=visit.now,
        placement=recommend.Placement.HOME,
        count=ITEMS,
        shelves_max=first or None,
        log=visit.look is None,
    )
    knowing = _find_knowing(visit, served)
    asked = (
        knowing in {Knowing.NEW, Knowing.UNLEARNT}
        and not read_interests(visit)
        and not recommend.has_declined_interests(visit.member_id)
    )
    interests = recommend.list_interests(now=visit.now, size=INTERESTS_ASKED) if asked else ()
    if first and interests:
        served = served[:1]  # The question takes the place of the second.
    return ForYouPage(
        shelves=tuple(show_shelf(one, visit.now, visit.programme) for one in served),
        knowing=knowing,
        interests=interests,
        first=first,
    )


def read_interests(visit: MemberVisit) -> tuple[str, ...]:
    """What the member told us they like."""
    return members.split_interests(visit.member.attributes)


def load_for_strangers(now: datetime, programme: Programme) -> ProductShelf | None:
    """What many members bought lately; None where too little is known. Three queries; nothing is logged."""
    served = recommend.list_for_nobody(now=now, count=ITEMS)
    if served.served_by is not recommend.ServedBy.SHOP or len(served.items) < STRANGERS_MIN:
        return None
    return show_shelf(served, now, programme)


def show_shelf(served: recommend.ServedShelf, now: datetime, programme: Programme) -> ProductShelf:
    """A shelf in words."""
    return ProductShelf(
        name=served.code.value,
        title=recommend.name_shelf(served.code, served.subject, served.served_by),
        note=recommend.explain_shelf(served.code, served.served_by),
        cards=tuple(_show_item(item, now, programme) for item in served.items),
    )


def _show_item(item: recommend.ShelfItem, now: datetime, programme: Programme) -> ProductCard:
    said = [
        recommend.say_reason(reason, now=now, points_name=programme.points_name)
        for reason in item.reasons[:REASONS_SHOWN]
    ]
    return ProductCard(
        sku=item.sku,
        name=item.name,
        brand=item.brand,
        kind=item.categories[-1] if item.categories else "",
        price="" if item.price is None else format_money(item.price, programme.currency),
        sign=find_sign(item.categories),
        reasons=tuple(dict.fromkeys(said)),
        href=item.url,
    )


def _find_knowing(visit: MemberVisit, served: Sequence[recommend.ServedShelf]) -> Knowing:
    if any(shelf.served_by in PERSONAL_WAYS for shelf in served):
        return Knowing.KNOWN
    if not recommend.is_personal(visit.member_id):
        return Knowing.OFF
    return Knowing.NEW if recommend.list_serving_models() else Knowing.UNLEARNT
