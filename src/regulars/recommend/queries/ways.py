"""The ways by which products come onto shelves, each a list of entries, best first; what they read, once.

The model's candidates, what goes with recent purchases, the member's brands, categories and interests, what
is popular in their segment, in the shop, the newest products.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import wraps

from regulars.activity.facade import list_handled_products
from regulars.recommend import policies
from regulars.recommend.policies import Entry, Happening, RawReason, Sieve
from regulars.recommend.queries.loading import (
    Learnt,
    PopularList,
    State,
    load_around,
    load_popular,
    load_shop,
)
from regulars.recommend.queries.similar import (
    SHOP,
    Products,
    judge_sensitive,
    list_newest,
    list_newest_of,
    list_popular,
    to_entries,
)
from regulars.recommend.types import ReasonCode, ServedBy, ShelfCode

HISTORY = timedelta(days=400)
"""How far back purchases count where no model has learnt them."""
VIEWS = timedelta(days=7)
HAPPENINGS_MAX = 25
BASKET_MAX = 50
RECENT_SUBJECTS = 5
LATELY_SUBJECTS = 3
SCOPES_MAX = 10


def _once(way: "Way") -> "Way":
    """Each of these is asked once for all shelves of a page."""

    @wraps(way)
    def asked(self: "Ways") -> list[Entry]:
        if way.__name__ not in self.lists:
            self.lists[way.__name__] = way(self)
        return self.lists[way.__name__]

    return asked


class Ways:
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
        self.popular: dict[str, PopularList] = {}
        self.lists: dict[str, list[Entry]] = {}
        self.reserved: dict[str, ShelfCode] = {}
        self.warm: frozenset[str] = frozenset()
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

    @property
    def unlearnt(self) -> frozenset[str]:
        """Purchases that nothing is to be concluded from."""
        return self.state.unlearnt if self.state is not None else frozenset()

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
        # What was taken for points need not be bought; where a reward is no product, its code names none.
        self.bought.update({code: (at, 1) for code, _category, at in state.taken})
        self.warm = frozenset(category.casefold() for _code, category, _at in state.taken if category)
        unlearnt = state.unlearnt
        self.happenings = policies.weigh_happenings(
            self.basket,
            [(code, at) for code, _category, at in state.taken],
            [(one.sku, one.last_at) for one in handled if one.bought and one.sku not in unlearnt],
            [(one.sku, one.last_at) for one in handled if not one.bought and one.sku not in unlearnt],
            self.now,
        )[:HAPPENINGS_MAX]
        asked = {one.sku for one in self.happenings}
        if ShelfCode.BECAUSE not in state.learnt or ShelfCode.NEW not in state.learnt:
            asked.update(sku for sku in state.recent_skus[:RECENT_SUBJECTS] if sku not in unlearnt)
        scopes = () if ShelfCode.ALIKE in state.learnt else state.groups
        self.similar, self.popular = load_around(sorted(asked), scopes)
        self.lifts = policies.lift_similar(self.happenings, self.similar)

    def _list_asked(self, depth: int) -> list[str]:
        asked = [mark.value for mark in self.sieve.marks.pins]
        if self.state is not None:
            for learnt in self.state.learnt.values():
                asked += learnt.skus[:depth]
                asked += [sku for sku in learnt.skus[depth:] if sku in self.lifts]
        asked += sorted(self.lifts, key=lambda sku: -self.lifts[sku][0])[:depth]
        asked += [one.sku for one in self.happenings]
        for sku in self.list_subjects()[:1]:
            asked += self.similar[sku][0][:depth]
        for popular in self.popular.values():
            asked += popular.skus
        return asked

    def from_model(self, shelf: ShelfCode) -> list[Entry]:
        """What a model precomputed for a shelf, weighed anew: the first of it, and what is lifted."""
        learnt = self.learnt(shelf)
        if learnt is None or self.state is None:
            return []
        entries = policies.score_by_place(learnt.skus, ServedBy.MODEL, learnt.reasons)
        first = entries[: self.depth]
        first += [entry for entry in entries[self.depth :] if entry.sku in self.lifts]
        entries = policies.forget_reasons(first, self.state.unlearnt)
        self.products.load([entry.sku for entry in entries])
        return policies.rerank(entries, self._lift_warm(entries), self.explain)

    def _lift_warm(self, entries: Sequence[Entry]) -> Mapping[str, tuple[float, Happening]]:
        """Lifts with those of products whose category or brand is that of a reward just taken."""
        if not self.warm:
            return self.lifts
        lifts = dict(self.lifts)
        for entry in entries:
            product = self.products.known.get(entry.sku)
            if product is not None and entry.sku not in lifts:
                names = {name.casefold() for name in (product.brand, *product.categories)}
                if not self.warm.isdisjoint(names):
                    lifts[entry.sku] = (policies.WARMTH, Happening(entry.sku, policies.WARMTH, None))
        return lifts

    def from_model_deeper(self, shelf: ShelfCode) -> list[Entry]:
        """The rest of it, where the first did not fill a shelf."""
        learnt = self.learnt(shelf)
        if learnt is None or self.state is None:
            return []
        entries = policies.score_by_place(learnt.skus, ServedBy.MODEL, learnt.reasons)[self.depth :]
        entries = policies.forget_reasons(entries, self.state.unlearnt)
        self.products.load([entry.sku for entry in entries])
        return entries

    def from_similar(self) -> list[Entry]:
        """What goes with what just happened."""
        entries = [
            Entry(sku, lift, ServedBy.SIMILAR, self.explain(one)) for sku, (lift, one) in self.lifts.items()
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

    @_once
    def from_content(self) -> list[Entry]:
        """What is popular of the member's interests, categories and brands, the strongest first.

        Of interests that nothing was counted of, the newest products.
        """
        if self.state is None:
            return []
        found = self._of_scopes(
            [
                *((f"category:{one}", ReasonCode.INTEREST, "interest", one) for one in self.state.interests),
                *((f"category:{one}", ReasonCode.CATEGORY, "category", one) for one in self.state.categories),
                *((f"brand:{one}", ReasonCode.BRAND, "brand", one) for one in self.state.brands),
            ]
        )
        if not found and self.state.interests:
            found = list_newest_of(self.products, self.state.interests)
        return found

    @_once
    def from_segment(self) -> list[Entry]:
        """What is popular among members of the same named segment and of the same lifestyle."""
        scopes = self.state.groups if self.state is not None else ()
        popular = self.popular or load_popular(scopes)
        found = [
            entry
            for scope in scopes
            if scope in popular
            for entry in to_entries(
                popular[scope], ServedBy.SEGMENT, ReasonCode.ALIKE, segment=scope.partition(":")[2]
            )
        ]
        self.products.load([entry.sku for entry in found])
        return found

    @_once
    def from_shop(self) -> list[Entry]:
        """What is popular in the shop."""
        return list_popular(self.products, SHOP, ServedBy.SHOP, ReasonCode.POPULAR)

    @_once
    def from_catalogue(self) -> list[Entry]:
        """The newest products."""
        return list_newest(self.products)

    @_once
    def of_brands(self) -> list[Entry]:
        """What is popular of the member's brands, the strongest first."""
        brands = self.state.brands if self.state is not None else ()
        return self._of_scopes([(f"brand:{one}", ReasonCode.BRAND, "brand", one) for one in brands])

    def _of_scopes(self, asked: Sequence[tuple[str, ReasonCode, str, str]]) -> list[Entry]:
        some = list(
            {scope: (scope, code, field, name) for scope, code, field, name in reversed(asked)}.values()
        )
        some = some[::-1][:SCOPES_MAX]
        popular = load_popular([scope for scope, *_ in some])
        found = [
            entry
            for scope, code, field, name in some
            if scope in popular
            for entry in to_entries(popular[scope], ServedBy.CONTENT, code, **{field: name})
        ]
        self.products.load([entry.sku for entry in found])
        return found

    def beside(self, sku: str) -> list[Entry]:
        """What goes with one purchase."""
        others = self.similar.get(sku, ((), ()))[0][: self.depth]
        self.products.load([sku, *others])
        at = self.bought.get(sku, (None, 0))[0]
        values = {"sku": sku, "name": self.products.name_of(sku)}
        if at is not None:
            values["last_on"] = at.date().isoformat()
        reason = [ReasonCode.BOUGHT_WITH.value, values]
        return policies.score_by_place(others, ServedBy.SIMILAR, [[reason]] * len(others))

    def explain(self, one: Happening) -> list[RawReason]:
        """What just happened, as a reason; a reward that was taken is none."""
        if one.reason is None:
            return []
        values: dict[str, int | str] = {"sku": one.sku, "name": self.products.name_of(one.sku)}
        if one.reason is ReasonCode.BOUGHT_WITH and one.at is not None:
            values["last_on"] = one.at.date().isoformat()
        return [[one.reason.value, values]]

    def list_lately(self) -> list[str]:
        """What was bought since the model looked, weightiest first."""
        bought = (one.sku for one in self.happenings if one.reason is ReasonCode.BOUGHT_WITH)
        return [sku for sku in bought if sku in self.similar][:LATELY_SUBJECTS]

    def list_recent(self) -> list[str]:
        """The latest purchases that the model knew, less what is not to be learnt from."""
        recent = self.state.recent_skus[:RECENT_SUBJECTS] if self.state is not None else ()
        return [sku for sku in recent if sku in self.similar and sku not in self.unlearnt]

    def list_subjects(self) -> list[str]:
        """The purchases that a shelf could be about: what came since, where a model chose one already."""
        chosen = self.learnt(ShelfCode.BECAUSE) is not None
        return self.list_lately() if chosen else [*self.list_lately(), *self.list_recent()]

    def read_history(self) -> None:
        """All that was bought: for what no model has sorted into bought and new."""
        if self._knows_history or self.state is None or not self.state.is_personal:
            return
        self._knows_history = True
        since = self.now - HISTORY
        handled = list_handled_products(
            member_ids=self.state.member_ids, bought_since=since, viewed_since=self.now, until=self.now
        )
        self.bought.update({one.sku: (one.last_at, one.times) for one in handled if one.bought})

    def learnt(self, shelf: ShelfCode) -> Learnt | None:
        """A shelf as a model precomputed it."""
        return None if self.state is None else self.state.learnt.get(shelf)


Way = Callable[[Ways], list[Entry]]
