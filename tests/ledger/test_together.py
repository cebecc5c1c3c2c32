"""One adjustment for many members: all of it or nothing, once for its key, on record for each."""

from threading import Thread

import pytest
from django.db import connection

from regulars.kit.errors import IdempotencyConflict
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Receipt
from regulars.trail import facade as trail
from tests.ledger.posting import ACTOR, ANN, NOW, earn, refused
from tests.ledger.reading import read_everything

BOB, CID = MemberId(ANN + 1), MemberId(ANN + 2)
EVERYONE = [CID, ANN, BOB]


def adjust(amount: int = 50, key: str = "k", who: list[MemberId] | None = None, **over: str) -> list[Receipt]:
    given = {"reason": "The till was down."} | over
    return ledger.adjust_many(
        actor=ACTOR,
        now=NOW,
        member_ids=EVERYONE if who is None else who,
        amount=amount,
        key=key,
        reason=given["reason"],
    )


def balances() -> list[int]:
    return [ledger.get_balance(member_id, NOW).active for member_id in (ANN, BOB, CID)]


@pytest.mark.django_db
def test_each_gets_the_same_and_it_is_on_record_as_one_act() -> None:
    assert [receipt.member_id for receipt in adjust()] == [ANN, BOB, CID]
    assert balances() == [50, 50, 50]
    (act,) = trail.list_audit(action="points.adjusted_together").items
    assert act.details == {"amount": 50, "members": 3, "points": 150}
    assert act.reason == "The till was down."
    assert {record.subject for record in trail.list_audit(action="points.adjusted").items} == {
        f"member:{member_id}" for member_id in EVERYONE
    }


@pytest.mark.django_db
def test_the_key_holds_for_the_act_as_a_whole() -> None:
    adjust()
    before = read_everything()
    assert [receipt.replayed for receipt in adjust(who=[*EVERYONE, ANN])] == [True] * 3
    for other in (
        lambda: adjust(51),
        lambda: adjust(who=[ANN, BOB]),
        lambda: adjust(who=[MemberId(ANN + 9)]),
        lambda: adjust(reason="Another."),
    ):
        refused(IdempotencyConflict, other)
    assert read_everything() == before
    assert len(trail.list_audit(action="points.adjusted").items) == 3


@pytest.mark.django_db
def test_where_one_is_short_nobody_loses_anything() -> None:
    earn(60, "a")
    adjust(20, "first", [BOB, CID])
    before = read_everything(), len(trail.list_audit(size=100).items)
    refused(ledger.InsufficientPoints, lambda: adjust(-30, "k"))
    assert (read_everything(), len(trail.list_audit(size=100).items)) == before
    adjust(-20, "k")
    assert balances() == [40, 0, 0]


@pytest.mark.django_db
@pytest.mark.parametrize("who", [[], [MemberId(n) for n in range(1, 102)]])
def test_nobody_and_too_many_are_refused(who: list[MemberId]) -> None:
    refused(ledger.InvalidPosting, lambda: adjust(who=who))
    assert balances() == [0, 0, 0]


# Threads with connections of their own, on a database that commits.
@pytest.mark.slow
@pytest.mark.usefixtures("committed_ledger")
def test_two_at_once_over_the_same_members_neither_stop_nor_lose() -> None:
    failures: list[BaseException] = []

    def work(key: str, who: list[MemberId]) -> None:
        try:
            for n in range(8):
                adjust(1, f"{key}{n}", who)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work, args=(f"t{n}-", EVERYONE[:: 1 if n % 2 else -1])) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert balances() == [32, 32, 32]
