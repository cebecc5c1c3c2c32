"""Rewards as operators have them: their states, their versions, what they say in other languages."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from django.utils.translation import override

from regulars.catalogue.errors import RewardExists, RewardInvalid, RewardMoved, RewardNotFound
from regulars.catalogue.facade import (
    OfferState,
    RewardKind,
    RewardText,
    archive_reward,
    count_offers,
    find_free_code,
    get_offer,
    get_reward,
    import_codes,
    list_offers,
    list_rewards,
    offer_reward,
    restore_reward,
    save_pool,
    save_reward,
    say_in,
    show_draft,
    view_reward,
    withdraw_reward,
)
from regulars.catalogue.models import Reward
from regulars.trail.facade import list_audit
from tests.catalogue.examples import BRONZE, GOLD, MUG, NOW, OPERATOR, make_reward

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
RUSSIAN = RewardText("ru", "Кружка", "<p>Большая</p>", "", "Кружка на столе")


def test_python_and_sql_agree_on_every_state() -> None:
    """Every combination of what decides: the filter finds exactly what the policy calls so."""
    save_pool(actor=OPERATOR, now=NOW, code="full", name="Full")
    save_pool(actor=OPERATOR, now=NOW, code="empty", name="Empty")
    import_codes(actor=OPERATOR, now=NOW, pool="full", codes=["AAAA"])
    shapes = product(
        [(True, False), (False, False), (False, True)],
        [(None, None), (NOW + DAY, None), (NOW, NOW + DAY), (NOW - DAY, NOW), (NOW + DAY, NOW + 2 * DAY)],
        [None, 0, 1],
        [None, "full", "empty"],
    )
    for number, ((published, archived), (begins, ends), stock, pool) in enumerate(shapes):
        make_reward(
            f"r{number}",
            published=published,
            archived=archived,
            active_from=begins,
            active_to=ends,
            stock=stock,
            code_pool=pool,
        )
    found = {state: {o.info.decided.code for o in _all(state)} for state in OfferState}
    told = {code: get_offer(code, NOW).state for codes in found.values() for code in codes}
    assert len(told) == number + 1 == sum(map(len, found.values()))
    assert all(told[code] is state for state, codes in found.items() for code in codes)
    assert count_offers(NOW) == {state: len(codes) for state, codes in found.items()}
    assert all(found.values())
    live = {view.code for view in list_rewards(viewer=replace(BRONZE, now=NOW), size=100).items}
    assert found[OfferState.LIVE] <= live
    assert not live & (found[OfferState.DRAFT] | found[OfferState.ARCHIVED] | found[OfferState.ENDED])


def _all(state: OfferState) -> list:  # type: ignore[type-arg]
    rows, cursor = [], None
    while True:
        page = list_offers(now=NOW, state=state, cursor=cursor, size=7)
        rows += page.items
        cursor = page.next_cursor
        if cursor is None:
            return rows


def test_a_change_begun_from_an_older_version_is_refused() -> None:
    first = make_reward(stock=5)
    assert first.version == 1
    second = save_reward(actor=OPERATOR, now=NOW, reward=replace(first.decided, stock=6), base=1)
    assert second.version == 2
    before = get_reward("mug")
    with pytest.raises(RewardMoved):
        save_reward(actor=OPERATOR, now=NOW, reward=replace(first.decided, stock=7), base=1)
    with pytest.raises(RewardMoved):
        archive_reward(actor=OPERATOR, now=NOW, code="mug", base=1)
    with pytest.raises(RewardExists):
        save_reward(actor=OPERATOR, now=NOW, reward=replace(first.decided, stock=7), base=0)
    assert get_reward("mug") == before
    assert save_reward(actor=OPERATOR, now=NOW, reward=before.decided, base=2).version == 2


def test_from_draft_to_archive_and_back() -> None:
    make_reward(published=False)
    assert view_of("mug") is None
    assert offer_reward(actor=OPERATOR, now=NOW, code="mug", base=1).version == 2
    assert view_of("mug") is not None
    withdraw_reward(actor=OPERATOR, now=NOW, code="mug", base=2)
    archive_reward(actor=OPERATOR, now=NOW, code="mug", base=3)
    with pytest.raises(RewardInvalid):
        offer_reward(actor=OPERATOR, now=NOW, code="mug", base=4)
    assert get_offer("mug", NOW).state is OfferState.ARCHIVED
    restore_reward(actor=OPERATOR, now=NOW, code="mug", base=4)
    assert get_offer("mug", NOW).state is OfferState.DRAFT
    actions = [record.action for record in list_audit(subject="reward:mug").items]
    assert actions == [
        "reward.restored",
        "reward.archived",
        "reward.withdrawn",
        "reward.published",
        "reward.created",
    ]


def view_of(code: str) -> object:
    try:
        return view_reward(code, GOLD)
    except RewardNotFound:
        return None


def test_members_read_their_language_and_what_is_missing_in_the_first() -> None:
    saved = make_reward(description="<p>Big</p>", terms="Terms", translations=(RUSSIAN, RewardText("de")))
    assert saved.decided.translations == (RUSSIAN,)
    with override("ru"):
        view = view_reward("mug", BRONZE)
        assert (view.name, view.description, view.terms) == ("Кружка", "<p>Большая</p>", "Terms")
        assert view.picture.alt == "Кружка на столе"
    with override("zh-hans"):
        assert view_reward("mug", BRONZE).name == "Mug"
    assert [view.code for view in list_rewards(viewer=BRONZE, search="кружка").items] == ["mug"]
    assert say_in(saved.decided, "ru-kz").name == "Кружка"
    assert say_in(saved.decided, "").name == "Mug"


@pytest.mark.parametrize(
    "translations",
    [
        (RUSSIAN, RUSSIAN),
        (RewardText("en", "Twice"),),
        (RewardText("x y", "?"),),
        (RewardText("ru", "\x00"),),
    ],
)
def test_translations_that_make_no_sense_are_refused(translations: tuple[RewardText, ...]) -> None:
    with pytest.raises(RewardInvalid):
        make_reward(translations=translations)
    assert not Reward.objects.exists()


def test_translations_are_sanitised_too() -> None:
    saved = make_reward(translations=(RewardText("ru", "x", "<script>a</script><b>ok</b>"),))
    assert saved.decided.translations[0].description == "<b>ok</b>"


def test_a_draft_is_shown_as_members_would_see_it() -> None:
    draft = replace(MUG, price_points=2_000, published=False, description="<p onclick=x>Hot</p>")
    view = show_draft(draft, BRONZE)
    assert (view.availability.points_short, view.description) == (1_000, "<p>Hot</p>")
    assert not Reward.objects.exists()


def test_a_free_code_is_found_beside_those_taken() -> None:
    assert find_free_code("mug") == "mug"
    make_reward("mug")
    make_reward("mug-2", kind=RewardKind.DONATION)
    assert find_free_code("mug") == "mug-3"
    assert len(find_free_code("a" * 64)) <= 64
