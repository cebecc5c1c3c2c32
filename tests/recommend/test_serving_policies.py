"""The pure decisions of serving: pins, boosts, lifts, and what passes."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.catalogue.facade import ProductInfo
from regulars.kit.ids import ProductId
from regulars.recommend import policies
from regulars.recommend.policies import Entry, Happening, Marks, Sieve
from regulars.recommend.types import MarkKind, MarkSubject, MarkView, ReasonCode, ServedBy, ShelfCode
from tests.recommend.shop import NOW

SKUS = [f"p{number}" for number in range(12)]
some = st.lists(st.sampled_from(SKUS), unique=True)


def product(sku: str) -> ProductInfo:
    return ProductInfo(ProductId(1), sku, sku, "Alm", ("Food",), None, active=True)


def test_of_those_called_alike_one_stands_on_a_page() -> None:
    names = dict.fromkeys(SKUS, "Milk") | {"p3": "Bread", "p5": "Eggs", "p7": "Tea"}
    products = {sku: replace(product(sku), name=name) for sku, name in names.items()}
    judge = Sieve(products, Marks(), lambda _categories: False, set())
    entries = policies.score_by_place(SKUS, ServedBy.MODEL, [[] for _ in SKUS])

    def fill(count: int) -> list[str]:
        shelf = policies.fill([lambda: entries], sieve=judge, shelf=ShelfCode.NEW, count=count)
        judge.take(entry.sku for entry in shelf)
        return [entry.sku for entry in shelf]

    assert fill(2) == ["p0", "p3"]
    # The names left are fewer than a shelf needs: here twins are better than none.
    assert fill(6) == ["p5", "p7", "p1"]


def mark(number: int, kind: MarkKind, value: str, **more: object) -> MarkView:
    fields: dict[str, object] = {
        "subject": MarkSubject.PRODUCT, "shelf": None, "place": None, "factor": None,
        "starts_at": NOW, "ends_at": None, "note": "", "actor": "",
    }  # fmt: skip
    return MarkView(id=number, kind=kind, value=value, **(fields | more))  # type: ignore[arg-type]


def sieve(marks: Marks, hidden: set[str]) -> Sieve:
    return Sieve({sku: product(sku) for sku in SKUS}, marks, lambda _categories: False, hidden)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    some,
    st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 12)), min_size=1, max_size=5),
    some.map(set),
    st.integers(1, 12),
)
def test_pins_stand_at_their_places_or_at_the_next_that_is_free(
    listed: list[str], pinned: list[tuple[str, int]], hidden: set[str], count: int
) -> None:
    marks = policies.take_apart(
        mark(number, MarkKind.PIN, sku, place=place) for number, (sku, place) in enumerate(pinned)
    )
    judge = sieve(marks, hidden)
    entries = policies.score_by_place(listed, ServedBy.MODEL, [[] for _ in listed])
    entries = policies.fill([lambda: entries], sieve=judge, shelf=ShelfCode.NEW, count=count)
    shown = policies.place_pins(entries, sieve=judge, shelf=ShelfCode.NEW, count=count)
    skus = [entry.sku for entry in shown]
    assert len(skus) == len(set(skus)) <= count
    assert not hidden & set(skus)
    places = {place for _sku, place in pinned}
    for sku, place in pinned:
        once = [one for one, _place in pinned].count(sku) == 1 and len(places) == len(pinned)
        if once and sku not in hidden and place <= len(skus):
            assert skus[place - 1] == sku
    # Nothing that was on the shelf goes but for the room that pins take, and its order stays.
    rest = [entry.sku for entry in shown if entry.way is not ServedBy.PIN]
    kept = [entry.sku for entry in entries if entry.sku in rest]
    assert rest == kept
    assert len(skus) >= len(entries)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.sampled_from(SKUS), some, st.lists(st.floats(-1, 1e300), max_size=12), st.floats(0, 1))
    ),
    some,
)
def test_lifts_lie_between_nothing_and_one_and_never_lose_an_entry(
    happened: list[tuple[str, list[str], list[float], float]], listed: list[str]
) -> None:
    happenings = [Happening(sku, weight, ReasonCode.SEEN) for sku, _skus, _weights, weight in happened]
    lifts = policies.lift_similar(
        happenings, {sku: (others, weights) for sku, others, weights, _ in happened}
    )
    assert all(0 <= lift <= 1 for lift, _one in lifts.values())
    entries = policies.score_by_place(listed, ServedBy.MODEL, [[] for _ in listed])
    moved = policies.rerank(entries, lifts, lambda one: [["seen", {"sku": one.sku}]])
    assert sorted(entry.sku for entry in moved) == sorted(listed)
    untouched = [entry.sku for entry in moved if entry.sku not in lifts]
    assert untouched == [sku for sku in listed if sku not in lifts]


def test_what_happened_counts_once_by_its_weightiest_and_fades() -> None:
    found = policies.weigh_happenings(
        ["a"],
        [("r", NOW - timedelta(hours=36))],
        [("a", NOW), ("b", NOW - timedelta(hours=72))],
        [("b", NOW), ("c", NOW + timedelta(minutes=1))],
        NOW,
    )
    assert [(one.sku, one.weight, one.reason) for one in found] == [
        ("a", 1.0, ReasonCode.SEEN),
        ("b", 0.5, ReasonCode.SEEN),
        ("c", 0.5, ReasonCode.SEEN),
        ("r", 0.35, None),
    ]


def test_the_way_of_a_shelf_is_that_of_most_of_its_items() -> None:
    way = policies.find_main_way
    assert way([ServedBy.PIN, ServedBy.PIN, ServedBy.SHOP]) is ServedBy.SHOP
    assert way([ServedBy.SHOP, ServedBy.MODEL]) is ServedBy.MODEL
    assert way([ServedBy.PIN]) is ServedBy.PIN
    assert way([]) is ServedBy.NEWEST


def test_reasons_that_follow_from_a_forgotten_purchase_go() -> None:
    why = ["bought_with", {"sku": "p0"}]
    other = ["brand", {"brand": "Alm"}]
    kept = policies.forget_reasons(
        [
            Entry("p0", 1, ServedBy.MODEL, [other]),
            Entry("p1", 1, ServedBy.MODEL, [why]),
            Entry("p2", 1, ServedBy.MODEL, [why, other]),
            Entry("p3", 1, ServedBy.MODEL, []),
        ],
        {"p0"},
    )
    assert [(entry.sku, list(entry.reasons)) for entry in kept] == [("p2", [other]), ("p3", [])]
