"""Birthdays come by themselves."""

from datetime import date, datetime, timedelta

from regulars.activity.facade import EventInput
from regulars.earning.operations.events import BIRTHDAY, submit_events
from regulars.earning.types import SubmitStatus
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import local_date, start_of_day
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import MemberProfile
from regulars.rules import facade as rules
from regulars.rules.facade import NoProgramme, Programme

PAGE = 1_000
DAYS_BACK = 2
"""A worker that stood still over a weekend still finds the birthdays it slept through."""
ACTOR = Actor(ActorKind.SYSTEM, BIRTHDAY)


def submit_birthdays(*, now: datetime) -> int:
    """Submit an event for each member whose birthday it is in the programme's zone; answer how many are new.

    Those of 29 February are kept on the 28th in common years. One event a member and year, however often this
    runs. Nothing happens where no rule of the programme rewards birthdays. A transaction for every page.
    """
    try:
        programme = rules.get_current_programme(now)
    except NoProgramme:
        return 0
    if not any(rule.enabled and rule.event == BIRTHDAY for rule in programme.rules):
        return 0
    today = local_date(now, programme.time_zone)
    return sum(_submit_day(today - timedelta(days=back), programme, now) for back in range(DAYS_BACK, -1, -1))


def _submit_day(day: date, programme: Programme, now: datetime) -> int:
    new = 0
    after: MemberId | None = None
    while page := members.list_birthdays(day, after=after, size=PAGE):
        after = page[-1]
        batch = [
            _make_event(profile, day, programme)
            for profile in members.get_profiles(page).values()
            if local_date(profile.joined_at, programme.time_zone) <= day
        ]
        outcomes = submit_events(actor=ACTOR, now=now, batch=batch)
        new += sum(outcome.status is SubmitStatus.ACCEPTED for outcome in outcomes)
    return new


def _make_event(profile: MemberProfile, day: date, programme: Programme) -> EventInput:
    return EventInput(
        external_id=f"birthday:{profile.id}:{day.year}",
        member_id=profile.id,
        kind=BIRTHDAY,
        occurred_at=start_of_day(day, programme.time_zone),
    )
