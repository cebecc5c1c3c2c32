"""Orders, returns and events: one at a time, or up to 1,000 in one request."""

from collections import Counter
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from ninja import Router

from regulars.activity.facade import (
    EventInput,
    LineInput,
    OrderInput,
    ReturnInput,
    ReturnLineInput,
)
from regulars.api.auth import ApiKey, key_of
from regulars.api.batches import describe_problem, name_of, read_items
from regulars.api.refs import resolve_members, unknown
from regulars.api.replies import once, reply
from regulars.api.schemas.activity import (
    EventBatchIn,
    EventIn,
    EventResultOut,
    EventResultsOut,
    LineIn,
    OrderBatchIn,
    OrderIn,
    OrderResultOut,
    OrderResultsOut,
    ReturnBatchIn,
    ReturnIn,
    ReturnResultOut,
    ReturnResultsOut,
)
from regulars.earning import facade as earning
from regulars.earning.facade import EventOutcome, OrderOutcome, ReturnOutcome, SubmitStatus
from regulars.identity.facade import Scope
from regulars.kit.clock import utc_now
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId

router = Router(tags=["Activity"])


class _Outcome(Protocol):
    """What the outcomes of orders, returns and events share."""

    @property
    def status(self) -> SubmitStatus: ...

    @property
    def refusal(self) -> Refusal | None: ...


@router.post("/orders", auth=ApiKey(Scope.ORDERS_WRITE), response={200: OrderResultOut, 201: OrderResultOut})
@once
def submit_order(request: HttpRequest, order: OrderIn) -> HttpResponse:
    """Report an order; the points it earns are posted before the answer. Sent again, it changes nothing."""
    (result,) = _submit_orders(request, [order])
    return reply(_tell_order(order.external_id, result), _status(result))


@router.post("/orders/batch", auth=ApiKey(Scope.ORDERS_WRITE), response=OrderResultsOut)
@once
def submit_orders(request: HttpRequest, batch: OrderBatchIn) -> HttpResponse:
    """Report up to 1,000 orders, of any members and in any order of time, in one transaction."""
    read = read_items(OrderIn, batch.orders)
    done = iter(_submit_orders(request, [item for item in read if isinstance(item, OrderIn)]))
    results = [
        _tell_order(name_of(given), item if isinstance(item, Refusal) else next(done))
        for given, item in zip(batch.orders, read, strict=True)
    ]
    return reply(OrderResultsOut(results=results, **_count(results)))


@router.post(
    "/returns", auth=ApiKey(Scope.ORDERS_WRITE), response={200: ReturnResultOut, 201: ReturnResultOut}
)
@once
def submit_return(request: HttpRequest, returned: ReturnIn) -> HttpResponse:
    """Report a return: what the order gave for what came back is taken back, exactly."""
    (result,) = _submit_returns(request, [returned])
    return reply(_tell_return(returned.external_id, result), _status(result))


@router.post("/returns/batch", auth=ApiKey(Scope.ORDERS_WRITE), response=ReturnResultsOut)
@once
def submit_returns(request: HttpRequest, batch: ReturnBatchIn) -> HttpResponse:
    """Report up to 1,000 returns in one transaction."""
    read = read_items(ReturnIn, batch.returns)
    done = iter(_submit_returns(request, [item for item in read if isinstance(item, ReturnIn)]))
    results = [
        _tell_return(name_of(given), item if isinstance(item, Refusal) else next(done))
        for given, item in zip(batch.returns, read, strict=True)
    ]
    return reply(ReturnResultsOut(results=results, **_count(results)))


@router.post("/events", auth=ApiKey(Scope.EVENTS_WRITE), response={200: EventResultOut, 201: EventResultOut})
@once
def submit_event(request: HttpRequest, event: EventIn) -> HttpResponse:
    """Report something a member did other than buying: a sign-up, a review, a visit."""
    (result,) = _submit_events(request, [event])
    return reply(_tell_event(event.external_id, result), _status(result))


@router.post("/events/batch", auth=ApiKey(Scope.EVENTS_WRITE), response=EventResultsOut)
@once
def submit_events(request: HttpRequest, batch: EventBatchIn) -> HttpResponse:
    """Report up to 1,000 events in one transaction."""
    read = read_items(EventIn, batch.events)
    done = iter(_submit_events(request, [item for item in read if isinstance(item, EventIn)]))
    results = [
        _tell_event(name_of(given), item if isinstance(item, Refusal) else next(done))
        for given, item in zip(batch.events, read, strict=True)
    ]
    return reply(EventResultsOut(results=results, **_count(results)))


def number_lines(lines: Sequence[LineIn]) -> list[tuple[int, LineIn]]:
    """The lines with their numbers: as given, or from 1 in their order."""
    return [(index if line.line_no is None else line.line_no, line) for index, line in enumerate(lines, 1)]


def _submit_orders(request: HttpRequest, orders: Sequence[OrderIn]) -> list[OrderOutcome | Refusal]:
    found = resolve_members(order.member for order in orders)
    known = [order for order in orders if order.member in found]
    batch = [_order_input(order, found[order.member]) for order in known]
    actor = key_of(request).actor
    done = iter(earning.submit_orders(actor=actor, now=utc_now(), batch=batch) if batch else [])
    return [next(done) if order.member in found else unknown(order.member) for order in orders]


def _submit_returns(request: HttpRequest, returns: Sequence[ReturnIn]) -> list[ReturnOutcome | Refusal]:
    batch = [
        ReturnInput(
            external_id=returned.external_id,
            order_external_id=returned.order_external_id,
            occurred_at=returned.occurred_at,
            lines=tuple(ReturnLineInput(line.line_no, line.quantity, line.amount) for line in returned.lines),
        )
        for returned in returns
    ]
    actor = key_of(request).actor
    return list(earning.submit_returns(actor=actor, now=utc_now(), batch=batch)) if batch else []


def _submit_events(request: HttpRequest, events: Sequence[EventIn]) -> list[EventOutcome | Refusal]:
    found = resolve_members(event.member for event in events)
    batch = [
        EventInput(
            external_id=event.external_id,
            member_id=found[event.member],
            kind=event.kind,
            occurred_at=event.occurred_at,
            attributes=event.attributes,
        )
        for event in events
        if event.member in found
    ]
    actor = key_of(request).actor
    done = iter(earning.submit_events(actor=actor, now=utc_now(), batch=batch) if batch else [])
    return [next(done) if event.member in found else unknown(event.member) for event in events]


def _order_input(order: OrderIn, member_id: MemberId) -> OrderInput:
    lines = tuple(
        LineInput(number, line.sku, line.quantity, line.amount, line.discount, line.kind)
        for number, line in number_lines(order.lines)
    )
    return OrderInput(
        external_id=order.external_id,
        member_id=member_id,
        occurred_at=order.occurred_at,
        currency=order.currency,
        lines=lines,
        store=order.store,
        channel=order.channel,
        attributes=order.attributes,
    )


def _status(result: _Outcome | Refusal) -> HTTPStatus:
    """Raises the refusal where there is one."""
    if isinstance(result, Refusal):
        raise result
    if result.refusal is not None:
        raise result.refusal
    return HTTPStatus.OK if result.status is SubmitStatus.REPEATED else HTTPStatus.CREATED


def _facts(external_id: str | None, result: _Outcome | Refusal) -> dict[str, Any]:
    refusal = result if isinstance(result, Refusal) else result.refusal
    status = SubmitStatus.REFUSED if isinstance(result, Refusal) else result.status
    problem = describe_problem(refusal) if refusal is not None else None
    return {"external_id": external_id, "status": status, "problem": problem}


def _tell_order(external_id: str | None, result: OrderOutcome | Refusal) -> OrderResultOut:
    points = 0 if isinstance(result, Refusal) else result.points
    return OrderResultOut(**_facts(external_id, result), points=points)


def _tell_return(external_id: str | None, result: ReturnOutcome | Refusal) -> ReturnResultOut:
    facts = _facts(external_id, result)
    if isinstance(result, Refusal):
        return ReturnResultOut(**facts)
    return ReturnResultOut(**facts, points=result.points, into_debt=result.into_debt, waived=result.waived)


def _tell_event(external_id: str | None, result: EventOutcome | Refusal) -> EventResultOut:
    facts = _facts(external_id, result)
    if isinstance(result, Refusal):
        return EventResultOut(**facts)
    return EventResultOut(**facts, points=result.points, activated=result.activated)


def _count(results: Iterable[OrderResultOut | ReturnResultOut | EventResultOut]) -> dict[str, int]:
    counts = Counter(result.status for result in results)
    return {status.value: counts[status] for status in SubmitStatus}
