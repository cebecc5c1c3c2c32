"""Saving rewards, and listing them for one viewer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from regulars.catalogue.facade import (
    CodesInvalid,
    PoolNotFound,
    RewardInvalid,
    RewardKind,
    RewardNotFound,
    RewardSort,
    RewardState,
    StockBelowTaken,
    Viewer,
    get_reward,
    import_codes,
    list_reward_categories,
    list_rewards,
    save_pool,
    view_reward,
)
from regulars.catalogue.models import Reward
from regulars.kit.paging import BadCursor
from regulars.trail.facade import list_audit
from tests.catalogue.examples import BRONZE, GOLD, MUG, NOW, OPERATOR, TIERS, make_reward

pytestmark = pytest.mark.django_db


def codes(viewer: Viewer = BRONZE, **options: object) -> list[str]:
    return [view.code for view in list_rewards(viewer=viewer, **options).items]  # type: ignore[arg-type]


def test_saving_creates_then_changes_then_leaves_alone() -> None:
    first = make_reward(name=" Mug ", stock=5)
    assert (first.decided.name, first.taken) == ("Mug", 0)
    changed = make_reward(stock=9)
    assert changed.id == first.id
    assert get_reward("mug").decided.stock == 9
    make_reward(stock=9)
    trail = [(record.action, record.details.get("changes")) for record in list_audit().items]
    assert trail == [("reward.changed", {"stock": [5, 9]}), ("reward.created", None)]


def test_rich_text_is_sanitised() -> None:
    nasty = (
        '<p onclick="x()">Hot <b>tea</b><script>alert(1)</script><img src=x onerror=y>'
        '<a href="javascript:alert(1)" style="x">one</a> <a href="https://example.org/">two</a></p>'
    )
    saved = make_reward(description=nasty, terms="<iframe src=//evil></iframe>ok")
    description = saved.decided.description
    for bad in ("script", "onclick", "onerror", "img", "javascript", "style"):
        assert bad not in description
    assert description.startswith("<p>Hot <b>tea</b>")
    assert 'href="https://example.org/"' in description
    assert "noopener" in description
    assert get_reward("mug").decided.terms == "ok"
    assert get_reward("mug").decided.description == description


def test_a_picture_when_none_is_given() -> None:
    assert make_reward().picture.name == "goods"
    assert make_reward("gift", kind=RewardKind.GIFT_CARD).picture.name == "gift_card"


def test_a_refused_save_changes_nothing() -> None:
    make_reward(stock=5)
    Reward.objects.update(taken=3)
    before = get_reward("mug")
    with pytest.raises(StockBelowTaken):
        make_reward(stock=2)
    with pytest.raises(RewardInvalid):
        make_reward(price_points=0)
    with pytest.raises(PoolNotFound):
        make_reward(code_pool="nowhere")
    assert get_reward("mug") == before
    assert len(list_audit().items) == 1


def test_the_words_of_a_reward_find_it() -> None:
    make_reward("tea", name="Green Tea", category="Kitchen", description="<p>Loose&amp;leaf</p><p>Japan</p>")
    make_reward("mug", category="Kitchen")
    assert codes(search="green") == ["tea"]
    assert codes(search="JAPAN kitch") == ["tea"]
    assert codes(search="loose&leaf") == ["tea"]
    assert codes(search="kitchen") == ["tea", "mug"]
    assert codes(search="p") == ["tea"]
    assert codes(search="tea mug") == []
    assert codes(search="100% _") == []


def test_filters_by_kind_and_category() -> None:
    make_reward("mug", category="Kitchen")
    make_reward("give", kind=RewardKind.DONATION, category="Good causes")
    assert codes(kind=RewardKind.DONATION) == ["give"]
    assert codes(category="Kitchen") == ["mug"]
    assert list_reward_categories(BRONZE) == ["Good causes", "Kitchen"]


def test_what_is_shown_to_whom() -> None:
    make_reward("open")
    make_reward("gold", tiers_allowed=("gold",))
    make_reward("secret", tiers_allowed=("gold",), hidden_from_others=True, category="Secret")
    make_reward("draft", published=False)
    make_reward("over", active_to=NOW)
    make_reward("soon", active_from=NOW + timedelta(days=30))
    assert set(codes()) == {"open", "gold", "soon"}
    assert set(codes(GOLD)) == {"open", "gold", "soon", "secret"}
    assert set(codes(Viewer(now=NOW))) == {"open", "gold", "soon"}
    assert list_reward_categories(BRONZE) == []
    with pytest.raises(RewardNotFound):
        view_reward("secret", BRONZE)
    with pytest.raises(RewardNotFound):
        view_reward("draft", GOLD)
    assert view_reward("over", BRONZE).availability.state is RewardState.ENDED


def test_affordable_is_exactly_what_is_available() -> None:
    """The filter says in SQL what the policy says in Python; over many rewards and viewers they agree."""
    save_pool(actor=OPERATOR, now=NOW, code="full", name="Full")
    save_pool(actor=OPERATOR, now=NOW, code="empty", name="Empty")
    import_codes(actor=OPERATOR, now=NOW, pool="full", codes=["a"])
    hour = timedelta(hours=1)
    variants = [
        {"price_points": 1_000},
        {"price_points": 1_001},
        {"active_from": NOW},
        {"active_from": NOW + hour},
        {"active_from": NOW + 24 * hour},
        {"active_from": NOW + 25 * hour},
        {"active_from": NOW + 48 * hour, "early_access": False},
        {"active_to": NOW + hour},
        {"tiers_allowed": ("gold", "silver")},
        {"tiers_allowed": ("bronze",)},
        {"stock": 0},
        {"stock": 1},
        {"stock": 4, "kept_units": 4, "kept_for_rank": 1},
        {"stock": 4, "kept_units": 4, "kept_for_rank": 1, "kept_until": NOW},
        {"stock": 4, "kept_units": 3, "kept_for_rank": 1, "kept_until": NOW + hour},
        {"per_member_max": 1},
        {"per_member_max": 2},
        {"code_pool": "full"},
        {"code_pool": "empty"},
    ]
    ids = [make_reward(f"r{number}", **changes).id for number, changes in enumerate(variants)]
    Reward.objects.filter(stock=4).update(taken=2, kept_taken=1)
    taken = dict.fromkeys(ids, 1)
    viewers = [replace(BRONZE, taken=taken, points=points) for points in (0, 1_000, 5_000)]
    viewers += [replace(v, tier=t.code, tier_rank=t.rank, early_access_hours=t.early_access_hours)
                for v in viewers for t in TIERS]  # fmt: skip
    viewers.append(Viewer(now=NOW, points=10_000))
    for viewer in viewers:
        page = list_rewards(viewer=viewer, size=100).items
        wanted = {view.code for view in page if view.availability.available}
        assert set(codes(viewer, affordable=True, size=100)) == wanted
        assert {view.code for view in page if view_reward(view.code, viewer) == view} == {
            v.code for v in page
        }


def test_sorting_and_paging_meet_every_reward_once() -> None:
    for number in range(7):
        make_reward(f"r{number}", price_points=100 * (number // 2 + 1), name=f"{'AbCdaBc'[number]} thing")
    in_order = {
        RewardSort.PRICE_LOW: ["r0", "r1", "r2", "r3", "r4", "r5", "r6"],
        RewardSort.PRICE_HIGH: ["r6", "r5", "r4", "r3", "r2", "r1", "r0"],
        RewardSort.NEWEST: ["r6", "r5", "r4", "r3", "r2", "r1", "r0"],
        RewardSort.NAME: ["r0", "r4", "r1", "r5", "r2", "r6", "r3"],
    }
    for sort, expected in in_order.items():
        seen: list[str] = []
        cursor = None
        while True:
            page = list_rewards(viewer=BRONZE, sort=sort, size=2, cursor=cursor)
            seen += [view.code for view in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == expected


def test_a_cursor_of_another_order_is_refused() -> None:
    for number in range(3):
        make_reward(f"r{number}")
    cursor = list_rewards(viewer=BRONZE, size=1).next_cursor
    for sort in (RewardSort.PRICE_HIGH, RewardSort.NAME):
        with pytest.raises(BadCursor):
            list_rewards(viewer=BRONZE, sort=sort, cursor=cursor)
    with pytest.raises(BadCursor):
        list_rewards(viewer=BRONZE, cursor="bm90IG91cnM")


def test_one_query_at_one_and_at_thirty(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_reward("r0")
    with django_assert_num_queries(1):
        list_rewards(viewer=BRONZE, size=30)
    for number in range(1, 30):
        make_reward(f"r{number}")
    with django_assert_num_queries(1):
        assert len(list_rewards(viewer=BRONZE, size=30).items) == 30
    with django_assert_num_queries(1):
        view_reward("r3", BRONZE)


def test_a_pool_has_a_sane_name() -> None:
    with pytest.raises(CodesInvalid):
        save_pool(actor=OPERATOR, now=NOW, code="Bad Code", name="x")
    with pytest.raises(RewardInvalid):
        make_reward("cinema", kind=RewardKind.VOUCHER, code_pool=None)
    assert MUG.code_pool is None


def test_the_nearest_beyond_a_price() -> None:
    for points in (100, 500, 501, 900):
        make_reward(f"r{points}", price_points=points)
    assert codes(price_over=500) == ["r501", "r900"]
    assert codes(price_over=500, sort=RewardSort.PRICE_HIGH, size=1) == ["r900"]
