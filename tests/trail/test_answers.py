"""One answer for each key, for ever: repeated, conflicting and simultaneous requests."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from django.db import connection, connections, transaction

from regulars.kit.errors import IdempotencyConflict
from regulars.trail import facade as trail
from regulars.trail import operations
from regulars.trail.models import StoredAnswer

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HASH = b"a" * 32
OTHER = b"b" * 32


class Work:
    """An operation that counts how often it ran."""

    def __init__(self, pause_s: float = 0.0) -> None:
        self.runs = 0
        self.pause_s = pause_s
        self._lock = threading.Lock()

    def __call__(self) -> tuple[int, bytes]:
        with self._lock:
            self.runs += 1
            run = self.runs
        # Long enough for the others to arrive, whoever is first.
        threading.Event().wait(self.pause_s)
        return 201, f'{{"run": {run}}}'.encode()


def answer(work: Callable[[], tuple[int, bytes]], key: str = "k", input_hash: bytes = HASH) -> trail.Answer:
    return trail.answer_once(scope="key:1", key=key, input_hash=input_hash, now=NOW, execute=work)


def at_once(count: int, work: Callable[[], object]) -> list[object]:
    barrier = threading.Barrier(count)

    def run(_number: int) -> object:
        try:
            barrier.wait(10)
            return work()
        except Exception as error:  # handed to the test, which says what it expects
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.django_db
def test_the_same_request_gets_the_same_answer() -> None:
    work = Work()
    first = answer(work)
    again = answer(work)
    assert (first.status, first.body, first.replayed) == (201, b'{"run": 1}', False)
    assert again == trail.Answer(201, b'{"run": 1}', replayed=True)
    assert work.runs == 1


@pytest.mark.django_db
def test_another_input_under_the_key_is_a_conflict() -> None:
    work = Work()
    first = answer(work)
    with pytest.raises(IdempotencyConflict):
        answer(work, input_hash=OTHER)
    with pytest.raises(trail.KeyReused):
        trail.store_answer(scope="key:1", key="k", input_hash=OTHER, status=200, body=b"", now=NOW)
    assert work.runs == 1
    assert answer(work).body == first.body
    assert StoredAnswer.objects.count() == 1


@pytest.mark.django_db
def test_keys_of_two_scopes_are_two_keys() -> None:
    trail.store_answer(scope="key:1", key="k", input_hash=HASH, status=200, body=b"one", now=NOW)
    assert trail.find_answer(scope="key:2", key="k", input_hash=OTHER) is None


@pytest.mark.django_db
def test_the_first_of_two_stored_answers_stays() -> None:
    trail.store_answer(scope="s", key="k", input_hash=HASH, status=200, body=b"one", now=NOW)
    kept = trail.store_answer(scope="s", key="k", input_hash=HASH, status=200, body=b"two", now=NOW)
    assert kept == trail.Answer(200, b"one", replayed=True)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\nb", "\0"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    work = Work()
    with pytest.raises(trail.KeyInvalid):
        answer(work, key=key)
    assert work.runs == 0


@pytest.mark.django_db(transaction=True)
def test_what_failed_is_not_kept_and_may_be_tried_again() -> None:
    def fail() -> tuple[int, bytes]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answer(fail)
    assert StoredAnswer.objects.count() == 0
    assert answer(Work()).status == 201
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_answer_once_stands_outside_transactions() -> None:
    work = Work()
    with pytest.raises(RuntimeError), transaction.atomic():
        answer(work)
    assert work.runs == 0


# Threads with connections of their own see only what is committed; the work takes a moment on purpose.
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_one_executes() -> None:
    work = Work(pause_s=0.2)
    results = at_once(8, lambda: answer(work))
    assert work.runs == 1
    assert {result.body for result in results} == {b'{"run": 1}'}  # type: ignore[attr-defined]
    assert sorted(result.replayed for result in results) == [False] + [True] * 7  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_several_execute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_turn", lambda _number, _wait_ms: nullcontext())
    work, everyone_executes = Work(), threading.Barrier(4)

    def execute() -> tuple[int, bytes]:
        everyone_executes.wait(30)
        return work()

    results = at_once(4, lambda: answer(execute))
    assert work.runs == 4
    # Even then all four are told one answer: the first that was kept.
    assert len({result.body for result in results}) == 1  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_in_one_transaction_the_second_waits_and_sees_the_first() -> None:
    work = Work(pause_s=0.2)

    def within() -> trail.Answer:
        with transaction.atomic():
            kept = trail.find_answer(scope="s", key="k", input_hash=HASH)
            if kept:
                return kept
            status, body = work()
            return trail.store_answer(scope="s", key="k", input_hash=HASH, status=status, body=body, now=NOW)

    results = at_once(4, within)
    assert work.runs == 1
    assert {result.body for result in results} == {b'{"run": 1}'}  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_waiting_has_an_end() -> None:
    begun, done = threading.Event(), threading.Event()

    def hold() -> tuple[int, bytes]:
        begun.set()
        done.wait(10)
        return 200, b"late"

    def first() -> None:
        try:
            answer(hold)
        finally:
            connections.close_all()

    holder = threading.Thread(target=first)
    holder.start()
    begun.wait(10)
    try:
        with pytest.raises(trail.AnswerInProgress):
            trail.answer_once(scope="key:1", key="k", input_hash=HASH, now=NOW, execute=Work(), wait_ms=50)
    finally:
        done.set()
        holder.join()
    assert answer(Work()) == trail.Answer(200, b"late", replayed=True)
