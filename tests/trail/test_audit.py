"""The audit trail: written with the deed, never changed, read page by page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.paging import BadCursor
from regulars.trail import facade as trail
from regulars.trail.models import AuditEntry

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
AGENT = Actor(ActorKind.OPERATOR, "3")
OTHER = Actor(ActorKind.OPERATOR, "4")


def write(
    count: int, actor: Actor = AGENT, action: str = "points.adjusted", subject: str = "member:1"
) -> None:
    with transaction.atomic():
        trail.record_audits(
            actor=actor,
            now=NOW,
            notes=[trail.AuditNote(action, subject, "because", {"n": n}) for n in range(count)],
        )


@pytest.mark.django_db
def test_an_entry_says_who_what_when_and_why() -> None:
    with transaction.atomic():
        trail.record_audit(
            actor=AGENT,
            now=NOW,
            action="points.adjusted",
            subject="member:17",
            reason="double scan",
            details={"points": -40},
        )
    [record] = trail.list_audit().items
    assert record == trail.AuditRecord(
        id=record.id,
        recorded_at=NOW,
        actor=AGENT,
        action="points.adjusted",
        subject="member:17",
        reason="double scan",
        details={"points": -40},
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail_auditentry SET reason = 'better'",
        "DELETE FROM trail_auditentry",
        "UPDATE trail_storedanswer SET status = 500",
        "DELETE FROM trail_storedanswer",
    ],
)
def test_nobody_rewrites_history(statement: str) -> None:
    write(1)
    trail.store_answer(scope="api", key="k", input_hash=b"1" * 32, status=201, body=b"{}", now=NOW)
    before = list(AuditEntry.objects.values())
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(AuditEntry.objects.values()) == before
    kept = trail.find_answer(scope="api", key="k", input_hash=b"1" * 32)
    assert kept == trail.Answer(201, b"{}", replayed=True)


@pytest.mark.django_db(transaction=True)
def test_an_entry_is_written_with_the_deed_or_not_at_all() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        trail.record_audit(actor=SYSTEM, now=NOW, action="a", subject="s")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        trail.record_audit(actor=SYSTEM, now=NOW, action="a", subject="s")
        raise ZeroDivisionError
    assert trail.list_audit().items == ()


@pytest.mark.django_db
def test_filters_narrow_the_list() -> None:
    write(2)
    write(1, actor=OTHER)
    write(1, action="member.erased")
    write(1, actor=SYSTEM, subject="member:2", action="member.created")
    assert len(trail.list_audit(subject="member:1").items) == 4
    assert len(trail.list_audit(actor=AGENT).items) == 3
    assert len(trail.list_audit(actor=Actor(ActorKind.OPERATOR)).items) == 4
    assert len(trail.list_audit(action="points.adjusted", actor=OTHER).items) == 1
    assert trail.list_audit(subject="member:9").items == ()
    assert trail.list_audit_actions() == ["member.created", "member.erased", "points.adjusted"]


@pytest.mark.django_db
def test_paging_gives_each_entry_once_though_more_are_written_meanwhile() -> None:
    write(23)
    first = trail.list_audit(size=10)
    write(5)
    second = trail.list_audit(size=10, cursor=first.next_cursor)
    third = trail.list_audit(size=10, cursor=second.next_cursor)
    seen = [record.details["n"] for page in (first, second, third) for record in page.items]
    assert seen == list(range(22, -1, -1))
    assert third.next_cursor is None
    with pytest.raises(BadCursor):
        trail.list_audit(cursor="nonsense")


@pytest.mark.django_db
def test_one_and_thirty_entries_take_one_query() -> None:
    write(30)
    for size in (1, 30):
        with CaptureQueriesContext(connection) as queries:
            assert len(trail.list_audit(size=size).items) == size
        assert len(queries) == 1


@pytest.mark.django_db
def test_an_entry_must_say_what_was_done() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        trail.record_audit(actor=SYSTEM, now=NOW + timedelta(days=1), action="", subject="member:1")
    assert AuditEntry.objects.count() == 0
