"""Members' sign-in codes: good once, for ten minutes, for five tries; a few an hour."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction

from regulars.identity import facade as identity
from regulars.identity.facade import SignInTicket
from regulars.identity.models import SignInCode, Throttle
from regulars.kit.ids import MemberId
from regulars.trail import facade as trail

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ADA, BOB = MemberId(17), MemberId(18)


def issue(at: datetime = NOW, member_id: MemberId = ADA) -> SignInTicket:
    return identity.issue_sign_in_code(member_id=member_id, now=at)


def opens(
    ticket: SignInTicket, code: str | None = None, *, at: datetime = NOW, member_id: MemberId = ADA
) -> bool:
    given = ticket.code if code is None else code
    try:
        identity.check_sign_in_code(member_id=member_id, ticket=ticket.number, code=given, now=at)
    except identity.SignInCodeWrong:
        return False
    return True


def wrong(ticket: SignInTicket) -> str:
    return f"{(int(ticket.code) + 1) % 10**6:06}"


@pytest.mark.django_db
def test_a_code_opens_once() -> None:
    ticket = issue()
    assert len(ticket.code) == 6
    assert ticket.code.isdigit()
    assert opens(ticket, f" {ticket.code[:3]} {ticket.code[3:]}")
    assert not opens(ticket)
    assert [record.action for record in trail.list_audit(subject="member:17").items] == [
        "member.signed_in",
        "member.sign_in_code_issued",
    ]


@pytest.mark.django_db
def test_a_code_is_of_its_member_only() -> None:
    ticket = issue()
    other = issue(member_id=BOB)
    row = SignInCode.objects.get(member_id=ADA)
    SignInCode.objects.filter(member_id=BOB).update(code_hash=row.code_hash, salt=row.salt)
    assert not opens(ticket, member_id=BOB)
    assert not opens(other, ticket.code, member_id=BOB)
    assert not opens(ticket, member_id=MemberId(404))
    assert opens(ticket)


@pytest.mark.django_db
def test_a_code_lasts_ten_minutes() -> None:
    ticket = issue()
    assert not opens(ticket, at=NOW + timedelta(minutes=10))
    assert opens(ticket, at=NOW + timedelta(minutes=10, microseconds=-1))


@pytest.mark.django_db
def test_the_sixth_try_is_one_too_many() -> None:
    ticket = issue()
    for _ in range(5):
        assert not opens(ticket, wrong(ticket))
    assert not opens(ticket)
    ticket = issue()
    for _ in range(4):
        assert not opens(ticket, wrong(ticket))
    assert opens(ticket)


@pytest.mark.django_db
def test_a_stranger_who_asks_and_guesses_uses_up_their_own_ticket_only() -> None:
    mine = issue()
    theirs = issue(NOW + timedelta(seconds=1))
    assert mine.code == theirs.code or not opens(theirs, mine.code)
    for _ in range(5):
        assert not opens(theirs, wrong(theirs))
    assert opens(mine)


@pytest.mark.django_db
def test_thirty_codes_an_hour() -> None:
    for minute in range(30):
        issue(NOW + timedelta(minutes=minute))
    count = SignInCode.objects.count()
    with pytest.raises(identity.TooManyAttempts) as refusal:
        issue(NOW + timedelta(minutes=30))
    assert refusal.value.extra["retry_after_seconds"] == 30 * 60
    assert SignInCode.objects.count() == count
    issue(NOW + timedelta(minutes=30), BOB)
    issue(NOW + timedelta(minutes=60))


@pytest.mark.django_db
def test_the_code_is_not_kept() -> None:
    code = issue().code
    row = SignInCode.objects.values().get()
    assert code not in repr(row["salt"])
    assert code.encode() not in bytes(row["code_hash"])
    assert code not in repr([record.details for record in trail.list_audit().items])


@pytest.mark.django_db(transaction=True)
def test_a_code_comes_with_its_transaction_and_a_wrong_try_counts_without() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        issue()
        raise ZeroDivisionError
    assert SignInCode.objects.count() == 0
    ticket = issue()
    assert not opens(ticket, wrong(ticket))
    assert SignInCode.objects.get().attempts == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        opens(ticket)


# Threads with connections of their own see only what is committed: the tables are emptied afterwards.
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_tries_at_once_cannot_slip_past_the_count_and_one_code_opens_once() -> None:
    def at_once(ticket: SignInTicket, tries: list[str]) -> list[bool]:
        barrier = threading.Barrier(len(tries))

        def run(given: str) -> bool:
            try:
                barrier.wait(10)
                return opens(ticket, given)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(tries)) as pool:
            return list(pool.map(run, tries))

    first = issue()
    assert sum(at_once(first, [first.code] * 8)) == 1
    second = issue(NOW + timedelta(seconds=1))
    assert not any(at_once(second, [wrong(second)] * 8))
    assert SignInCode.objects.order_by("-id")[0].attempts == 5


@pytest.mark.django_db
def test_what_sign_ins_leave_behind_is_thrown_away() -> None:
    issue(NOW - timedelta(days=2))
    issue()
    limit = identity.Limit("test", 1, timedelta(hours=1))
    identity.take_attempt(limit=limit, subject="old", now=NOW - timedelta(hours=1))
    identity.take_attempt(limit=limit, subject="new", now=NOW)
    identity.purge_sign_ins(now=NOW)
    assert SignInCode.objects.count() == 1
    assert Throttle.objects.count() == 1
    with pytest.raises(identity.TooManyAttempts):
        identity.take_attempt(limit=limit, subject="new", now=NOW)
