"""What one member is shown, and why: their shelves as they would be now, and the log of what was shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from regulars.catalogue import facade as catalogue
from regulars.console.desk import Desk
from regulars.console.pages.recommend.marks import MarkRow, name_marks
from regulars.console.pages.recommend.wording import PLACEMENTS, WAYS, name_model, name_shelf
from regulars.design import facade as design
from regulars.kit.ids import MemberId
from regulars.kit.money import format_money
from regulars.recommend import facade as recommend
from regulars.recommend.facade import REWARDS_SHELF, Placement, Reason, RewardSuggestion, ShownItem, ShownView
from regulars.rules.facade import PointsName, Programme

ITEMS, REWARDS = 12, 6
NAMED = 3


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A product or a reward on a shelf, with its reasons as the member reads them, and the way it came."""

    name: str
    about: str
    way: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShelfTable:
    """A shelf: what stands over it, and its items in order."""

    name: str
    title: str
    note: str
    rows: tuple[ItemRow, ...]


@dataclass(frozen=True, slots=True)
class ShelvesPage:
    """All that a member would be shown now; `is_personal` says whether they want it so."""

    shelves: tuple[ShelfTable, ...]
    rewards: ShelfTable | None
    is_personal: bool


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A list that was shown. `items` names its first ones, `more` counts the rest."""

    shown: ShownView
    shelf: str
    placement: str
    way: str
    items: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class ShownPage:
    """What was shown, latest first."""

    rows: tuple[ShownRow, ...]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True, slots=True)
class WhyRow:
    """One item of a list that was shown."""

    sku: str
    name: str
    way: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhyPage:
    """A list that was shown, whole, each item with its reasons; and the marks that held then for one."""

    shown: ShownView
    shelf: str
    placement: str
    rows: tuple[WhyRow, ...]
    picked: ShownItem | None
    model: str
    marks: tuple[MarkRow, ...]


def load_shelves(desk: Desk, programme: Programme, member_id: MemberId) -> ShelvesPage:
    """What the member would be shown now. Nothing is logged. Raises MemberUnknown, MemberErased."""
    shelves = recommend.list_shelves(
        member_id=member_id, now=desk.now, placement=Placement.HOME, count=ITEMS, log=False
    )
    rewards = recommend.suggest_rewards(
        member_id=member_id, now=desk.now, placement=Placement.HOME, count=REWARDS, log=False
    )
    return ShelvesPage(
        shelves=tuple(_show_shelf(one, desk.now, programme) for one in shelves),
        rewards=_show_rewards(rewards, desk.now, programme) if rewards else None,
        is_personal=recommend.is_personal(member_id),
    )


def _show_shelf(shelf: recommend.ServedShelf, now: datetime, programme: Programme) -> ShelfTable:
    return ShelfTable(
        name=shelf.code.value,
        title=recommend.name_shelf(shelf.code, shelf.subject, shelf.served_by),
        note=recommend.explain_shelf(shelf.code, shelf.served_by),
        rows=tuple(
            ItemRow(
                name=item.name,
                about=_join(
                    "" if item.price is None else format_money(item.price, programme.currency),
                    item.brand or (item.categories[-1] if item.categories else ""),
                ),
                way=str(WAYS[item.served_by][0]),
                reasons=say(item.reasons, now, programme.points_name),
            )
            for item in shelf.items
        ),
    )


def _show_rewards(found: list[RewardSuggestion], now: datetime, programme: Programme) -> ShelfTable:
    name = programme.points_name
    return ShelfTable(
        name=REWARDS_SHELF,
        title=name_shelf(REWARDS_SHELF),
        note="",
        rows=tuple(
            ItemRow(
                name=one.view.name,
                about=f"{design.format_points(one.view.price_points)} {name.of(one.view.price_points)}",
                way=str(WAYS[one.served_by][0]),
                reasons=say(one.reasons, now, name),
            )
            for one in found
        ),
    )


def load_shown(member_id: MemberId, cursor: str | None, *, backwards: bool) -> ShownPage:
    """The log of one member: four queries, however long. Raises MemberUnknown, MemberErased, BadCursor."""
    page = recommend.list_shown(member_id, cursor=cursor, backwards=backwards, size=20)
    names = _name_items(page.items)
    rows = tuple(
        ShownRow(
            shown=one,
            shelf=name_shelf(one.shelf),
            placement=str(PLACEMENTS[one.placement]),
            way=str(WAYS[one.served_by][0]),
            items=tuple(names.get((one.shelf == REWARDS_SHELF, sku), sku) for sku in one.skus[:NAMED]),
            more=max(len(one.skus) - NAMED, 0),
        )
        for one in page.items
    )
    return ShownPage(rows, page.next_cursor, page.previous_cursor)


def load_why(desk: Desk, programme: Programme, member_id: MemberId, shown_id: int, sku: str) -> WhyPage:
    """One list that was shown to this member, and all that is known of one item of it; of none where `sku` is
    empty. Raises ShownNotFound, MemberUnknown, MemberErased.
    """
    shown = recommend.get_shown(member_id, shown_id)
    names = _name_items([shown])
    is_rewards = shown.shelf == REWARDS_SHELF
    picked = recommend.explain_shown(shown_id, sku) if sku in shown.skus else None
    ways, reasons = list(shown.ways), list(shown.reasons)
    rows = tuple(
        WhyRow(
            sku=one,
            name=names.get((is_rewards, one), one),
            way=str(WAYS[ways[place]][0]) if place < len(ways) else "",
            reasons=_say_of(names.get((is_rewards, one), one), reasons[place], shown.shown_at, programme)
            if place < len(reasons)
            else (),
        )
        for place, one in enumerate(shown.skus)
    )
    return WhyPage(
        shown=shown,
        shelf=name_shelf(shown.shelf),
        placement=str(PLACEMENTS[shown.placement]),
        rows=rows,
        picked=picked,
        model=name_model(picked.model_kind) if picked is not None and picked.model_kind else "",
        marks=name_marks(picked.marks, desk.now) if picked is not None else (),
    )


def say(reasons: Iterable[Reason], now: datetime, name: PointsName) -> tuple[str, ...]:
    """Reasons as the member reads them, each sentence once."""
    return tuple(dict.fromkeys(recommend.say_reason(one, now=now, points_name=name) for one in reasons))


def _say_of(item: str, reasons: tuple[Reason, ...], at: datetime, programme: Programme) -> tuple[str, ...]:
    """Reasons of a product or reward as the member read them then."""
    return say(recommend.leave_out_twins(reasons, item), at, programme.points_name)


def _name_items(lists: Iterable[ShownView]) -> dict[tuple[bool, str], str]:
    """Names of what stands on lists, by whether it is a reward and its SKU or code. Two queries."""
    lists = list(lists)
    skus = {sku for one in lists if one.shelf != REWARDS_SHELF for sku in one.skus}
    codes = {code for one in lists if one.shelf == REWARDS_SHELF for code in one.skus}
    products = catalogue.find_products(skus)
    found = {(False, sku): info.name for sku, info in products.items()}
    rewards = catalogue.find_reward_names(codes) if codes else {}
    return found | {(True, code): name for code, name in rewards.items()}


def _join(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
