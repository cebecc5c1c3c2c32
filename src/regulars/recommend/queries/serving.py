"""Shelves at the moment they are asked for: what was precomputed, weighed anew by what just happened, sifted.

Way after way until a shelf is full, the most personal first (`ways.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from regulars.kit.ids import MemberId
from regulars.recommend import policies
from regulars.recommend.policies import Entry
from regulars.recommend.queries.loading import load_state
from regulars.recommend.queries.similar import to_item
from regulars.recommend.queries.ways import Ways
from regulars.recommend.types import ServedBy, ServedShelf, ShelfCode

ORDER = (ShelfCode.AGAIN, ShelfCode.NEW, ShelfCode.BECAUSE, ShelfCode.BRANDS, ShelfCode.ALIKE)
OF_EVERYBODY = frozenset({ServedBy.SHOP, ServedBy.NEWEST})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A shelf with the raw reasons of its items, as the log keeps them."""

    shelf: ServedShelf
    entries: Sequence[Entry]


class Serving(Ways):
    """The shelves of one request, each made of the ways that suit it."""

    def draw(self, shelf: ShelfCode, count: int) -> Drawn:
        """One shelf, pins in their places; it may be empty. What stands on it stands on no other after it."""
        subject = ""
        if shelf is ShelfCode.BECAUSE:
            subject, ways = self._because()
        else:
            ways = self._ways(shelf)
        # What is pinned to another shelf of the page waits for it.
        waiting = {sku for sku, place in self.reserved.items() if place is not shelf} - self.sieve.taken
        self.sieve.taken |= waiting
        entries = policies.fill(ways, sieve=self.sieve, shelf=shelf, count=count)
        # Pins make no shelf: “buy again” of what was never bought would be a lie.
        if len(entries) >= min(policies.ITEMS_MIN, count) or shelf is ShelfCode.POPULAR:
            entries = policies.place_pins(entries, sieve=self.sieve, shelf=shelf, count=count)
        self.sieve.taken -= waiting
        if shelf is ShelfCode.BRANDS:
            subject = self._brand_of(entries)
        learnt = self.learnt(shelf)
        by_model = learnt is not None and any(entry.way is ServedBy.MODEL for entry in entries)
        items = tuple(to_item(entry, self.products.known) for entry in entries)
        served = ServedShelf(
            code=shelf,
            items=items,
            served_by=policies.find_main_way([entry.way for entry in entries]),
            subject=subject,
            model_id=learnt.model_id if learnt is not None and by_model else None,
            as_of=learnt.as_of if learnt is not None and by_model else None,
            shown_id=None,
        )
        return Drawn(served, entries)

    def reserve(self) -> None:
        """Keep what is pinned to one shelf for it, where several are drawn."""
        self.reserved = {
            mark.value: mark.shelf for mark in reversed(self.sieve.marks.pins) if mark.shelf is not None
        }

    def take(self, drawn: Drawn) -> None:
        """Keep what is on a shelf from the others."""
        self.sieve.take(entry.sku for entry in drawn.entries)

    def _ways(self, shelf: ShelfCode) -> list[Callable[[], Sequence[Entry]]]:
        match shelf:
            case ShelfCode.POPULAR:
                return [self.from_shop, self.from_catalogue]
            case ShelfCode.AGAIN:
                return [lambda: self._due(self._again()), lambda: self._due(self.from_model_deeper(shelf))]
            case ShelfCode.BRANDS:
                return [
                    lambda: self._unbought(self.from_model(shelf)),
                    lambda: self._unbought(self.from_model_deeper(shelf)),
                    lambda: self._unbought(self.of_brands()),
                ]
            case ShelfCode.ALIKE:
                return [
                    lambda: self._unbought(self.from_model(shelf)),
                    lambda: self._unbought(self.from_model_deeper(shelf)),
                    lambda: self._unbought(self.from_segment()),
                ]
        later = (self.from_similar, self.from_content, self.from_segment, self.from_shop, self.from_catalogue)
        return [
            lambda: self._unbought(self.from_model(ShelfCode.NEW)),
            lambda: self._unbought(self.from_model_deeper(ShelfCode.NEW)),
            *(lambda way=way: self._never_bought(way()) for way in later),
        ]

    def _again(self) -> list[Entry]:
        entries = self.from_model(ShelfCode.AGAIN)
        if self.learnt(ShelfCode.AGAIN) is None and self.state is not None:
            self.read_history()
            entries = policies.forget_reasons(self.from_history(), self.state.unlearnt)
        return entries

    def _due(self, entries: Sequence[Entry]) -> list[Entry]:
        """Without what was bought so lately that nobody needs it again."""
        since = self.now - policies.JUST_BOUGHT
        return [one for one in entries if one.sku not in self.bought or self.bought[one.sku][0] < since]

    def _because(self) -> tuple[str, list[Callable[[], Sequence[Entry]]]]:
        """What goes with one purchase: of just now, else as precomputed, else the latest known; its name."""
        for sku, entries in self._list_subjects():
            name = self.products.name_of(sku)
            usable = [
                one
                for one in self._unbought(entries)
                if self.sieve.passes(one.sku) and self.products.name_of(one.sku) != name
            ]
            if sku and len(usable) >= policies.ITEMS_MIN:
                return name, [lambda usable=usable: usable]  # type: ignore[misc]
        return "", []

    def _list_subjects(self) -> Iterator[tuple[str, list[Entry]]]:
        for sku in self.list_lately():
            yield sku, self.beside(sku)
        groups: dict[str, list[Entry]] = {}
        for entry in self.from_model(ShelfCode.BECAUSE):
            groups.setdefault(policies.find_subject(entry), []).append(entry)
        yield from groups.items()
        for sku in self.list_recent():
            yield sku, self.beside(sku)

    def _brand_of(self, entries: Sequence[Entry]) -> str:
        brands = {one.brand for entry in entries if (one := self.products.known[entry.sku]) is not None}
        return brands.pop() if len(brands) == 1 else ""

    def _unbought(self, entries: Sequence[Entry]) -> list[Entry]:
        """Without what was bought since the model looked, and what it knows to be bought again and again."""
        again = self.learnt(ShelfCode.AGAIN)
        known = frozenset(again.skus) if again is not None else frozenset()
        out = self.unlearnt | known
        return [entry for entry in entries if entry.sku not in self.bought and entry.sku not in out]

    def _never_bought(self, entries: Sequence[Entry]) -> list[Entry]:
        self.read_history()
        return self._unbought(entries)


def draw_shelves(
    *,
    member_id: MemberId | None,
    now: datetime,
    count: int,
    basket: Sequence[str],
    shelves_max: int | None = None,
) -> tuple[MemberId | None, list[Drawn]]:
    """All shelves that stand, or the first of them, and for whom. Raises MemberUnknown, MemberErased."""
    serving = begin(member_id=member_id, now=now, count=count, basket=basket)
    serving.reserve()
    least = min(policies.ITEMS_MIN, count)
    drawn: list[Drawn] = []
    for shelf in ORDER if serving.is_personal else ():
        one = serving.draw(shelf, count)
        # What everybody gets stands on the popular shelf, which says so.
        if len(one.entries) >= least and one.shelf.served_by not in OF_EVERYBODY:
            serving.take(one)
            drawn.append(one)
        if len(drawn) == shelves_max:
            break
    if len(drawn) < min(2, shelves_max or 2):
        serving.reserved = {}
        popular = serving.draw(ShelfCode.POPULAR, count)
        if len(popular.entries) >= least or (popular.entries and not drawn):
            drawn.append(popular)
    return serving.state.member_id if serving.state else None, drawn


def draw_shelf(
    *, member_id: MemberId | None, shelf: ShelfCode, now: datetime, count: int, basket: Sequence[str]
) -> tuple[MemberId | None, Drawn]:
    """One shelf. Where too little is known for it, the popular one, which says so by its code.

    Raises MemberUnknown, MemberErased.
    """
    serving = begin(member_id=member_id, now=now, count=count, basket=basket)
    drawn = serving.draw(shelf if serving.is_personal else ShelfCode.POPULAR, count)
    if len(drawn.entries) < min(policies.ITEMS_MIN, count):
        popular = serving.draw(ShelfCode.POPULAR, count)
        if popular.entries:
            drawn = popular
    return serving.state.member_id if serving.state else None, drawn


def begin(*, member_id: MemberId | None, now: datetime, count: int, basket: Sequence[str]) -> Serving:
    """A request with all that it needs read."""
    state = None if member_id is None else load_state(member_id, now)
    serving = Serving(state, now=now, basket=basket)
    serving.prepare(depth=3 * count)
    return serving
