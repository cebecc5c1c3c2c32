"""What activity adds to a member's one timeline: orders, returns, events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from regulars.activity.models import Event, Order, Return
from regulars.activity.queries import latest_events, latest_orders, latest_returns
from regulars.kit.ids import MemberId
from regulars.kit.money import format_money
from regulars.members.facade import TimelineEntry, TimelinePoint

EVENT_TITLES = {
    "sign_up": _("Signed up"),
    "birthday": _("Birthday"),
    "visit": _("Visit"),
    "review": _("Wrote a review"),
    "share": _("Shared with friends"),
    "survey": _("Answered a survey"),
}


@dataclass(frozen=True, slots=True)
class ActivitySource:
    """One kind of activity as a source of the timeline."""

    name: str
    read: Callable[[MemberId, TimelinePoint | None, int], Sequence[TimelineEntry]]

    def list_entries(
        self, member_id: MemberId, *, before: TimelinePoint | None, size: int
    ) -> Sequence[TimelineEntry]:
        """The latest entries before a point, by one indexed read."""
        return self.read(member_id, before, size)


def _list_orders(member_id: MemberId, before: TimelinePoint | None, size: int) -> list[TimelineEntry]:
    return [_tell_order(order) for order in latest_orders(member_id, _point(before), size)]


def _list_returns(member_id: MemberId, before: TimelinePoint | None, size: int) -> list[TimelineEntry]:
    return [_tell_return(back) for back in latest_returns(member_id, _point(before), size)]


def _list_events(member_id: MemberId, before: TimelinePoint | None, size: int) -> list[TimelineEntry]:
    return [_tell_event(event) for event in latest_events(member_id, _point(before), size)]


def _point(before: TimelinePoint | None) -> tuple[datetime, int] | None:
    return None if before is None else (before.occurred_at, before.ref)


def _tell_order(order: Order) -> TimelineEntry:
    return TimelineEntry(
        occurred_at=order.occurred_at,
        kind="order",
        title=format_lazy(_("Order {number}"), number=order.external_id),
        detail=format_money(order.amount, order.currency),
        link_ref=f"order:{order.pk}",
        ref=order.pk,
    )


def _tell_return(back: Return) -> TimelineEntry:
    return TimelineEntry(
        occurred_at=back.occurred_at,
        kind="return",
        title=format_lazy(_("Return from order {number}"), number=back.order.external_id),
        detail=format_money(back.amount, back.order.currency),
        link_ref=f"order:{back.order_id}",
        ref=back.pk,
    )


def _tell_event(event: Event) -> TimelineEntry:
    return TimelineEntry(
        occurred_at=event.occurred_at,
        kind="event",
        title=EVENT_TITLES.get(event.kind) or event.kind.replace("_", " ").capitalize(),
        link_ref=f"event:{event.pk}",
        ref=event.pk,
    )


SOURCES = (
    ActivitySource("orders", _list_orders),
    ActivitySource("returns", _list_returns),
    ActivitySource("events", _list_events),
)
