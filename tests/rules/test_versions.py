"""Published programmes: numbered without gaps, never changed, and in force from when they say."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.ids import ProgrammeVersion
from regulars.rules import models, queries
from regulars.rules.errors import NoProgramme, ProgrammeInvalid
from regulars.rules.facade import (
    find_version,
    get_current_programme,
    get_programme,
    get_programme_at,
    list_versions,
    load_schedule,
    publish_default_programme,
    publish_programme,
    read_example,
)
from regulars.trail import facade as trail
from tests.rules.documents import MINIMAL

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MARKETER = Actor(ActorKind.OPERATOR, "7")


def named(name: str) -> str:
    return MINIMAL.replace("Corner Shop Club", name)


@pytest.mark.django_db
def test_publishing_numbers_and_keeps_the_text_with_who_and_why() -> None:
    info = publish_programme(actor=MARKETER, now=NOW, text=MINIMAL, note="to begin with")
    assert (info.number, info.text, info.note, info.published_by) == (
        1,
        MINIMAL,
        "to begin with",
        "operator:7",
    )
    assert (info.published_at, info.effective_from, len(info.sha256)) == (NOW, NOW, 64)
    second = publish_programme(actor=MARKETER, now=NOW + DAY, text=named("B"))
    assert second.number == 2
    assert list_versions() == [second, info]
    assert find_version(info.number) == info
    assert find_version(ProgrammeVersion(3)) is None
    [entry, _first] = (
        trail.list_audit(subject="programme:2").items + trail.list_audit(subject="programme:1").items
    )
    assert (entry.action, entry.details["sha256"]) == ("programme.published", second.sha256)


@pytest.mark.django_db
def test_a_programme_carries_its_version_and_is_read_once() -> None:
    publish_programme(actor=SYSTEM, now=NOW, text=MINIMAL)
    first = get_current_programme(NOW)
    assert first.version == 1
    assert get_current_programme(NOW) is first
    assert get_programme(ProgrammeVersion(1)) is first


@pytest.mark.django_db
def test_the_current_programme_costs_one_small_query_and_a_known_version_none(
    django_assert_num_queries: object,
) -> None:
    for number in range(1, 31):
        publish_programme(actor=SYSTEM, now=NOW + number * DAY, text=named(f"V{number}"))
        now = NOW + number * DAY
        if number in {1, 30}:
            get_current_programme(now)
            with django_assert_num_queries(1):  # type: ignore[operator]
                assert get_current_programme(now).version == number
            with django_assert_num_queries(0):  # type: ignore[operator]
                assert get_programme(ProgrammeVersion(number)).name == f"V{number}"


@pytest.mark.django_db
def test_the_version_in_force_is_the_one_that_began_last() -> None:
    publish_programme(actor=SYSTEM, now=NOW, text=named("A"))
    publish_programme(actor=SYSTEM, now=NOW, text=named("B"), effective_from=NOW + 10 * DAY)
    publish_programme(actor=SYSTEM, now=NOW + DAY, text=named("C"))
    schedule = load_schedule()
    moment = timedelta(microseconds=1)
    for instant, name in (
        (NOW - 365 * DAY, "A"),
        (NOW, "A"),
        (NOW + DAY - moment, "A"),
        (NOW + DAY, "C"),
        (NOW + 10 * DAY - moment, "C"),
        (NOW + 10 * DAY, "B"),
        (NOW + 99 * DAY, "B"),
    ):
        assert get_programme_at(instant).name == name
        assert schedule.at(instant).name == name
        assert schedule.number_at(instant) == schedule.at(instant).version


@pytest.mark.django_db
def test_of_two_versions_that_begin_together_the_later_one_holds() -> None:
    publish_programme(actor=SYSTEM, now=NOW, text=named("A"))
    publish_programme(actor=SYSTEM, now=NOW, text=named("B"))
    assert get_programme_at(NOW).name == "B"
    assert get_programme_at(NOW - DAY).name == "B"


@pytest.mark.django_db
def test_publishing_what_is_in_force_changes_nothing() -> None:
    first = publish_programme(actor=SYSTEM, now=NOW, text=named("A"))
    assert publish_programme(actor=MARKETER, now=NOW + DAY, text=named("A"), note="again") == first
    publish_programme(actor=SYSTEM, now=NOW + 2 * DAY, text=named("B"))
    third = publish_programme(actor=SYSTEM, now=NOW + 3 * DAY, text=named("A"))
    assert third.number == 3
    assert len(trail.list_audit(action="programme.published").items) == 3


@pytest.mark.django_db
def test_a_programme_with_mistakes_is_refused_and_nothing_changes() -> None:
    first = publish_programme(actor=SYSTEM, now=NOW, text=MINIMAL)
    for text in (MINIMAL.replace("per_amount", "per_amonut"), MINIMAL + 'when = "member.tire == 1"\n', "x"):
        with pytest.raises(ProgrammeInvalid) as refused:
            publish_programme(actor=SYSTEM, now=NOW, text=text)
        assert refused.value.problems[0].line >= 1
    past = MINIMAL + '[expiry]\nkind = "fixed_date"\non = 2026-11-19\n'
    with pytest.raises(ProgrammeInvalid, match="is past"):
        publish_programme(actor=SYSTEM, now=NOW, text=past)
    publish_programme(actor=SYSTEM, now=NOW, text=past, effective_from=NOW - 5 * DAY)
    assert [info.number for info in list_versions()] == [2, first.number]


@pytest.mark.django_db
def test_where_nothing_is_published_there_is_no_programme() -> None:
    with pytest.raises(NoProgramme, match="published yet"):
        get_current_programme(NOW)
    queries.forget_programme(9)
    with pytest.raises(NoProgramme, match="no programme version 9"):
        get_programme(ProgrammeVersion(9))


@pytest.mark.django_db
def test_a_fresh_installation_begins_with_the_example_and_only_once() -> None:
    info = publish_default_programme(actor=SYSTEM, now=NOW)
    assert (info.number, info.text) == (1, read_example())
    assert publish_default_programme(actor=SYSTEM, now=NOW + DAY) == info
    own = publish_programme(actor=SYSTEM, now=NOW + DAY, text=MINIMAL)
    assert publish_default_programme(actor=SYSTEM, now=NOW + 2 * DAY) == own


@pytest.mark.django_db
def test_a_number_whose_publication_was_rolled_back_is_not_remembered() -> None:
    point = transaction.savepoint()
    publish_programme(actor=SYSTEM, now=NOW, text=named("A"))
    assert get_current_programme(NOW).name == "A"
    transaction.savepoint_rollback(point)
    publish_programme(actor=SYSTEM, now=NOW, text=named("B"))
    assert get_programme(ProgrammeVersion(1)).name == "B"
    assert get_current_programme(NOW).name == "B"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    ["UPDATE rules_programmeversion SET note = 'x'", "DELETE FROM rules_programmeversion"],
)
def test_law_1_a_published_programme_can_be_neither_changed_nor_deleted(statement: str) -> None:
    info = publish_programme(actor=SYSTEM, now=NOW, text=MINIMAL)
    with (
        pytest.raises(DatabaseError, match="never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list_versions() == [info]


def publish_at_once(publish: object, count: int) -> list[BaseException]:
    """Run a publication in several threads that begin together; what failed."""
    failed: list[BaseException] = []
    together = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            together.wait()
            publish(number)  # type: ignore[operator]
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_when_many_publish_at_once() -> None:
    failed = publish_at_once(
        lambda number: publish_programme(actor=SYSTEM, now=NOW, text=named(f"T{number}")), count=6
    )
    assert failed == []
    assert [info.number for info in list_versions()] == [6, 5, 4, 3, 2, 1]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_race_does_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: numbers collide, and the primary key refuses the second."""
    from regulars.rules import operations

    together, create = threading.Barrier(3), models.ProgrammeVersion.objects.create

    def create_together(**values: object) -> models.ProgrammeVersion:
        together.wait()
        return create(**values)

    monkeypatch.setattr(operations, "_lock_versions", lambda: None)
    monkeypatch.setattr(models.ProgrammeVersion.objects, "create", create_together)
    failed = publish_at_once(
        lambda number: publish_programme(actor=SYSTEM, now=NOW, text=named(f"T{number}")), count=3
    )
    assert [type(error) for error in failed] == [IntegrityError, IntegrityError]
    assert [info.number for info in list_versions()] == [1]


@pytest.mark.django_db(transaction=True)
def test_publishing_is_a_transaction_of_its_own() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        publish_programme(actor=SYSTEM, now=NOW, text=MINIMAL)
    assert list_versions() == []
