"""Points that wait for an event: noted when they are posted, activated when the event is there.

An event activates what the member earned up to its time and awaits its kind. Where it names an order
(attribute `order`, the order's external id), only that order's points. Whichever arrives first, the
points or their event, the other finds it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from django.db import connection

from regulars.activity import facade as activity
from regulars.activity.facade import EventSummary
from regulars.earning.operations.awarding import Slip
from regulars.kit.actor import Actor
from regulars.kit.ids import AwardId, JournalSeq, MemberId, ProgrammeVersion
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency
from regulars.rules import facade as rules

ORDER_ATTRIBUTE = "order"
NOBODY: Mapping[MemberId, MemberId] = {}
_NOTE = """
INSERT INTO earning_awaited (
    member_id, award_id, seq, currency, kind, rule, reference, programme_version, occurred_at
)
SELECT * FROM unnest(
    %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::int[], %s::timestamptz[]
)
"""
_OPEN = """
SELECT member_id, award_id, seq, currency, kind, rule, reference, programme_version, occurred_at
FROM earning_awaited
WHERE member_id = ANY(%s) AND kind = ANY(%s) AND settled_at IS NULL
ORDER BY member_id, award_id, seq
"""
_SETTLE = """
UPDATE earning_awaited a SET settled_at = %s
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS k (member_id, award_id, seq)
WHERE a.member_id = k.member_id AND a.award_id = k.award_id AND a.seq = k.seq
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One credit that waits."""

    member_id: MemberId
    award_id: AwardId
    seq: JournalSeq
    currency: str
    kind: str
    rule: str
    reference: str
    programme_version: ProgrammeVersion
    occurred_at: datetime


def note_awaited(slips: Sequence[Slip]) -> list[Waiting]:
    """Note what was posted to wait for an event."""
    waiting = [
        Waiting(
            member_id=slip.occurrence.member_id,
            award_id=slip.award_id,
            seq=JournalSeq(seq),
            currency=posting.currency,
            kind=posting.awaits,
            rule=posting.rule,
            reference=slip.occurrence.reference,
            programme_version=slip.evaluation.version,
            occurred_at=slip.occurrence.occurred_at,
        )
        for slip in slips
        for posting, seq in zip(slip.evaluation.postings, slip.seqs, strict=True)
        if posting.awaits is not None
    ]
    if waiting:
        rows = [astuple(one) for one in waiting]
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [list(column) for column in zip(*rows, strict=True)])
    return waiting


def find_waiting(member_ids: Iterable[MemberId], kinds: Iterable[str]) -> list[Waiting]:
    """What of these members' points waits for events of these kinds."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [list(set(member_ids)), list(set(kinds))])
        return [Waiting(*row) for row in cursor.fetchall()]


def activate_by_past_events(*, actor: Actor, now: datetime, waiting: Sequence[Waiting]) -> None:
    """Activate what was posted just now where its event has arrived before it."""
    if not waiting:
        return
    events = activity.list_events_of(
        member_ids={one.member_id for one in waiting},
        kinds={one.kind for one in waiting},
        since=min(one.occurred_at for one in waiting),
    )
    activate(actor=actor, now=now, waiting=waiting, events=events)


def activate(
    *,
    actor: Actor,
    now: datetime,
    waiting: Sequence[Waiting],
    events: Sequence[EventSummary],
    merged: Mapping[MemberId, MemberId] = NOBODY,
) -> dict[int, int]:
    """Activate each waiting credit by the earliest event that frees it; answer points by event.

    What waits for a `merged` member, the survivor's events free. The caller holds the members' wallets.
    """
    activated: dict[int, int] = {}
    settled = []
    by_time = sorted(events, key=lambda event: (event.occurred_at, event.id))
    for one in waiting:
        person = merged.get(one.member_id, one.member_id)
        event = next((event for event in by_time if _frees(event, one, person)), None)
        if event is None:
            continue
        settled.append(one)
        points = _activate_one(actor, now, one, event)
        activated[event.id] = activated.get(event.id, 0) + points
    if settled:
        with connection.cursor() as cursor:
            cursor.execute(
                _SETTLE,
                [
                    now,
                    [one.member_id for one in settled],
                    [one.award_id for one in settled],
                    [one.seq for one in settled],
                ],
            )
    return activated


def _frees(event: EventSummary, one: Waiting, person: MemberId) -> bool:
    if event.member_id != person or event.kind != one.kind or event.occurred_at < one.occurred_at:
        return False
    order = event.attributes.get(ORDER_ATTRIBUTE)
    return order is None or order == one.reference


def _activate_one(actor: Actor, now: datetime, one: Waiting, event: EventSummary) -> int:
    expires_at = rules.resolve_expiry(rules.get_programme(one.programme_version), one.rule, event.occurred_at)
    currency = Currency(one.currency)

    def begin(member_id: MemberId, seq: JournalSeq) -> int:
        receipt = ledger.activate(
            actor=actor,
            now=now,
            member_id=member_id,
            currency=currency,
            seq=seq,
            expires_at=expires_at,
            key=f"event:{event.id}:{one.award_id}:{one.seq}",
            source=f"event:{event.id}",
            occurred_at=event.occurred_at,
        )
        return receipt.amount if currency is Currency.POINTS else 0

    try:
        return begin(one.member_id, one.seq)
    except ledger.NotPending:
        # It waits with the survivor of a merge; or was returned in the meantime, and nothing is left to wait.
        carried = ledger.find_carried_pending(one.member_id, currency, one.seq)
        return begin(*carried) if carried else 0
