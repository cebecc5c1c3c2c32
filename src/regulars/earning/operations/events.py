"""Behaviour events in, points out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from regulars.activity import facade as activity
from regulars.activity.facade import EventInput, EventSummary, RecordedEvent, RecordStatus
from regulars.earning.errors import AwardTooLarge
from regulars.earning.operations import awarding
from regulars.earning.operations.awaiting import (
    activate,
    activate_by_past_events,
    find_waiting,
    note_awaited,
)
from regulars.earning.operations.awarding import NO_SEGMENTS, Occurrence, Slip
from regulars.earning.operations.counters import save_counters
from regulars.earning.operations.oversized import OversizedAwards, submit_without_oversized, with_places
from regulars.earning.operations.persons import as_recorded, count_orders_before, gather_merged
from regulars.earning.operations.sliding import extend_by_activity
from regulars.earning.queries import find_event_awards
from regulars.earning.types import EventOutcome, SourceKind, SubmitStatus
from regulars.kit.actor import Actor
from regulars.kit.clock import local_date
from regulars.kit.ids import EventId, MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency
from regulars.members import facade as members
from regulars.members.facade import MemberTraits
from regulars.rules import facade as rules
from regulars.rules.facade import Happening, Schedule
from regulars.tiers import facade as tiers

BIRTHDAY = "birthday"
SIGN_UP = "sign_up"


def submit_events(
    *,
    actor: Actor,
    now: datetime,
    batch: Sequence[EventInput],
    segments: Mapping[MemberId, frozenset[str]] = NO_SEGMENTS,
) -> list[EventOutcome]:
    """Record events and give the points they earn: all of the batch in one transaction, each event once.

    A row that cannot be is refused with its reason and stops no other; a repeat answers as the first time
    did. A member signs up once and has one birthday a year. An event that points wait for activates them.

    Locks, in order: keys of the new events, members' tier status, members' points wallets (each
    ascending), budgets. Raises NoProgramme.
    """
    return submit_without_oversized(lambda oversized: _submit(actor, now, batch, segments, oversized))


def _submit(
    actor: Actor,
    now: datetime,
    batch: Sequence[EventInput],
    segments: Mapping[MemberId, frozenset[str]],
    oversized: Mapping[int, AwardTooLarge],
) -> list[EventOutcome]:
    schedule = rules.load_schedule()
    schedule.at(now)
    batch = [_name_occasion(event, schedule) for event in batch]
    traits = members.get_traits({event.member_id for event in batch})
    fit = [event for place, event in enumerate(batch) if place not in oversized]
    fit, traits = as_recorded(fit, traits, activity.find_event_owners)
    recorded = iter(activity.record_events(actor=actor, now=now, batch=fit, known_members=traits))
    rows = [
        RecordedEvent(event.external_id, RecordStatus.REFUSED, refusal=oversized[place])
        if place in oversized
        else next(recorded)
        for place, event in enumerate(batch)
    ]
    new = {
        row.event_id: event
        for row, event in zip(rows, batch, strict=True)
        if row.status is RecordStatus.NEW and row.event_id is not None
    }
    slips: list[Slip] = []
    if new:
        try:
            slips = _award(actor=actor, now=now, new=new, schedule=schedule, traits=traits, segments=segments)
        except OversizedAwards as found:
            raise with_places(found, [row.event_id for row in rows]) from None
    return _answer(rows, slips)


def _name_occasion(event: EventInput, schedule: Schedule) -> EventInput:
    """What happens once by its nature has its occasion from us."""
    if event.kind == SIGN_UP:
        return replace(event, occasion="once")
    if event.kind == BIRTHDAY and event.occurred_at.utcoffset() is not None:
        zone = schedule.at(event.occurred_at).time_zone
        return replace(event, occasion=str(local_date(event.occurred_at, zone).year))
    return event


def _award(
    *,
    actor: Actor,
    now: datetime,
    new: Mapping[EventId, EventInput],
    schedule: Schedule,
    traits: Mapping[MemberId, MemberTraits],
    segments: Mapping[MemberId, frozenset[str]],
) -> list[Slip]:
    programme_now = schedule.at(now)
    member_ids = sorted({event.member_id for event in new.values()})
    last = max(event.occurred_at for event in new.values())
    standings = tiers.load_standings(member_ids, programme_now, last)
    ledger.lock_wallets(member_ids, Currency.POINTS)
    occurrences = [
        Occurrence(
            member_id=event.member_id,
            occurred_at=event.occurred_at,
            source_id=event_id,
            reference=event.external_id,
            programme=schedule.at(event.occurred_at),
            what=Happening(event.kind, event.occurred_at, event.attributes),
        )
        for event_id, event in new.items()
    ]
    evaluated, counters, moved = awarding.evaluate(
        occurrences=occurrences,
        traits=traits,
        segments=segments,
        standings=standings,
        orders_before=count_orders_before(member_ids, gather_merged(traits)),
        programme_now=programme_now,
    )
    slips = awarding.post(actor=actor, now=now, kind=SourceKind.EVENT, evaluated=evaluated)
    _activate(actor, now, slips, gather_merged(traits))
    awarding.keep(now=now, kind=SourceKind.EVENT, slips=slips)
    save_counters(counters)
    tiers.save_standings(programme=programme_now, standings=moved, now=now)
    activate_by_past_events(actor=actor, now=now, waiting=note_awaited(slips))
    extend_by_activity(actor=actor, now=now, kind=SourceKind.EVENT, slips=slips)
    return slips


def _activate(
    actor: Actor, now: datetime, slips: Sequence[Slip], merged: Mapping[MemberId, MemberId]
) -> None:
    """Let the events activate what waits for them, and note on each slip how much it was."""
    happened = [(slip, slip.occurrence.what) for slip in slips if isinstance(slip.occurrence.what, Happening)]
    waiting = find_waiting(
        [*(slip.occurrence.member_id for slip, _ in happened), *merged], {what.kind for _, what in happened}
    )
    if not waiting:
        return
    events = [
        EventSummary(
            id=EventId(slip.occurrence.source_id),
            external_id=slip.occurrence.reference,
            member_id=slip.occurrence.member_id,
            kind=what.kind,
            occurred_at=what.occurred_at,
            recorded_at=now,
            attributes=what.attributes,
            simulated=False,
        )
        for slip, what in happened
    ]
    activated = activate(actor=actor, now=now, waiting=waiting, events=events, merged=merged)
    for slip in slips:
        slip.activated = activated.get(slip.occurrence.source_id, 0)


def _answer(rows: Sequence[RecordedEvent], slips: Sequence[Slip]) -> list[EventOutcome]:
    awards = {slip.occurrence.source_id: (slip.award_id, slip.points, slip.activated) for slip in slips}
    repeated = {row.event_id for row in rows if row.event_id is not None} - awards.keys()
    awards |= find_event_awards(repeated)
    outcomes = []
    for row in rows:
        if row.event_id is None:
            outcomes.append(EventOutcome(row.external_id, SubmitStatus.REFUSED, row.refusal))
            continue
        status = SubmitStatus.ACCEPTED if row.status is RecordStatus.NEW else SubmitStatus.REPEATED
        award_id, points, activated = awards[row.event_id]
        outcomes.append(
            EventOutcome(row.external_id, status, None, points, activated, award_id, row.event_id)
        )
    return outcomes
