"""Units and codes: taken and given back inside a transaction, never more than there are."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.db.models import F

from regulars.catalogue.facade import (
    CodesInvalid,
    PoolNotFound,
    Reservation,
    RewardNotFound,
    SoldOut,
    TierNeeded,
    Viewer,
    claim_code,
    get_reward,
    give_back_code,
    import_codes,
    list_pools,
    read_codes,
    release_unit,
    reserve_unit,
    reveal_code,
    save_pool,
)
from regulars.catalogue.models import Code, Reward
from regulars.catalogue.policies import check_taking
from regulars.catalogue.queries.rewards import to_info
from regulars.trail.facade import list_audit
from tests.catalogue.examples import BRONZE, GOLD, NOW, OPERATOR, make_reward

CLIENTS = 16
UNITS = 5


def take(code: str = "mug") -> Reservation:
    return reserve_unit(reward_code=code, viewer=BRONZE)


def fill_pool(*codes: str) -> None:
    save_pool(actor=OPERATOR, now=NOW, code="cinema", name="Cinema")
    import_codes(actor=OPERATOR, now=NOW, pool="cinema", codes=codes)


@pytest.mark.django_db
def test_a_unit_goes_out_and_comes_back() -> None:
    make_reward(stock=1)
    taken = take()
    assert (taken.counted, taken.kept, taken.price_points) == (True, False, 500)
    with pytest.raises(SoldOut):
        take()
    assert get_reward("mug").taken == 1
    release_unit(reward_id=taken.reward_id, counted=taken.counted, kept=taken.kept)
    assert get_reward("mug").taken == 0
    with pytest.raises(RewardNotFound):
        take("nothing")


@pytest.mark.django_db
def test_what_is_not_counted_is_not_counted() -> None:
    make_reward()
    taken = take()
    assert not taken.counted
    release_unit(reward_id=taken.reward_id, counted=taken.counted, kept=taken.kept)
    assert get_reward("mug").taken == 0


@pytest.mark.django_db
def test_kept_units_go_to_the_tier_and_come_back_to_the_share() -> None:
    make_reward(stock=2, kept_units=1, kept_for_rank=2)
    take()
    with pytest.raises(TierNeeded):
        take()
    kept = reserve_unit(reward_code="mug", viewer=GOLD)
    assert kept.kept
    assert (get_reward("mug").taken, get_reward("mug").kept_taken) == (2, 1)
    with pytest.raises(SoldOut):
        reserve_unit(reward_code="mug", viewer=GOLD)
    release_unit(reward_id=kept.reward_id, counted=kept.counted, kept=kept.kept)
    assert (get_reward("mug").taken, get_reward("mug").kept_taken) == (1, 0)
    with pytest.raises(TierNeeded):
        take()


@pytest.mark.django_db
def test_a_code_is_hidden_until_it_is_revealed_and_never_free_again() -> None:
    fill_pool("AAA", "BBB")
    first = claim_code(pool="cinema", now=NOW)
    assert read_codes([first]) == {}
    assert reveal_code(actor=OPERATOR, now=NOW, code_id=first) == "AAA"
    assert read_codes([first]) == {first: "AAA"}
    give_back_code(actor=OPERATOR, now=NOW, code_id=first, reason="changed my mind")
    assert read_codes([first]) == {}
    second = claim_code(pool="cinema", now=NOW)
    assert second != first
    with pytest.raises(SoldOut):
        claim_code(pool="cinema", now=NOW)
    give_back_code(actor=OPERATOR, now=NOW, code_id=second, reason="timed out")
    assert claim_code(pool="cinema", now=NOW) == second
    with pytest.raises(RuntimeError):
        reveal_code(actor=OPERATOR, now=NOW, code_id=first)
    (pool,) = list_pools()
    assert (pool.free, pool.claimed, pool.revealed, pool.void) == (0, 1, 0, 1)
    actions = [record.action for record in list_audit().items]
    assert actions[:3] == ["code.freed", "code.voided", "code.revealed"]
    assert not any("AAA" in str(record) for record in list_audit().items)


@pytest.mark.django_db
def test_importing_codes_again_adds_none() -> None:
    fill_pool("AAA")
    done = import_codes(actor=OPERATOR, now=NOW, pool="cinema", codes=[" AAA ", "", "BBB", "BBB", "CCC\n"])
    assert (done.added, done.repeated) == (2, 2)
    assert list(Code.objects.order_by("value").values_list("value", flat=True)) == ["AAA", "BBB", "CCC"]
    with pytest.raises(CodesInvalid):
        import_codes(actor=OPERATOR, now=NOW, pool="cinema", codes=["DDD", "x" * 201])
    with pytest.raises(PoolNotFound):
        import_codes(actor=OPERATOR, now=NOW, pool="nowhere", codes=["DDD"])
    assert Code.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_steps_refuse_to_run_outside_a_transaction() -> None:
    reward = make_reward(stock=1)
    fill_pool("AAA")
    with pytest.raises(RuntimeError):
        take()
    with pytest.raises(RuntimeError):
        release_unit(reward_id=reward.id, counted=True, kept=False)
    with pytest.raises(RuntimeError):
        claim_code(pool="cinema", now=NOW)
    with pytest.raises(RuntimeError):
        reveal_code(actor=OPERATOR, now=NOW, code_id=1)
    with pytest.raises(RuntimeError):
        give_back_code(actor=OPERATOR, now=NOW, code_id=1, reason="")
    assert get_reward("mug").taken == 0
    assert list_pools()[0].free == 1


def race(work: object) -> int:
    """How many of the clients that start together come through."""
    barrier = Barrier(CLIENTS)

    def client(_: int) -> bool:
        try:
            barrier.wait(timeout=30)
            with transaction.atomic():
                work()  # type: ignore[operator]
        except SoldOut:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(client, range(CLIENTS)))


@pytest.mark.slow  # sixteen real connections
@pytest.mark.django_db(transaction=True)
def test_the_last_units_go_once_each_to_sixteen_clients() -> None:
    make_reward(stock=UNITS)
    assert race(take) == UNITS
    assert get_reward("mug").taken == UNITS


@pytest.mark.slow  # sixteen real connections
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_race_is_lost() -> None:
    """Negative control: judge, then count, with no lock; more are handed out than there are."""
    reward = make_reward(stock=UNITS)
    looked = Barrier(CLIENTS)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalogue_reward DROP CONSTRAINT catalogue_reward_not_oversold")

    def careless() -> None:
        info = to_info(Reward.objects.get(pk=reward.id))
        looked.wait(timeout=30)
        if info.taken >= UNITS:
            raise SoldOut("no")
        Reward.objects.filter(pk=reward.id).update(taken=F("taken") + 1)

    try:
        assert race(careless) > UNITS
    finally:
        Reward.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE catalogue_reward ADD CONSTRAINT catalogue_reward_not_oversold"
                " CHECK (stock IS NULL OR stock >= taken)"
            )


@pytest.mark.slow  # sixteen real connections
@pytest.mark.django_db(transaction=True)
def test_no_code_is_claimed_twice() -> None:
    fill_pool(*(f"C{number}" for number in range(CLIENTS)))
    assert race(lambda: claim_code(pool="cinema", now=NOW)) == CLIENTS
    assert list_pools()[0].claimed == CLIENTS


KEPT = 3


def race_for_the_rest(work: Callable[[Viewer], object]) -> tuple[int, int]:
    """Sixteen clients start together, every other one of Gold: how many of Bronze, of Gold come through."""
    barrier = Barrier(CLIENTS)

    def client(number: int) -> tuple[int, int]:
        viewer = GOLD if number % 2 else BRONZE
        try:
            barrier.wait(timeout=30)
            with transaction.atomic():
                work(viewer)
        except (SoldOut, TierNeeded):
            return 0, 0
        else:
            return (0, 1) if number % 2 else (1, 0)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        done = list(pool.map(client, range(CLIENTS)))
    return sum(bronze for bronze, _gold in done), sum(gold for _bronze, gold in done)


@pytest.mark.slow  # sixteen real connections
@pytest.mark.django_db(transaction=True)
def test_the_kept_share_goes_to_its_tier_whoever_comes_first() -> None:
    make_reward(stock=UNITS, kept_units=KEPT, kept_for_rank=2)
    bronze, gold = race_for_the_rest(lambda viewer: reserve_unit(reward_code="mug", viewer=viewer))
    assert bronze <= UNITS - KEPT
    assert gold >= KEPT
    assert bronze + gold == UNITS
    after = get_reward("mug")
    assert (after.taken, after.kept_taken) == (UNITS, KEPT)


@pytest.mark.slow  # sixteen real connections
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_kept_share_is_given_away() -> None:
    """Negative control: all look first, then take; those of Bronze take what was kept for Gold."""
    reward = make_reward(stock=UNITS, kept_units=KEPT, kept_for_rank=2)
    looked = Barrier(CLIENTS)

    def careless(viewer: Viewer) -> None:
        info = to_info(Reward.objects.get(pk=reward.id))
        looked.wait(timeout=30)
        if viewer is GOLD:
            raise SoldOut("came too late")
        check_taking(info, viewer)
        if not Reward.objects.filter(pk=reward.id, taken__lt=UNITS).update(taken=F("taken") + 1):
            raise SoldOut("no")

    bronze, _gold = race_for_the_rest(careless)
    assert bronze > UNITS - KEPT
