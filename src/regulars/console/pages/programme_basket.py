"""What a basket would earn, by rule and line, under the draft and under what is in force, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from regulars.activity import facade as activity
from regulars.activity.facade import OrderDetail, OrderSummary
from regulars.catalogue import facade as catalogue
from regulars.console.forms_programme_basket import TypedLine
from regulars.kit.clock import local_date
from regulars.kit.ids import MemberId
from regulars.kit.money import minor_digits
from regulars.members import facade as members
from regulars.members.facade import MemberProfile
from regulars.rules import facade as rules
from regulars.rules.facade import Basket, BasketLine, Evaluation, LineKind, MemberState, Programme
from regulars.tiers import facade as tiers

POINTS = "points"
ORDERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Earned:
    """What one rule gave: why, and to which lines."""

    rule: str
    why: str
    points: int


@dataclass(frozen=True, slots=True)
class LineEarned:
    """What one line earned in all."""

    label: str
    points: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one programme gives. `qualifying` is what counts for tiers; `until` the earliest end of points."""

    programme: Programme
    points: int
    earned: tuple[Earned, ...]
    lines: tuple[LineEarned, ...]
    left_out: tuple[str, ...]
    qualifying: int
    active_from: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Whose:
    """A real member: who, their recent orders, and what the evaluator knows of them."""

    profile: MemberProfile
    orders: Sequence[OrderSummary]
    tier: str
    orders_before: int


def find_whose(text: str, programme: Programme, now: datetime) -> Whose | None:
    """The member whom a search finds first, with their latest orders; None where there is none."""
    found = members.search_members(text, size=1).items if text.strip() else ()
    if not found:
        return None
    profile = found[0]
    standing = tiers.get_standing(profile.id, programme, now)
    return Whose(
        profile=profile,
        orders=activity.list_orders(member_id=profile.id, size=ORDERS_SHOWN).items,
        tier=standing.tier,
        orders_before=activity.count_orders_before([profile.id]).get(profile.id, 0),
    )


def type_lines(order: OrderDetail) -> list[TypedLine]:
    """The lines of a real order as someone would type them, with the catalogue's brand and categories."""
    traits = catalogue.find_traits([line.sku for line in order.lines])
    typed = []
    for line in order.lines:
        brand, categories = traits.get(line.sku, ("", ()))
        amount = Decimal(line.amount).scaleb(-minor_digits(order.order.currency))
        kind = str(line.kind)
        typed.append(
            TypedLine(line.sku, brand, ", ".join(categories), str(line.quantity), f"{amount:f}", kind)
        )
    return typed


def name_lines(typed: Sequence[TypedLine]) -> list[TypedLine]:
    """The same lines with the names of their products. One query."""
    products = catalogue.find_products([line.sku for line in typed if line.sku])
    return [replace(line, name=products[line.sku].name) if line.sku in products else line for line in typed]


def build_basket(typed: Sequence[TypedLine], at: datetime, currency: str) -> tuple[Basket, dict[int, str]]:
    """The basket that was typed, and a label for each of its lines. What is blank the catalogue fills in."""
    products = catalogue.find_products([line.sku for line in typed if line.sku])
    lines, labels = [], {}
    for number, line in enumerate(typed, start=1):
        product = products.get(line.sku)
        named = tuple(name.strip() for name in line.category.split(",") if name.strip())
        quantity = int(line.quantity)
        minor = line.minor(currency)
        if minor is None:
            minor = (product.price or 0) * quantity if product else 0
        lines.append(
            BasketLine(
                line_no=number,
                sku=line.sku,
                quantity=quantity,
                amount=minor,
                kind=LineKind(line.kind),
                brand=line.brand or (product.brand if product else ""),
                categories=named or (product.categories if product else ()),
            )
        )
        labels[number] = product.name if product else line.sku or line.category or line.brand or line.kind
    return Basket(at, tuple(lines)), labels


def try_basket(
    programme: Programme, state: MemberState, basket: Basket, labels: Mapping[int, str]
) -> Outcome:
    """Evaluate a basket under one programme. Pure; what caps have used up so far counts as nothing."""
    evaluation = rules.evaluate_basket(programme, state, basket)
    postings = [posting for posting in evaluation.postings if posting.currency == POINTS]
    parts = [part for posting in postings for part in posting.parts]
    by_line: dict[int, int] = {}
    for part in parts:
        for number, points in part.shares:
            by_line[number] = by_line.get(number, 0) + points
    notes = [*evaluation.notes, *rules.list_left_out(programme, state, basket)]
    ends = [posting.expires_at for posting in postings if posting.expires_at]
    begins = [posting.activates_at for posting in postings if posting.activates_at]
    return Outcome(
        programme=programme,
        points=evaluation.points_of(POINTS),
        earned=tuple(Earned(_name(programme, p.rule), rules.explain(p.explanation), p.points) for p in parts),
        lines=tuple(LineEarned(labels[n], by_line.get(n, 0)) for n in labels),
        left_out=tuple(dict.fromkeys(rules.explain(note) for note in notes)),
        qualifying=_qualifying(evaluation),
        active_from=max(begins, default=None),
        until=min(ends, default=None),
    )


def make_state(
    *,
    tier: str,
    segments: str,
    first: bool,
    whose: MemberProfile | None,
    orders_before: int,
    zone: ZoneInfo,
) -> MemberState:
    """What is supposed of the member: what was chosen, and what is known where it is a real one.

    `zone`: the programme's, in which they joined on a day, as where points are really given.
    """
    return MemberState(
        tier=tier or None,
        segments=frozenset(name.strip() for name in segments.split(",") if name.strip()),
        joined_on=local_date(whose.joined_at, zone) if whose and whose.joined_at else None,
        birthday=whose.birthday if whose else None,
        orders_before=0 if first else max(orders_before, 1),
    )


def find_member(member_id: int) -> MemberProfile | None:
    """The member of an order, or None."""
    return members.get_profiles([MemberId(member_id)]).get(MemberId(member_id))


def _qualifying(evaluation: Evaluation) -> int:
    return sum(posting.amount for posting in evaluation.postings if posting.currency != POINTS)


def _name(programme: Programme, rule_id: str) -> str:
    head, _colon, code = rule_id.partition(":")
    if head == "tier":
        tier = programme.find_tier(code)
        return tier.name if tier else code
    rule = programme.find_rule(rule_id)
    return rule.name if rule else rule_id
