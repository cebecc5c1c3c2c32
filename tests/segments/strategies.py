"""Generated people and trees."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.segments.world import TODAY, Person

STORES = ("north", "south")
KINDS = ("visit", "review")
CITIES = ("Kyiv", "Riga")
DAYS = st.sampled_from([0, 1, 6, 7, 8, 29, 30, 31, 59, 60, 100])
SPAN = st.sampled_from([1, 7, 8, 30, 60])
LINES = st.lists(st.tuples(st.sampled_from(["milk", "brie", "soap"]), st.integers(1, 3)), max_size=2).map(
    tuple
)
ORDERS = st.tuples(DAYS, st.integers(0, 60), st.just(0), st.sampled_from(STORES), LINES)
EVENTS = st.tuples(DAYS, st.sampled_from(KINDS))


@st.composite
def people(draw: st.DrawFn) -> Person:
    attributes: dict[str, Any] = {}
    if draw(st.booleans()):
        attributes["city"] = draw(st.sampled_from([*CITIES, 7]))
    if draw(st.booleans()):
        attributes["vip"] = draw(st.booleans())
    return Person(
        joined=draw(st.sampled_from([0, 1, 6, 7, 29, 30, 59, 60, 400])),
        orders=draw(st.lists(ORDERS, max_size=3)),
        events=draw(st.lists(EVENTS, max_size=2)),
        attributes=attributes,
        balance=draw(st.sampled_from([None, 0, 50, 100])),
        expiring=draw(st.lists(st.tuples(st.sampled_from([0, 1, 30, 31]), st.integers(1, 90)), max_size=1)),
    )


def bounds(values: Any) -> Any:
    return st.one_of(
        st.fixed_dictionaries({"at_least": values}),
        st.fixed_dictionaries({"at_most": values}),
        st.fixed_dictionaries({"is": values}),
        st.tuples(values, values).map(lambda two: {"at_least": min(two), "at_most": max(two)}),
    )


WINDOWS = st.one_of(
    st.just({}),
    SPAN.map(lambda days: {"within": {"last_days": days}}),
    st.tuples(SPAN, SPAN)
    .filter(lambda two: two[0] != two[1])
    .map(lambda two: {"within": {"from_days_ago": max(two), "to_days_ago": min(two)}}),
    st.tuples(SPAN, SPAN)
    .filter(lambda two: two[0] != two[1])
    .map(
        lambda two: {
            "within": {
                "from": (TODAY - timedelta(days=max(two))).isoformat(),
                "before": (TODAY - timedelta(days=min(two))).isoformat(),
            }
        }
    ),
)
NEW = st.sampled_from([{}, {}, {"new_members": True}])
TEXTS = st.one_of(st.sampled_from(CITIES).map(lambda city: {"is": city}), st.just({"one_of": [*CITIES]}))


def _join(*parts: Any) -> Any:
    return st.tuples(*parts).map(lambda all_parts: {k: v for part in all_parts for k, v in part.items()})


ORDER_FILTERS = st.sampled_from(
    [{}, {"where": {"store": {"is": "north"}}}, {"where": {"amount": {"at_least": 20}}}]
)
LINE_FILTERS = st.sampled_from(
    [
        {"where": {"product": {"is": "milk"}}},
        {"where": {"brand": {"one_of": ["Alm"]}}},
        {"where": {"category": {"is": "Dairy"}}},
        {"where": {"category": {"one_of": ["Cheese", "Care"]}, "quantity": {"at_least": 2}}},
    ]
)
LEAVES = st.one_of(
    _join(st.just({"count": "orders"}), ORDER_FILTERS, WINDOWS, NEW, bounds(st.integers(0, 3))),
    _join(
        st.sampled_from([{"sum": "orders.amount"}, {"sum": "orders.kept_amount"}]),
        ORDER_FILTERS, WINDOWS, NEW, bounds(st.sampled_from([0, 1, 20, 60])),
    ),
    _join(st.just({"count": "purchases"}), LINE_FILTERS, WINDOWS, NEW, bounds(st.integers(0, 2))),
    _join(
        st.just({"count": "events", "where": {"kind": {"is": "visit"}}}), WINDOWS, bounds(st.integers(0, 2))
    ),
    _join(st.sampled_from([{"days_since": "orders"}, {"days_since": "events"}]), NEW, bounds(DAYS)),
    _join(
        st.just({"sum": "points_expiring.points"}),
        st.sampled_from([0, 1, 30]).map(lambda days: {"within": {"next_days": days}}),
        bounds(st.sampled_from([0, 1, 50])),
    ),
    _join(st.just({"trait": "points.balance"}), bounds(st.sampled_from([0, 50, 100]))),
    _join(st.just({"trait": "member.days_since_joining"}), bounds(st.sampled_from([0, 7, 30, 60]))),
    _join(st.just({"trait": "member.attribute.city"}), TEXTS),
    st.sampled_from(
        [
            {"trait": "member.attribute.vip", "is": True},
            {"trait": "member.attribute.vip", "is": False},
            {"trait": "member.attribute.city", "known": True},
            {"trait": "member.attribute.vip", "known": False},
            {"bucket": {"from": 0, "before": 50}},
        ]
    ),
)  # fmt: skip


def trees(leaves: Any = LEAVES) -> Any:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda children: {"all": children}),
            st.lists(inner, min_size=1, max_size=3).map(lambda children: {"any": children}),
            inner.map(lambda child: {"not": child}),
        ),
        max_leaves=5,
    )
