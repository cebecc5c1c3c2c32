"""Birthdays come by themselves: once a year, in the programme's zone, also on 29 February."""

from datetime import UTC, date, datetime, timedelta

import pytest

from regulars.activity.models import Event
from regulars.earning.facade import submit_birthdays
from regulars.earning.tasks import greet_birthdays
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.members.facade import MemberInput, save_members
from tests.earning.worlds import HEAD, PER_EURO, active, publish

pytestmark = pytest.mark.django_db
RULE = """
[[earn]]
id = "birthday"
name = "Happy birthday"
type = "event"
event = "birthday"
points = 100
"""
JOINED = datetime(2020, 1, 1, tzinfo=UTC)


def born(*days: date, joined_at: datetime = JOINED) -> list[MemberId]:
    batch = [
        MemberInput(external_id=f"{day}-{n}-{joined_at}", birthday=day, joined_at=joined_at)
        for n, day in enumerate(days)
    ]
    outcomes = save_members(actor=SYSTEM, now=joined_at, batch=batch)
    return [outcome.member_id for outcome in outcomes if outcome.member_id is not None]


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


@pytest.fixture(autouse=True)
def shop() -> None:
    publish(HEAD + PER_EURO + RULE, at=JOINED)


def test_each_birthday_earns_once_however_often_the_job_runs() -> None:
    ada, bob = born(date(1990, 5, 4), date(1990, 5, 5))
    assert submit_birthdays(now=noon("2026-05-04")) == 1
    assert submit_birthdays(now=noon("2026-05-04") + timedelta(hours=1)) == 0
    assert (active(ada, noon("2026-05-04")), active(bob, noon("2026-05-04"))) == (100, 0)
    assert submit_birthdays(now=noon("2027-05-04")) == 1
    assert {event.external_id for event in Event.objects.all()} == {
        f"birthday:{ada}:2026",
        f"birthday:{ada}:2027",
    }


def test_the_day_is_that_of_the_programmes_zone() -> None:
    (ada,) = born(date(1990, 5, 4))
    assert submit_birthdays(now=datetime(2026, 5, 3, 21, 59, tzinfo=UTC)) == 0
    assert submit_birthdays(now=datetime(2026, 5, 3, 22, 5, tzinfo=UTC)) == 1
    assert Event.objects.get().occurred_at == datetime(2026, 5, 3, 22, 0, tzinfo=UTC)
    assert active(ada, noon("2026-05-04")) == 100


def test_the_29th_of_february_is_kept_on_the_28th_in_common_years() -> None:
    born(date(1996, 2, 29))
    assert submit_birthdays(now=noon("2026-02-27")) == 0
    assert submit_birthdays(now=noon("2026-02-28")) == 1
    assert submit_birthdays(now=noon("2026-03-01")) == 0
    assert submit_birthdays(now=noon("2028-02-28")) == 0
    assert submit_birthdays(now=noon("2028-02-29")) == 1


def test_a_job_that_slept_catches_up() -> None:
    born(date(1990, 5, 2), date(1990, 5, 3), date(1990, 5, 1))
    assert submit_birthdays(now=noon("2026-05-04")) == 2


def test_those_who_joined_after_their_day_wait_for_the_next() -> None:
    born(date(1990, 5, 3), joined_at=noon("2026-05-04"))
    born(date(1990, 5, 4), joined_at=noon("2026-05-04"))
    assert submit_birthdays(now=noon("2026-05-04")) == 1


def test_where_no_rule_rewards_birthdays_there_are_no_events() -> None:
    publish(HEAD + PER_EURO, at=noon("2026-01-01"))
    born(date(1990, 5, 4))
    assert submit_birthdays(now=noon("2026-05-04")) == 0
    assert not Event.objects.exists()


def test_the_job_runs_every_hour() -> None:
    today = datetime.now(UTC).date()
    born(today.replace(year=1992) if (today.month, today.day) != (2, 29) else date(1992, 2, 29))
    assert greet_birthdays(timestamp=0) >= 1
