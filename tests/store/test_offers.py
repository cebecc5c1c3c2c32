"""What home offers: the same whether the process or the database picks it, and never out of date."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client

from regulars.catalogue import facade as catalogue
from regulars.catalogue.queries import rewards, shelf
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.store.pages import home
from tests.store.shop import Shop, open_shop

SignIn = Callable[[MemberId], Client]
HOUR = timedelta(hours=1)
NEXT_BRAND = """
INSERT INTO design_brandrow (name, main, accent, deed, actor_kind, actor_ref, saved_at)
VALUES ('Quince Corner', '', '', 'saved', 'system', '', now())
"""
NEXT_PROGRAMME = """
INSERT INTO rules_programmeversion (number, text, sha256, note, published_by, published_at, effective_from)
SELECT number + 1, dearer, encode(sha256(convert_to(dearer, 'UTF8')), 'hex'), '', 'system', now(), now()
FROM rules_programmeversion, replace(text, 'points = 1' || chr(10), 'points = 3' || chr(10)) AS dearer
"""


def make_rewards(shop: Shop, count: int, seed: int) -> None:
    """Rewards of every kind of availability."""
    pick = random.Random(seed)
    for number in range(count):
        allowed = pick.choice([(), (), (), ("silver",), ("gold", "silver")])
        begins = pick.choice([None, None, shop.now - HOUR, shop.now + 12 * HOUR, shop.now + 99 * HOUR])
        ends = pick.choice([None, None, None, shop.now + 200 * HOUR, shop.now - HOUR / 2])
        catalogue.save_reward(
            actor=SYSTEM,
            now=shop.now - 30 * 24 * HOUR,
            reward=catalogue.RewardInput(
                f"r{number}",
                f"Reward {number}",
                catalogue.RewardKind.GOODS,
                pick.randrange(1, 12) * 100,
                stock=pick.choice([None, None, 0, 1, 5]),
                per_member_max=pick.choice([None, None, 1, 2]),
                active_from=begins,
                active_to=ends if begins is None or ends is None or begins < ends else None,
                tiers_allowed=allowed,
                hidden_from_others=bool(allowed) and pick.random() < 0.5,
                early_access=pick.random() < 0.5,
                published=pick.random() < 0.9,
            ),
        )


@pytest.mark.parametrize("seed", range(4))
def test_the_process_picks_what_the_database_would(
    shop: Shop, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "AHEAD_READ", 100)  # the database looks only so far ahead
    make_rewards(shop, 25, seed)
    pick = random.Random(seed)
    tiers = tuple(
        catalogue.TierAccess(code, code, rank, 24 * rank)
        for rank, code in enumerate(("member", "silver", "gold"))
    )
    for _ in range(25):
        rank = pick.randrange(4)
        viewer = catalogue.Viewer(now=shop.now, points=pick.randrange(0, 14) * 100, tiers=tiers)
        if rank < len(tiers):
            viewer = replace(viewer, tier=tiers[rank].code, tier_rank=rank, early_access_hours=24 * rank)
        some = catalogue.list_rewards(viewer=viewer, size=30).items
        viewer = replace(viewer, taken={one.id: 1 for one in some if pick.random() < 0.3})
        goal = pick.choice([None, "r3", "r9", "nothing"])
        lapsing = pick.choice([0, 150, 400])
        assert home.find_offers(viewer, lapsing, goal) == home._pick_offers(viewer, lapsing, goal)


def test_more_than_fits_is_picked_by_the_database(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = catalogue.Viewer(now=shop.now, points=500)
    before = home.find_offers(viewer, 0, None)
    monkeypatch.setattr(shelf, "SHELF_MAX", 1)
    assert catalogue.find_shelf(viewer) is None
    assert home.find_offers(viewer, 0, None) == before


@pytest.mark.slow  # commits, so that another connection is another world
@pytest.mark.django_db(transaction=True)
def test_what_another_process_changes_is_seen_with_the_next_request(sign_in_as: SignIn) -> None:
    """A name, a price, the end, brand, programme, balance: written past all that this process could know."""
    shop = open_shop()
    client = sign_in_as(shop.anna)
    other_client = sign_in_as(shop.ben)
    assert "A cup of coffee" in client.get("/").content.decode()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.autocommit = True
        other.execute("UPDATE catalogue_reward SET name = 'A pot of tea' WHERE code = 'coffee'")
        told = client.get("/").content.decode()
        assert "A pot of tea" in told
        assert "A cup of coffee" not in told
        other.execute("UPDATE catalogue_reward SET price_points = 123 WHERE code = 'coffee'")
        assert "123" in client.get("/rewards/coffee/").content.decode()
        other.execute("UPDATE catalogue_reward SET active_to = now() WHERE code = 'coffee'")
        assert "A pot of tea" not in client.get("/").content.decode()
        told = client.get("/").content.decode()
        assert "Linden Market" in told
        assert "1 point for every $1.00" in told
        other.execute(NEXT_BRAND)
        told = client.get("/").content.decode()
        assert "Quince Corner" in told
        assert "Linden Market" not in told
        other.execute(NEXT_PROGRAMME)
        for told in (client.get("/").content.decode(), client.get("/how-it-works/").content.decode()):
            assert "3 points for every $1.00" in told
            assert "1 point for every" not in told
    before = ledger.get_balance(shop.anna, utc_now()).active
    others = ledger.get_balance(shop.ben, utc_now()).active
    command = ledger.EarnCommand(shop.anna, ledger.Currency.POINTS, 7, occurred_at=utc_now(), key="more")
    with transaction.atomic():
        ledger.earn(actor=SYSTEM, now=utc_now(), command=command)
    assert f"{before + 7:,}" in client.get("/").content.decode()
    told = other_client.get("/").content.decode()
    assert f"{others:,}" in told
    assert f"{before + 7:,}" not in told


@pytest.mark.slow  # commits, so that another connection is another world
@pytest.mark.django_db(transaction=True)
def test_without_the_version_of_rows_the_past_would_be_shown(
    sign_in_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of the test before."""
    monkeypatch.setattr(shelf, "_SHOWN", shelf._SHOWN.replace(rewards.ROW_VERSION, "'one'"))
    monkeypatch.setattr(rewards, "ROW_VERSION", "'one'")
    monkeypatch.setattr(rewards._Memory, "known", {})
    shop = open_shop()
    client = sign_in_as(shop.anna)
    client.get("/")
    catalogue.save_reward(
        actor=SYSTEM,
        now=utc_now(),
        reward=replace(catalogue.get_reward("coffee").decided, name="A pot of tea"),
    )
    assert "A cup of coffee" in client.get("/").content.decode()
