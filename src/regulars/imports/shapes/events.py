"""Events: what members did, one row each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.activity.facade import EventInput
from regulars.earning import facade as earning
from regulars.imports.shapes.base import (
    Context,
    Field,
    ParsedRow,
    Verdict,
    VerdictStatus,
    read_member_id,
    read_word,
)
from regulars.imports.shapes.orders import judge
from regulars.imports.shapes.whose import find_or_create
from regulars.kit.ids import MemberId


@dataclass(frozen=True, slots=True)
class Event:
    """An event whose member is not looked up yet."""

    external_id: str
    member: str
    kind: str
    occurred_at: datetime
    occasion: str
    attributes: Mapping[str, Any]

    def of(self, member_id: MemberId) -> EventInput:
        """The event as earning takes it."""
        return EventInput(
            external_id=self.external_id,
            member_id=member_id,
            kind=self.kind,
            occurred_at=self.occurred_at,
            attributes=self.attributes,
            occasion=self.occasion,
        )


class EventsShape:
    """See Shape."""

    key = "event_id"
    grouped = False
    has_attributes = True
    remembers_keys = False

    def __init__(self, context: Context) -> None:
        self._context = context
        self.members_created = 0
        self.fields = (
            Field("event_id", read_word, required=True, other_names=("event",)),
            Field("member_id", read_member_id, required=True, other_names=("member", "customer_id")),
            Field("kind", read_word, required=True, other_names=("type",)),
            Field("occurred_at", context.read_instant, required=True, other_names=("timestamp",)),
            Field("occasion", read_word),
        )

    def build(self, rows: Sequence[ParsedRow]) -> Event:
        """See Shape."""
        values = rows[0].values
        return Event(
            external_id=values["event_id"],
            member=values["member_id"],
            kind=values["kind"],
            occurred_at=values["occurred_at"],
            occasion=values.get("occasion", ""),
            attributes=rows[0].attributes,
        )

    def submit(self, items: Sequence[Event]) -> list[Verdict]:
        """See Shape."""
        context = self._context
        found = find_or_create(context, ((event.member, event.occurred_at) for event in items))
        self.members_created += found.created
        known = [event for event in items if event.member in found.ids]
        outcomes = iter(
            earning.submit_events(
                actor=context.actor,
                now=context.now,
                batch=[event.of(found.ids[event.member]) for event in known],
            )
        )
        return [
            judge(next(outcomes))
            if event.member in found.ids
            else Verdict(VerdictStatus.REJECTED, found.reasons[event.member])
            for event in items
        ]
