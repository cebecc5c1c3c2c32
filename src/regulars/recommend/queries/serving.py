"""Shelves at the moment they are asked for: what was precomputed, weighed anew by what just happened, sifted.

Way after way until a shelf is full: the model's candidates, what goes with recent purchases, the member's
brands, categories and interests, what is popular in their segment, in the shop, the newest products.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from regulars.activity.facade import list_handled_products
from regulars.analytics.facade import find_measures
from regulars.kit.ids import MemberId
from regulars.recommend import policies
from regulars.recommend.policies import Entry, Happening, RawReason, Sieve
from regulars.recommend.queries.loading import Learnt, State, load_shop, load_similar, load_state
from regulars.recommend.queries.similar import (
    SHOP,
    Products,
    judge_sensitive,
    list_newest,
    list_popular,
    to_item,
)
from regulars.recommend.types import ReasonCode, ServedBy, ServedShelf, ShelfCode

ORDER = (ShelfCode.AGAIN, ShelfCode.NEW, ShelfCode.BECAUSE, ShelfCode.BRANDS, ShelfCode.ALIKE)
OF_EVERYBODY = frozenset({ServedBy.SHOP, ServedBy.NEWEST})
HISTORY = timedelta(days=400)
"""How far back purchases count where no model has learnt them."""
VIEWS = timedelta(days=7)
HAPPENINGS_MAX = 25
BASKET_MAX = 50
RECENT_SUBJECTS = 5
LATELY_SUBJECTS = 3
SCOPES_MAX = 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """A shelf with the raw reasons of its items, as the log keeps them."""

    shelf: ServedShelf
    entries: Sequence[Entry]


class Serving:
    """One request of one member, or of nobody: reads what it needs, each thing once."""

    def __init__(self, state: State | None, *, now: datetime, basket: Sequence[str]) -> None:
        self.state = state
        self.now = now
        self.basket = list(dict.fromkeys(basket))[:BASKET_MAX]
        self.products = Products()
        self.happenings: list[Happening] = []
        self.lifts: dict[str, tuple[float, Happening]] = {}
        self.similar: dict[str, tuple[Sequence[str], Sequence[float]]] = {}
        self.bought: dict[str, tuple[datetime, int]] = {}
        self.depth = 0
        self._knows_history = False
        settings, marks = (state.settings, state.marks) if state else load_shop(now)
        self.sieve = Sieve(
            self.products.known,
            policies.take_apart(marks),
            judge_sensitive(settings),
            hidden={*self.basket, *(state.hidden if state else ())},
        )

    @property
    def is_personal(self) -> bool:
        """Whether anything may be concluded from what the member does."""
        return self.state is not None and self.state.is_personal

    def prepare(self, depth: int) -> None:
        """Read what just happened, what goes with it, and the products in question: three queries."""
        self.depth = depth
        if self.state is not None and self.state.is_personal:
            self._read_happenings(self.state)
        self.products.load(self._list_asked(depth))

    def _read_happenings(self, state: State) -> None:
        days = [learnt.as_of for learnt in state.learnt.values()]
        self._knows_history = ShelfCode.NEW not in state.learnt
        since = (
            self.now - HISTORY if self._knows_history else datetime.combine(min(days), time.min, tzinfo=UTC)
        )
        handled = list_handled_products(
            member_ids=state.member_ids,
            bought_since=since,
            viewed_since=self.now - VIEWS,
            until=self.now,
        )
        self.bought = {one.sku: (one.last_at, one.times) for one in handled if one.bought}
        unlearnt = state.unlearnt
        self.happenings = policies.weigh_happenings(
            self.basket,
            [(one.sku, one.last_at) for one in handled if one.bought and one.sku not in unlearnt],
            [(one.sku, one.last_at) for one in handled if not one.bought and one.sku not in unlearnt],
            self.now,
        )[:HAPPENINGS_MAX]
        asked = {one.sku for one in self.happenings}
        if ShelfCode.BECAUSE not in state.learnt or ShelfCode.NEW not in state.learnt:
            asked.update(sku for sku in state.recent_skus[:RECENT_SUBJECTS] if sku not in unlearnt)
        self.similar = load_similar(sorted(asked))
        self.lifts = policies.lift_similar(self.happenings, self.similar)

    def _list_asked(self, depth: int) -> list[str]:
        asked = [mark.value for mark in self.sieve.marks.pins]
        if self.state is not None:
            for learnt in self.state.learnt.values():
                asked += learnt.skus[:depth]
                asked += [sku for sku in learnt.skus[depth:] if sku in self.lifts]
        asked += sorted(self.lifts, key=lambda sku: -self.lifts[sku][0])[:depth]
        asked += [one.sku for one in self.happenings]
        for sku in self._list_lately()[:1]:
            asked += self.similar[sku][0][:depth]
        return asked

    # The ways, each a list of entries, best first.

    def from_model(self, shelf: ShelfCode) -> list[Entry]:
        """What a model precomputed for a shelf, weighed anew: the first of it, and what is lifted."""
        learnt = self._learnt(shelf)
        if learnt is None or self.state is None:
            return []
        entries = policies.score_by_place(learnt.skus, ServedBy.MODEL, learnt.reasons)
        first = entries[: self.depth]
        first += [entry for entry in entries[self.depth :] if entry.sku in self.lifts]
        entries = policies.forget_reasons(first, self.state.unlearnt)
        self.products.load([entry.sku for entry in entries])
        return policies.rerank(entries, self.lifts, self.explain)

    def from_model_deeper(self, shelf: ShelfCode) -> list[Entry]:
        """The rest of it, where the first did not fill a shelf."""
        learnt = self._learnt(shelf)
        if learnt is None or self.state is None:
            return []
        entries = policies.score_by_place(learnt.skus, ServedBy.MODEL, learnt.reasons)[self.depth :]
        entries = policies.forget_reasons(entries, self.state.unlearnt)
        self.products.load([entry.sku for entry in entries])
        return entries

    def from_similar(self) -> list[Entry]:
        """What goes with what just happened."""
        entries = [
            Entry(sku, lift, ServedBy.SIMILAR, [self.explain(one)]) for sku, (lift, one) in self.lifts.items()
        ]
        entries.sort(key=lambda entry: -entry.score)
        self.products.load([entry.sku for entry in entries])
        return entries

    def from_history(self) -> list[Entry]:
        """What the member bought on two days or more, the most often first."""
        often = sorted(
            ((times, at, sku) for sku, (at, times) in self.bought.items() if times > 1), reverse=True
        )
        reasons = [
            [[ReasonCode.BOUGHT_OFTEN.value, {"orders": times, "last_on": at.date().isoformat()}]]
            for times, at, _sku in often
        ]
        self.products.load([sku for _times, _at, sku in often])
        return policies.score_by_place([sku for *_, sku in often], ServedBy.HISTORY, reasons)

    def from_content(self) -> list[Entry]:
        """What is popular of the member's brands, categories and interests, the strongest first."""
        if self.state is None:
            return []
        found: list[Entry] = []
        for scope, code, field, name in self._scopes(self.state):
            found += list_popular(self.products, f"{scope}:{name}", ServedBy.CONTENT, code, **{field: name})
        return found

    def from_segment(self) -> list[Entry]:
        """What is popular among members of the same named segment and of the same lifestyles."""
        measures = find_measures(self.state.member_id) if self.state is not None else None
        if measures is None:
            return []
        scopes = [f"segment:{measures.segment}"] if measures.segment else []
        scopes += [f"lifestyle:{one.code}" for one in measures.lifestyles[:1]]
        found: list[Entry] = []
        for scope in scopes:
            name = scope.partition(":")[2]
            found += list_popular(self.products, scope, ServedBy.SEGMENT, ReasonCode.ALIKE, segment=name)
        return found

    def from_shop(self) -> list[Entry]:
        """What is popular in the shop."""
        return list_popular(self.products, SHOP, ServedBy.SHOP, ReasonCode.POPULAR)

    def from_catalogue(self) -> list[Entry]:
        """The newest products."""
        return list_newest(self.products)

    # The shelves.

    def draw(self, shelf: ShelfCode, count: int) -> Drawn:
        """One shelf, pins in their places; it may be empty. What stands on it stands on no other after it."""
        subject = ""
        if shelf is ShelfCode.BECAUSE:
            subject, ways = self._because()
        else:
            ways = self._ways(shelf)
        entries = policies.fill(ways, sieve=self.sieve, shelf=shelf, count=count)
        entries = policies.place_pins(entries, sieve=self.sieve, shelf=shelf, count=count)
        if shelf is ShelfCode.BRANDS:
            subject = self._brand_of(entries)
        learnt = self._learnt(shelf)
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

    def take(self, drawn: Drawn) -> None:
        """Keep what is on a shelf from the others."""
        self.sieve.taken.update(entry.sku for entry in drawn.entries)

    def explain(self, one: Happening) -> RawReason:
        """What just happened, as a reason."""
        values: dict[str, int | str] = {"sku": one.sku, "name": self.products.name_of(one.sku)}
        if one.reason is ReasonCode.BOUGHT_WITH and one.at is not None:
            values["last_on"] = one.at.date().isoformat()
        return [one.reason.value, values]

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
                    lambda: self._unbought(self._of_brands()),
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
        if self._learnt(ShelfCode.AGAIN) is None and self.state is not None:
            self._read_history()
            entries = policies.forget_reasons(self.from_history(), self.state.unlearnt)
        return entries

    def _due(self, entries: Sequence[Entry]) -> list[Entry]:
        """Without what was bought so lately that nobody needs it again."""
        since = self.now - policies.JUST_BOUGHT
        return [one for one in entries if one.sku not in self.bought or self.bought[one.sku][0] < since]

    def _because(self) -> tuple[str, list[Callable[[], Sequence[Entry]]]]:
        """What goes with one purchase: of just now, else as precomputed, else the latest known; its name."""
        for sku, entries in self._list_subjects():
            usable = [one for one in self._unbought(entries) if self.sieve.passes(one.sku)]
            if sku and len(usable) >= policies.ITEMS_MIN:
                return self.products.name_of(sku), [lambda usable=usable: usable]  # type: ignore[misc]
        return "", []

    def _list_subjects(self) -> Iterator[tuple[str, list[Entry]]]:
        for sku in self._list_lately():
            yield sku, self._beside(sku)
        groups: dict[str, list[Entry]] = {}
        for entry in self.from_model(ShelfCode.BECAUSE):
            groups.setdefault(policies.find_subject(entry), []).append(entry)
        yield from groups.items()
        for sku in self.state.recent_skus[:RECENT_SUBJECTS] if self.state is not None else ():
            if sku in self.similar:
                yield sku, self._beside(sku)

    def _list_lately(self) -> list[str]:
        """What was bought since the model looked, weightiest first."""
        bought = (one.sku for one in self.happenings if one.reason is ReasonCode.BOUGHT_WITH)
        return [sku for sku in bought if sku in self.similar][:LATELY_SUBJECTS]

    def _beside(self, sku: str) -> list[Entry]:
        others = self.similar.get(sku, ((), ()))[0][: self.depth]
        self.products.load([sku, *others])
        at = self.bought.get(sku, (None, 0))[0]
        values = {"sku": sku, "name": self.products.name_of(sku)}
        if at is not None:
            values["last_on"] = at.date().isoformat()
        reason = [ReasonCode.BOUGHT_WITH.value, values]
        return policies.score_by_place(others, ServedBy.SIMILAR, [[reason]] * len(others))

    def _of_brands(self) -> list[Entry]:
        found: list[Entry] = []
        for brand in self.state.brands[:SCOPES_MAX] if self.state is not None else ():
            found += list_popular(
                self.products, f"brand:{brand}", ServedBy.CONTENT, ReasonCode.BRAND, brand=brand
            )
        return found

    def _brand_of(self, entries: Sequence[Entry]) -> str:
        brands = {one.brand for entry in entries if (one := self.products.known[entry.sku]) is not None}
        return brands.pop() if len(brands) == 1 else ""

    def _unbought(self, entries: Sequence[Entry]) -> list[Entry]:
        """Without what was bought since the model looked."""
        unlearnt = self.state.unlearnt if self.state is not None else frozenset()
        return [entry for entry in entries if entry.sku not in self.bought and entry.sku not in unlearnt]

    def _never_bought(self, entries: Sequence[Entry]) -> list[Entry]:
        self._read_history()
        return self._unbought(entries)

    def _read_history(self) -> None:
        """All that was bought: for what no model has sorted into bought and new."""
        if self._knows_history or self.state is None or not self.state.is_personal:
            return
        self._knows_history = True
        since = self.now - HISTORY
        handled = list_handled_products(
            member_ids=self.state.member_ids, bought_since=since, viewed_since=self.now, until=self.now
        )
        self.bought.update({one.sku: (one.last_at, one.times) for one in handled if one.bought})

    def _learnt(self, shelf: ShelfCode) -> Learnt | None:
        return None if self.state is None else self.state.learnt.get(shelf)

    def _scopes(self, state: State) -> list[tuple[str, ReasonCode, str, str]]:
        interests = [("category", ReasonCode.INTEREST, "interest", one) for one in state.interests]
        categories = [("category", ReasonCode.CATEGORY, "category", one) for one in state.categories]
        brands = [("brand", ReasonCode.BRAND, "brand", one) for one in state.brands]
        return [*interests[:SCOPES_MAX], *categories[:SCOPES_MAX], *brands[:SCOPES_MAX]]


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
    drawn: list[Drawn] = []
    for shelf in ORDER if serving.is_personal else ():
        one = serving.draw(shelf, count)
        # What everybody gets stands on the popular shelf, which says so.
        if len(one.entries) >= policies.ITEMS_MIN and one.shelf.served_by not in OF_EVERYBODY:
            serving.take(one)
            drawn.append(one)
        if len(drawn) == shelves_max:
            break
    if len(drawn) < min(2, shelves_max or 2):
        popular = serving.draw(ShelfCode.POPULAR, count)
        if len(popular.entries) >= policies.ITEMS_MIN or (popular.entries and not drawn):
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
