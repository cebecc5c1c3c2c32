"""Behaviour events are recorded: each once, by its external id, and once per occasion where it has one."""

import json
from collections.abc import Container, Sequence
from datetime import datetime

from django.db import connection

from regulars.activity.errors import AlreadyHappened, EventKeyConflict, UnknownMember
from regulars.activity.operations.ahead import find_taken
from regulars.activity.policies import PreparedEvent, prepare_event
from regulars.activity.types import EventInput, RecordedEvent, RecordStatus
from regulars.kit.actor import Actor
from regulars.kit.errors import Refusal
from regulars.kit.ids import EventId, MemberId
from regulars.members import facade as members
from regulars.trail.facade import require_transaction

_INSERT = """
INSERT INTO activity_event (
    member_id, external_id, kind, occasion, occurred_at, recorded_at, recorded_by,
    attributes, simulated, fingerprint
)
SELECT m, x, k, o, t, %(now)s, %(actor)s, j, u, decode(f, 'hex')
FROM json_to_recordset(%(rows)s::json) AS r (
    m bigint, x text, k text, o text, t timestamptz, j jsonb, u boolean, f text
)
ORDER BY m, k, o, x
ON CONFLICT DO NOTHING
RETURNING external_id, id
"""
# Two unique keys cannot both be met in one order by an insert: batches that share an external id take turns.
_LOCK_KEYS = """
SELECT pg_advisory_xact_lock(hashtext('activity_event'), bucket)
FROM (SELECT DISTINCT hashtext(key) & 1023 AS bucket FROM unnest(%s::text[]) AS key ORDER BY 1) AS sorted
"""
_FIND = "SELECT external_id, id, fingerprint FROM activity_event WHERE external_id = ANY(%s)"


def record_events(
    *,
    actor: Actor,
    now: datetime,
    batch: Sequence[EventInput],
    known_members: Container[MemberId] | None = None,
) -> list[RecordedEvent]:
    """Record the events that are new; tell of each row what became of it. One bad row stops no other.

    A step inside the caller's transaction. `known_members` spares a look-up of members where the caller
    has made it. Of two events for one occasion the first of the batch counts. Locks the external
    ids of the new events, by their hash, then their keys by member, kind, occasion and external id.
    """
    require_transaction()
    if known_members is None:
        known_members = members.get_traits({event.member_id for event in batch})
    outcomes: list[RecordedEvent | None] = [None] * len(batch)
    prepared: dict[str, PreparedEvent] = {}
    rows: list[tuple[int, str, bytes]] = []
    taken = find_taken(batch, now, _find)
    for index, event in enumerate(batch):
        try:
            if event.member_id not in known_members:
                raise UnknownMember("The event names a member who does not exist.")
            candidate = prepare_event(event, now=None if event.external_id in taken else now)
        except Refusal as refusal:
            outcomes[index] = RecordedEvent(
                event.external_id, RecordStatus.REFUSED, refusal=refusal.with_traceback(None)
            )
            continue
        prepared.setdefault(event.external_id, candidate)
        rows.append((index, event.external_id, candidate.fingerprint))
    known = _find(set(prepared))
    unknown = [candidate for key, candidate in prepared.items() if key not in known]
    new = _insert(actor, now, _first_of_each_occasion(unknown))
    known |= _find(prepared.keys() - new.keys() - known.keys())
    seen: set[str] = set()
    for index, key, digest in rows:
        if key in new:
            first = key not in seen
            seen.add(key)
            outcomes[index] = _judge(key, digest, new[key], prepared[key].fingerprint, first=first)
        elif key in known:
            event_id, recorded = known[key]
            outcomes[index] = _judge(key, digest, event_id, recorded, first=False)
        else:
            outcomes[index] = _refuse_second(prepared[key].event)
    return [outcome for outcome in outcomes if outcome is not None]


def _first_of_each_occasion(candidates: list[PreparedEvent]) -> list[PreparedEvent]:
    firsts: dict[object, PreparedEvent] = {}
    for candidate in candidates:
        event = candidate.event
        occasion = (event.member_id, event.kind, event.occasion) if event.occasion else event.external_id
        firsts.setdefault(occasion, candidate)
    return list(firsts.values())


def _judge(key: str, digest: bytes, event_id: EventId, recorded: bytes, *, first: bool) -> RecordedEvent:
    if first:
        return RecordedEvent(key, RecordStatus.NEW, event_id)
    if digest == recorded:
        return RecordedEvent(key, RecordStatus.REPEATED, event_id)
    refusal = EventKeyConflict(f"Event {key} is known with other content.", external_id=key)
    return RecordedEvent(key, RecordStatus.CONFLICT, refusal=refusal)


def _refuse_second(event: EventInput) -> RecordedEvent:
    refusal = AlreadyHappened(
        f"The member has had {event.kind} for {event.occasion} already.",
        kind=event.kind,
        occasion=event.occasion,
    )
    return RecordedEvent(event.external_id, RecordStatus.REFUSED, refusal=refusal)


def _insert(actor: Actor, now: datetime, candidates: list[PreparedEvent]) -> dict[str, EventId]:
    if not candidates:
        return {}
    rows = [
        {
            "m": candidate.event.member_id,
            "x": candidate.event.external_id,
            "k": candidate.event.kind,
            "o": candidate.event.occasion or None,
            "t": candidate.occurred_at.isoformat(),
            "j": dict(candidate.event.attributes),
            "u": candidate.event.simulated,
            "f": candidate.fingerprint.hex(),
        }
        for candidate in candidates
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_KEYS, [[candidate.event.external_id for candidate in candidates]])
        cursor.execute(
            _INSERT, {"now": now, "actor": str(actor), "rows": json.dumps(rows, ensure_ascii=False)}
        )
        return dict(cursor.fetchall())


def _find(keys: set[str]) -> dict[str, tuple[EventId, bytes]]:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [list(keys)])
        return {key: (event_id, bytes(digest)) for key, event_id, digest in cursor.fetchall()}
