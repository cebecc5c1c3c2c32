"""Points that lapse by inactivity live on with every activity."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from regulars.earning.operations.awarding import Occurrence, Slip
from regulars.earning.types import SourceKind
from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency
from regulars.rules import facade as rules
from regulars.rules.facade import Expiry, ExpiryKind, Happening, Programme

BEFALLS = frozenset({"birthday"})
"""Kinds of events that come by themselves: no sign of life of the member."""


def extend_by_activity(*, actor: Actor, now: datetime, kind: SourceKind, slips: Sequence[Slip]) -> None:
    """Carry on what would lapse by inactivity, where the programme of the activity's time has such points.

    The caller holds the members' wallets. What had lapsed before an activity stays lapsed: where a batch
    tells of a long time, the expiry is moved step by step, as it would have been at the time.
    """
    by_member: dict[MemberId, list[tuple[Occurrence, datetime]]] = defaultdict(list)
    for slip in slips:
        occurrence = slip.occurrence
        if isinstance(occurrence.what, Happening) and occurrence.what.kind in BEFALLS:
            continue
        until = _live_until(occurrence.programme, occurrence.occurred_at)
        if until is not None:
            by_member[occurrence.member_id].append((occurrence, until))
    for activities in by_member.values():
        for occurrence, until in _pick_steps(activities):
            source = f"{kind}:{occurrence.source_id}"
            ledger.extend_sliding(
                actor=actor,
                now=min(now, occurrence.occurred_at),
                member_id=occurrence.member_id,
                currency=Currency.POINTS,
                until=until,
                key=f"{source}:slide",
                source=source,
            )


def _live_until(programme: Programme, instant: datetime) -> datetime | None:
    """Until when an activity carries points, by the longest inactivity that the programme allows."""
    ends = [rules.resolve_expiry(programme, expiry, instant) for expiry in _list_inactivity(programme)]
    return max((end for end in ends if end is not None), default=None)


def _list_inactivity(programme: Programme) -> list[Expiry]:
    every = [programme.expiry, *(rule.expiry for rule in programme.rules if rule.expiry is not None)]
    return [expiry for expiry in every if expiry.kind is ExpiryKind.INACTIVITY]


def _pick_steps(activities: Sequence[tuple[Occurrence, datetime]]) -> list[tuple[Occurrence, datetime]]:
    """The first and the last activity, and between them as few as let nothing lapse that did not.

    `activities` are in order of time.
    """
    steps = [activities[0]]
    for before, after in pairwise(activities):
        if after[0].occurred_at >= steps[-1][1] and steps[-1] is not before:
            steps.append(before)
    if steps[-1] is not activities[-1]:
        steps.append(activities[-1])
    return steps
