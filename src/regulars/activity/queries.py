"""Reads of activity."""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import Q, QuerySet

from regulars.activity.errors import UnknownOrder
from regulars.activity.models import Event, Order, OrderLine, Return, ReturnLine
from regulars.activity.types import EventSummary, HandledProduct, OrderDetail, OrderSummary, ReturnSummary
from regulars.activity.types import OrderLine as LineView
from regulars.kit.ids import EventId, MemberId, OrderId, ReturnId
from regulars.kit.paging import BadCursor, Page, clamp_page_size, decode_cursor, encode_cursor
from regulars.kit.statements import fetch_rows
from regulars.rules.facade import LineKind

_Row = TypeVar("_Row", Order, Return, Event)

_COUNT_BEFORE = """
SELECT member_id, count(*) FROM activity_order
WHERE member_id = ANY(%s::bigint[]) AND NOT returned_whole AND id <> ALL(%s::bigint[])
GROUP BY member_id
"""
# Asked for with pages that members wait for.
_SUMMARIES = """
SELECT id, external_id, member_id, occurred_at, recorded_at, currency, amount, lines_count, store, channel,
    attributes::text, simulated, returned_amount, returned_whole
FROM activity_order WHERE id = ANY(%s::bigint[])
"""
# Two looks at the end of an index for each member, however much they did.
LAST_ACTIVITY_SQL = """
SELECT asked.id, greatest(
    (SELECT max(occurred_at) FROM activity_order WHERE member_id = asked.id),
    (SELECT max(occurred_at) FROM activity_event WHERE member_id = asked.id)
) FROM unnest(%s::bigint[]) AS asked (id)
"""

# By way of the index of a member's orders; their lines lie side by side under the member.
_PRODUCTS = """
SELECT 'bought', l.sku, max(o.occurred_at), count(DISTINCT o.id)
FROM activity_order o JOIN activity_orderline l ON l.member_id = o.member_id AND l.order_id = o.id
WHERE o.member_id = ANY(%s::bigint[]) AND o.occurred_at >= %s::timestamptz
    AND o.occurred_at <= %s::timestamptz AND NOT o.returned_whole AND l.kind = 'product' AND l.sku <> ''
GROUP BY l.sku
UNION ALL
SELECT 'view', e.attributes ->> 'sku', max(e.occurred_at), count(*)
FROM activity_event e
WHERE e.member_id = ANY(%s::bigint[]) AND e.kind = 'view' AND e.occurred_at >= %s::timestamptz
    AND e.occurred_at <= %s::timestamptz AND jsonb_typeof(e.attributes -> 'sku') = 'string'
GROUP BY e.attributes ->> 'sku'
"""


def list_handled_products(
    *, member_ids: Collection[MemberId], bought_since: datetime, viewed_since: datetime, until: datetime
) -> list[HandledProduct]:
    """Which products members bought or looked at in a time, the latest first; `times`: orders, or views.

    Orders that came back whole are left out. One query, through the prepared lane.
    """
    who = _array(member_ids)
    end = until.isoformat()
    rows = fetch_rows(_PRODUCTS, (who, bought_since.isoformat(), end, who, viewed_since.isoformat(), end))
    found = [HandledProduct(sku, way == "bought", at, int(times)) for way, sku, at, times in rows]
    return sorted(found, key=lambda one: (one.last_at, one.sku), reverse=True)


def count_orders_before(
    member_ids: Collection[MemberId], *, excluding: Collection[OrderId] = ()
) -> dict[MemberId, int]:
    """How many orders each member has that did not come back whole, leaving out `excluding`.

    By arrival, not by time of purchase: what is given for the first order is given once, also where an
    earlier one arrives late. Members without any are left out of the answer.
    """
    if not member_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_BEFORE, [_array(member_ids), _array(excluding)])
        return dict(cursor.fetchall())


def get_order(order_id: OrderId) -> OrderDetail:
    """One order with its lines and what has come back of them. Raises UnknownOrder."""
    found = get_orders([order_id])
    if order_id not in found:
        raise UnknownOrder("There is no such order.", order_id=order_id)
    return found[order_id]


def find_order(external_id: str) -> OrderDetail | None:
    """One order with its lines by the shop's own number, or None."""
    order_id = Order.objects.filter(external_id=external_id).values_list("id", flat=True).first()
    return None if order_id is None else get_order(OrderId(order_id))


def find_order_owners(external_ids: Collection[str]) -> dict[str, MemberId]:
    """For whom orders were recorded, by the shop's own numbers; those unknown are left out. One query."""
    rows = Order.objects.filter(external_id__in=list(external_ids)).values_list("external_id", "member_id")
    return {key: MemberId(member_id) for key, member_id in rows}


def find_event_owners(external_ids: Collection[str]) -> dict[str, MemberId]:
    """For whom events were recorded, by the shop's own numbers; those unknown are left out. One query."""
    rows = Event.objects.filter(external_id__in=list(external_ids)).values_list("external_id", "member_id")
    return {key: MemberId(member_id) for key, member_id in rows}


def get_orders(order_ids: Collection[OrderId]) -> dict[OrderId, OrderDetail]:
    """Orders with their lines and what has come back of them, in three queries. Unknown ids are left out."""
    if not order_ids:
        return {}
    orders = {order.pk: order for order in Order.objects.filter(pk__in=list(order_ids))}
    if not orders:
        return {}
    member_ids = {order.member_id for order in orders.values()}
    returned: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for back in ReturnLine.objects.filter(member_id__in=member_ids, order_id__in=orders):
        sums = returned[back.order_id, back.line_no]
        sums[0] += back.quantity
        sums[1] += back.amount
    lines: dict[int, list[LineView]] = defaultdict(list)
    rows = OrderLine.objects.filter(member_id__in=member_ids, order_id__in=orders)
    for line in rows.order_by("order_id", "line_no"):
        quantity, amount = returned[line.order_id, line.line_no]
        lines[line.order_id].append(
            LineView(
                line_no=line.line_no,
                sku=line.sku,
                quantity=line.quantity,
                amount=line.amount,
                discount=line.discount,
                kind=LineKind(line.kind),
                returned_quantity=quantity,
                returned_amount=amount,
            )
        )
    return {
        OrderId(order.pk): OrderDetail(_summarise_order(order), tuple(lines[order.pk]))
        for order in orders.values()
    }


def get_order_summaries(order_ids: Collection[OrderId]) -> dict[OrderId, OrderSummary]:
    """Orders without their lines, in one query. Unknown ids are left out."""
    if not order_ids:
        return {}
    found: dict[OrderId, OrderSummary] = {}
    for row in fetch_rows(_SUMMARIES, (_array(order_ids),)):
        fields: list[Any] = [*row[:10], json.loads(row[10]), *row[11:]]
        found[row[0]] = OrderSummary(*fields)
    return found


def list_orders(
    *, member_id: MemberId, cursor: str | None = None, size: int | None = None
) -> Page[OrderSummary]:
    """A member's orders, latest first. Raises BadCursor."""
    size = clamp_page_size(size)
    before = _decode(cursor) if cursor else None
    rows = list(_latest(Order.objects.filter(member_id=member_id), before)[: size + 1])
    following = None
    if len(rows) > size:
        last = rows[size - 1]
        following = encode_cursor(last.occurred_at.isoformat(), last.pk)
    return Page(tuple(_summarise_order(row) for row in rows[:size]), following)


def search_orders(text: str, size: int) -> list[OrderSummary]:
    """Up to `size` orders whose shop's number begins with `text`, as written or in capitals. One query."""
    text = text.strip().replace("\0", "")
    if not text:
        return []
    begins = Q(external_id__startswith=text) | Q(external_id__startswith=text.upper())
    return [_summarise_order(row) for row in Order.objects.filter(begins).order_by("external_id")[:size]]


def find_last_activity(member_ids: Collection[MemberId]) -> dict[MemberId, datetime]:
    """When each member last bought or did something; those who never did are left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_ACTIVITY_SQL, [_array(member_ids)])
        return {MemberId(member_id): at for member_id, at in cursor.fetchall() if at is not None}


def list_returns(*, order_id: OrderId) -> list[ReturnSummary]:
    """What came back of one order, in the order in which it was recorded."""
    return list(_summarise_returns(Return.objects.filter(order_id=order_id).order_by("id")).values())


def get_returns(return_ids: Collection[ReturnId]) -> dict[ReturnId, ReturnSummary]:
    """Returns with their lines, in two queries, none where no id is given. Unknown ids are left out."""
    if not return_ids:
        return {}
    return _summarise_returns(Return.objects.filter(pk__in=list(return_ids)).order_by("id"))


def get_events(event_ids: Collection[EventId]) -> dict[EventId, EventSummary]:
    """Events by id, in one query, none where no id is given. Unknown ids are left out."""
    if not event_ids:
        return {}
    rows = Event.objects.filter(pk__in=list(event_ids))
    return {EventId(row.pk): summarise_event(row) for row in rows}


def list_events_of(
    *, member_ids: Collection[MemberId], kinds: Collection[str], since: datetime
) -> list[EventSummary]:
    """These members' events of these kinds from an instant on, in order of time."""
    rows = Event.objects.filter(member_id__in=list(member_ids), kind__in=list(kinds), occurred_at__gte=since)
    return [summarise_event(row) for row in rows.order_by("occurred_at", "id")]


def latest_orders(member_id: MemberId, before: tuple[datetime, int] | None, size: int) -> list[Order]:
    """Up to `size` of a member's orders, latest first, before a point of time."""
    return list(_latest(Order.objects.filter(member_id=member_id), before)[:size])


def latest_returns(member_id: MemberId, before: tuple[datetime, int] | None, size: int) -> list[Return]:
    """Up to `size` of a member's returns with their orders, latest first, before a point of time."""
    rows = Return.objects.filter(member_id=member_id).select_related("order")
    return list(_latest(rows, before)[:size])


def latest_events(member_id: MemberId, before: tuple[datetime, int] | None, size: int) -> list[Event]:
    """Up to `size` of a member's events, latest first, before a point of time."""
    return list(_latest(Event.objects.filter(member_id=member_id), before)[:size])


def _latest(rows: QuerySet[_Row], before: tuple[datetime, int] | None) -> QuerySet[_Row]:
    rows = rows.order_by("-occurred_at", "-id")
    if before is None:
        return rows
    instant, number = before
    return rows.filter(Q(occurred_at__lt=instant) | Q(id__lt=number), occurred_at__lte=instant)


def _array(numbers: Collection[int]) -> str:
    """An array as PostgreSQL reads it: for thousands of numbers a tenth of what adapting a list costs."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _decode(cursor: str) -> tuple[datetime, int]:
    instant, number = cast(tuple[str, int], decode_cursor(cursor, (str, int)))
    try:
        return datetime.fromisoformat(instant), number
    except ValueError:
        raise BadCursor("The cursor is not one that this server gave; start from the first page.") from None


def _summarise_order(order: Order) -> OrderSummary:
    return OrderSummary(
        id=OrderId(order.pk),
        external_id=order.external_id,
        member_id=MemberId(order.member_id),
        occurred_at=order.occurred_at,
        recorded_at=order.recorded_at,
        currency=order.currency,
        amount=order.amount,
        lines_count=order.lines_count,
        store=order.store,
        channel=order.channel,
        attributes=order.attributes,
        simulated=order.simulated,
        returned_amount=order.returned_amount,
        returned_whole=order.returned_whole,
    )


def _summarise_returns(rows: QuerySet[Return]) -> dict[ReturnId, ReturnSummary]:
    found = list(rows.select_related("order"))
    lines: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    if found:
        taken = ReturnLine.objects.filter(
            member_id__in={row.member_id for row in found},
            order_id__in={row.order_id for row in found},
            return_id__in=[row.pk for row in found],
        )
        for line in taken.order_by("return_id", "line_no"):
            lines[line.return_id].append((line.line_no, line.quantity, line.amount))
    return {
        ReturnId(row.pk): ReturnSummary(
            id=ReturnId(row.pk),
            external_id=row.external_id,
            order_id=OrderId(row.order_id),
            order_external_id=row.order.external_id,
            member_id=MemberId(row.member_id),
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            amount=row.amount,
            simulated=row.simulated,
            lines=tuple(lines[row.pk]),
        )
        for row in found
    }


def summarise_event(event: Event) -> EventSummary:
    """An event as it crosses the door."""
    attributes: dict[str, Any] = event.attributes
    return EventSummary(
        id=EventId(event.pk),
        external_id=event.external_id,
        member_id=MemberId(event.member_id),
        kind=event.kind,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        attributes=attributes,
        simulated=event.simulated,
    )
