"""Pure decisions of serving: order by what just happened, sift, put pins in their places, keep shelves apart.

An entry's score orders one shelf and is made of places: a candidate at place r of n has 1 - r / (n + 1), so
that whatever a model's scores mean they lie between 0 and 1, and what just happened and boosts can be
weighed against them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from regulars.catalogue.facade import ProductInfo
from regulars.recommend.types import MarkKind, MarkSubject, MarkView, Reason, ReasonCode, ServedBy, ShelfCode

RawReason = Sequence[Any]
"""[code, {values}], as it is stored."""

ITEMS_MIN = 3
"""A shelf with fewer items is none."""
HAPPENED_STRENGTH = 0.6
"""What just happened can lift the last candidate above the middle of the shelf, and never past all others."""
WARMTH = 0.4
"""The lift of a product whose category or brand a reward of this session was of."""
HALF_LIFE = timedelta(hours=36)
BASKET_WEIGHT, BOUGHT_WEIGHT, VIEWED_WEIGHT = 1.0, 0.7, 0.5
JUST_BOUGHT = timedelta(days=2)
"""What was bought so lately is not offered to be bought again."""


class Entry(NamedTuple):
    """A product on its way onto a shelf."""

    sku: str
    score: float
    way: ServedBy
    reasons: Sequence[RawReason]


@dataclass(frozen=True, slots=True)
class Happening:
    """A product that a member just dealt with: how much it weighs (0 to 1), and what to say of it."""

    sku: str
    weight: float
    reason: ReasonCode | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """The marketer's decisions in force, taken apart once for a request."""

    hidden_skus: frozenset[str] = frozenset()
    hidden_brands: frozenset[str] = frozenset()
    hidden_categories: frozenset[str] = frozenset()
    boosts: tuple[MarkView, ...] = ()
    pins: tuple[MarkView, ...] = ()
    """By place; of two at one place the newer first."""

    def hide(self, product: ProductInfo) -> bool:
        """Whether a product is banned or unsuitable."""
        return (
            product.sku in self.hidden_skus
            or product.brand in self.hidden_brands
            or not self.hidden_categories.isdisjoint(product.categories)
        )

    def weigh(self, product: ProductInfo, shelf: ShelfCode) -> float:
        """The factor of all boosts that concern a product on a shelf; 1 where there is none."""
        factor = 1.0
        for mark in self.boosts:
            if mark.shelf in (None, shelf) and concerns(mark, product):
                factor *= mark.factor or 1.0
        return factor

    def list_pins(self, shelf: ShelfCode) -> list[MarkView]:
        """The pins of a shelf."""
        return [mark for mark in self.pins if mark.shelf in (None, shelf)]


@dataclass(slots=True)
class Sieve:
    """What may stand on a shelf of one member now: asked of every product, whichever way it came."""

    products: Mapping[str, ProductInfo | None]
    marks: Marks
    is_sensitive: Callable[[tuple[str, ...]], bool]
    hidden: Collection[str]
    """Dismissed, or in the basket."""
    taken: set[str] = field(default_factory=set)
    """On another shelf already."""
    named: set[tuple[str, str]] = field(default_factory=set)
    """What these are called: a reader cannot tell two of one name and brand apart."""

    def passes(self, sku: str) -> bool:
        """Whether a product can be recommended at all."""
        return self.can_stand(sku) and not self.is_sensitive(self.products[sku].categories)  # type: ignore[union-attr]

    def can_stand(self, sku: str) -> bool:
        """The same of what is pinned: nothing was inferred there, so that no category is in the way."""
        product = self.products.get(sku)
        return (
            product is not None
            and product.active
            and sku not in self.hidden
            and sku not in self.taken
            and not self.marks.hide(product)
        )

    def name(self, sku: str) -> tuple[str, str]:
        """What a product is called, and its brand."""
        product = self.products.get(sku)
        return ("", sku) if product is None else (product.name.casefold(), product.brand)

    def take(self, skus: Iterable[str]) -> None:
        """Keep what stands on a shelf from those that follow."""
        for sku in skus:
            self.taken.add(sku)
            self.named.add(self.name(sku))


def concerns(mark: MarkView, product: ProductInfo) -> bool:
    """Whether a mark is about a product, its brand or one of its categories."""
    if mark.subject is MarkSubject.PRODUCT:
        return mark.value == product.sku
    if mark.subject is MarkSubject.BRAND:
        return mark.value == product.brand
    return mark.subject is MarkSubject.CATEGORY and mark.value in product.categories


def take_apart(marks: Iterable[MarkView]) -> Marks:
    """Marks in force, sorted by what they do to products. Those of rewards are for the rewards."""
    hidden: dict[MarkSubject, set[str]] = {subject: set() for subject in MarkSubject}
    boosts: list[MarkView] = []
    pins: list[MarkView] = []
    for mark in marks:
        if mark.kind in (MarkKind.BAN, MarkKind.UNSUITABLE):
            hidden[mark.subject].add(mark.value)
        elif mark.subject is not MarkSubject.REWARD:
            (boosts if mark.kind is MarkKind.BOOST else pins).append(mark)
    return Marks(
        frozenset(hidden[MarkSubject.PRODUCT]),
        frozenset(hidden[MarkSubject.BRAND]),
        frozenset(hidden[MarkSubject.CATEGORY]),
        tuple(boosts),
        tuple(sorted(pins, key=lambda pin: (pin.place or 1, -pin.id))),
    )


def score_by_place(skus: Sequence[str], way: ServedBy, reasons: Sequence[Sequence[RawReason]]) -> list[Entry]:
    """Entries of what stands in order, best first."""
    last = len(skus) + 1
    return [
        Entry(sku, 1 - place / last, way, why)
        for place, (sku, why) in enumerate(zip(skus, reasons, strict=True))
    ]


def weigh_happenings(
    basket: Sequence[str],
    taken: Iterable[tuple[str, datetime]],
    bought: Iterable[tuple[str, datetime]],
    viewed: Iterable[tuple[str, datetime]],
    now: datetime,
) -> list[Happening]:
    """What just happened, weightiest first; weights halve every 36 hours. A product counts once."""
    found = [Happening(sku, BASKET_WEIGHT, ReasonCode.SEEN) for sku in basket]
    for weight, code, rows in (
        (BOUGHT_WEIGHT, None, taken),
        (BOUGHT_WEIGHT, ReasonCode.BOUGHT_WITH, bought),
        (VIEWED_WEIGHT, ReasonCode.SEEN, viewed),
    ):
        found += [
            Happening(sku, weight * 0.5 ** (max(now - at, timedelta(0)) / HALF_LIFE), code, at)
            for sku, at in rows
        ]
    found.sort(key=lambda one: (-one.weight, one.sku))
    seen: set[str] = set()
    return [one for one in found if not (one.sku in seen or seen.add(one.sku))]  # type: ignore[func-returns-value]


def lift_similar(
    happenings: Sequence[Happening], similar: Mapping[str, tuple[Sequence[str], Sequence[float]]]
) -> dict[str, tuple[float, Happening]]:
    """How far each product goes with what just happened, 0 to 1, and with what of it most.

    The sum over happenings of weight × similarity, each product's similarities against their greatest,
    divided by the greatest sum.
    """
    sums: dict[str, float] = {}
    most: dict[str, tuple[float, Happening]] = {}
    for one in happenings:
        skus, weights = similar.get(one.sku, ((), ()))
        top = max(weights, default=0.0)
        if top <= 0:
            continue
        for sku, weight in zip(skus, weights, strict=False):
            part = one.weight * weight / top
            sums[sku] = sums.get(sku, 0.0) + part
            if sku not in most or part > most[sku][0]:
                most[sku] = (part, one)
    top = max(sums.values(), default=0.0)
    if top <= 0:
        return {}
    return {sku: (total / top, most[sku][1]) for sku, total in sums.items() if total > 0}


def rerank(
    entries: Sequence[Entry],
    lifts: Mapping[str, tuple[float, Happening]],
    explain: Callable[[Happening], Sequence[RawReason]],
) -> list[Entry]:
    """Entries with what just happened weighed in, best first; those that it lifts say so before all else."""
    if not lifts:
        return list(entries)
    moved = []
    for entry in entries:
        lift = lifts.get(entry.sku)
        if lift is None:
            moved.append(entry)
            continue
        score = entry.score + HAPPENED_STRENGTH * lift[0]
        moved.append(entry._replace(score=score, reasons=[*explain(lift[1]), *entry.reasons]))
    moved.sort(key=lambda entry: -entry.score)
    return moved


def fill(
    ways: Iterable[Callable[[], Sequence[Entry]]], *, sieve: Sieve, shelf: ShelfCode, count: int
) -> list[Entry]:
    """Up to `count` entries that pass, from the first way on: a later one is asked only if it runs out.

    Boosts order the entries of one way among each other. Of those that are called alike the first stands on
    the page; its twins only where a shelf would be none without them.
    """
    found: list[Entry] = []
    twins: list[Entry] = []
    skus: set[str] = set()
    named = set(sieve.named)
    for way in ways:
        passing = [entry for entry in way() if entry.sku not in skus and sieve.passes(entry.sku)]
        if sieve.marks.boosts:
            passing = _boost(passing, sieve, shelf)
        for entry in passing:
            if entry.sku not in skus:
                skus.add(entry.sku)
                name = sieve.name(entry.sku)
                (twins if name in named else found).append(entry)
                named.add(name)
        if len(found) >= count:
            break
    missing = min(ITEMS_MIN, count) - len(found)
    return [*found[:count], *twins[: max(missing, 0)]]


def _boost(entries: list[Entry], sieve: Sieve, shelf: ShelfCode) -> list[Entry]:
    boosted = []
    for entry in entries:
        product = sieve.products[entry.sku]
        factor = 1.0 if product is None else sieve.marks.weigh(product, shelf)
        boosted.append(entry if factor == 1.0 else entry._replace(score=entry.score * factor))
    boosted.sort(key=lambda entry: -entry.score)
    return boosted


def place_pins(entries: Sequence[Entry], *, sieve: Sieve, shelf: ShelfCode, count: int) -> list[Entry]:
    """Entries with the pins of the shelf at their places, `count` in all.

    Where a place is taken by another pin, or the shelf is too short for it, the next free one is.
    """
    pins = [mark for mark in sieve.marks.list_pins(shelf) if sieve.can_stand(mark.value)]
    placed: dict[int, str] = {}
    for mark in pins:
        if mark.value in placed.values():
            continue
        place = (mark.place or 1) - 1
        while place in placed:
            place += 1
        if place < count:
            placed[place] = mark.value
    if not placed:
        return list(entries[:count])
    pinned = set(placed.values())
    rest = iter([entry for entry in entries if entry.sku not in pinned])
    reasons: list[RawReason] = [[ReasonCode.PINNED.value, {}]]
    shown: list[Entry] = []
    for place in range(count):
        if place in placed:
            shown.append(Entry(placed.pop(place), 1.0, ServedBy.PIN, reasons))
        elif (entry := next(rest, None)) is not None:
            shown.append(entry)
    return shown


def find_main_way(ways: Sequence[ServedBy]) -> ServedBy:
    """The way most items came; of equals the more personal. Pins decide only where there is nothing else."""
    counted: list[ServedBy] = [way for way in ways if way is not ServedBy.PIN]
    counted = counted or list(ways)
    order = tuple(ServedBy)
    return max(counted, key=lambda way: (counted.count(way), -order.index(way)), default=ServedBy.NEWEST)


def read_reasons(raw: Any) -> tuple[Reason, ...]:
    """Stored reasons as they cross the door; what is not one, such as a code no longer known, is left out."""
    found = []
    for one in raw if isinstance(raw, (list, tuple)) else ():
        if isinstance(one, (list, tuple)) and len(one) == 2 and isinstance(one[1], Mapping):
            code = _REASONS.get(one[0]) if isinstance(one[0], str) else None
            if code is not None:
                found.append(Reason(code, one[1]))
    return tuple(found)


def leave_out_twins(reasons: tuple[Reason, ...], name: str) -> tuple[Reason, ...]:
    """Reasons without those that name a product called just so, where others are left: that it goes with
    itself tells a reader nothing.
    """
    return tuple(one for one in reasons if one.values.get("name") != name) or reasons


def forget_reasons(entries: Iterable[Entry], unlearnt: Collection[str]) -> list[Entry]:
    """Entries without what follows from purchases that are not to be learnt from; those that stood on nothing
    else go.
    """
    if not unlearnt:
        return list(entries)
    kept = []
    for entry in entries:
        reasons = [why for why in entry.reasons if _subject(why) not in unlearnt]
        if entry.sku not in unlearnt and (reasons or not entry.reasons):
            kept.append(entry._replace(reasons=reasons))
    return kept


def find_subject(entry: Entry) -> str:
    """The purchase that an entry goes with, as its reasons have it; empty: none."""
    for why in entry.reasons:
        if isinstance(why, (list, tuple)) and why and why[0] == ReasonCode.BOUGHT_WITH.value:
            return str(_subject(why) or "")
    return ""


def _subject(why: RawReason) -> Any:
    told = isinstance(why, (list, tuple)) and len(why) > 1 and isinstance(why[1], Mapping)
    return why[1].get("sku") if told else None


_REASONS = {code.value: code for code in ReasonCode}
