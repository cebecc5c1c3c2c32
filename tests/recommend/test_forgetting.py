"""Whoever is erased while candidates are made is in none of them afterwards."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, connections, transaction

from regulars.kit.actor import SYSTEM
from regulars.members.facade import erase_member
from regulars.members.models import Member
from regulars.recommend.models import Candidates, Taste
from regulars.recommend.operations import scoring
from regulars.recommend.operations.choices import forget_member, set_personal

from .shop import join

# Commits from two connections, so the tables are emptied after it.
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 6, 20, 12, tzinfo=UTC)


def write(member_id: int) -> None:
    """What scoring writes of somebody it knew from facts that are older."""
    day = date(2026, 6, 19)
    Candidates.objects.create(
        member_id=member_id, shelf="new", as_of=day, skus=["p1"], scores=[1.0], reasons=[[]]
    )
    Taste.objects.create(member_id=member_id, as_of=day, orders_count=1)


def list_known() -> set[int]:
    rows = [*Candidates.objects.values_list("member_id"), *Taste.objects.values_list("member_id")]
    return {member_id for (member_id,) in rows}


def test_who_was_erased_before_the_facts_tell_is_forgotten_again() -> None:
    gone, stays = join("gone"), join("stays")
    erase_member(actor=SYSTEM, now=NOW, member_id=gone, reason="they asked")  # type: ignore[arg-type]
    for one in (gone, stays):
        write(one)
    scoring._forget_erased()
    assert list_known() == {stays}


def test_who_switched_it_off_meanwhile_is_forgotten_too_and_does_not_wait_for_a_scoring() -> None:
    off, stays = join("off"), join("stays")
    for one in (off, stays):
        write(one)
    done = threading.Event()

    def switch_off() -> None:
        try:
            set_personal(actor=SYSTEM, member_id=off, personal=False, now=NOW)
            done.set()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Candidates.objects.all().delete()
            pool.submit(switch_off).result(30)
            for one in (off, stays):
                Candidates.objects.create(
                    member_id=one, shelf="new", as_of=NOW.date(), skus=["p2"], scores=[1.0], reasons=[[]]
                )
        assert done.is_set()
        assert Candidates.objects.filter(member_id=off).exists()
        scoring._forget_erased()
    assert list_known() == {stays}


def race(waits: Callable[[Future[Any]], None]) -> set[int]:
    """An erasure forgets before scoring has committed its rows, and commits after scoring looked for it."""
    gone = join("gone")
    forgotten, commit = threading.Event(), threading.Event()

    def erase() -> None:
        try:
            with transaction.atomic():
                forget_member(gone)  # type: ignore[arg-type]
                Member.objects.filter(pk=gone).update(anonymised_at=NOW)
                forgotten.set()
                assert commit.wait(30)
        finally:
            connections.close_all()

    def sweep() -> None:
        try:
            scoring._forget_erased()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        erasing = pool.submit(erase)
        assert forgotten.wait(30)
        write(gone)
        sweeping = pool.submit(sweep)
        waits(sweeping)
        commit.set()
        erasing.result(30)
        sweeping.result(30)
    return list_known()


def wait_for_the_lock(sweeping: Future[Any]) -> None:
    """Until the sweep waits for the erasure, as the server sees it."""
    asked = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    while not sweeping.done():
        with connection.cursor() as cursor:
            cursor.execute(asked)
            if cursor.fetchone():
                return


def test_an_erasure_under_way_is_waited_for() -> None:
    assert race(wait_for_the_lock) == set()


def test_without_waiting_the_person_would_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the one above."""
    monkeypatch.setattr(scoring, "await_forgetting", lambda: None)
    assert len(race(lambda sweeping: sweeping.result(30))) == 1
