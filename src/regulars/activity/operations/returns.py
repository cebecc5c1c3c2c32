"""Returns are recorded: each once, by its external id, and never more than was bought."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from regulars.activity.errors import (
    InvalidReturn,
    ReturnExceedsOrder,
    ReturnKeyConflict,
    UnknownLine,
    UnknownOrder,
)
from regulars.activity.operations.ahead import find_taken
from regulars.activity.policies import PreparedReturn, measure_return, prepare_return, resolve_amount
from regulars.activity.types import (
    RecordedReturn,
    RecordStatus,
    ReturnedLine,
    ReturnInput,
    ReturnLineInput,
)
from regulars.kit.actor import Actor
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId, OrderId, ReturnId
from regulars.rules.facade import LineKind
from regulars.trail.facade import require_transaction

_LOCK_ORDERS = """
SELECT external_id, id, member_id FROM activity_order
WHERE external_id = ANY(%s) ORDER BY id FOR UPDATE
"""
_FIND = """
SELECT external_id, id, order_id, member_id, fingerprint FROM activity_return
WHERE external_id = ANY(%s)
"""
_LINES = """
SELECT l.order_id, l.line_no, l.quantity, l.amount, l.kind,
       coalesce(r.quantity, 0), coalesce(r.amount, 0), r.order_id IS NOT NULL
FROM unnest(%(members)s::bigint[], %(orders)s::bigint[]) AS o (member_id, order_id)
JOIN activity_orderline l ON l.member_id = o.member_id AND l.order_id = o.order_id
LEFT JOIN (
    SELECT order_id, line_no, sum(quantity) AS quantity, sum(amount) AS amount
    FROM activity_returnline
    WHERE member_id = ANY(%(members)s) AND order_id = ANY(%(orders)s)
    GROUP BY order_id, line_no
) r ON r.order_id = l.order_id AND r.line_no = l.line_no
"""
_INSERT = """
INSERT INTO activity_return (
    member_id, order_id, external_id, occurred_at, recorded_at, recorded_by, amount, simulated, fingerprint
)
SELECT m, o, x, t, %(now)s, %(actor)s, a, u, decode(f, 'hex')
FROM json_to_recordset(%(rows)s::json) AS r (
    m bigint, o bigint, x text, t timestamptz, a bigint, u boolean, f text
)
ORDER BY x
ON CONFLICT (external_id) DO NOTHING
RETURNING external_id, id
"""
_COPY = "COPY activity_returnline (member_id, order_id, return_id, line_no, quantity, amount) FROM STDIN"
_MARK_ORDERS = """
UPDATE activity_order o SET returned_amount = r.a, returned_whole = r.w
FROM json_to_recordset(%s::json) AS r (i bigint, a bigint, w boolean)
WHERE o.id = r.i
"""
INCIDENTAL = frozenset({LineKind.SHIPPING, LineKind.TAX, LineKind.FEE})
"""Kinds of line that need not come back for an order to count as wholly returned."""


@dataclass(slots=True)
class _Line:
    """A line of an order, and what has come back of it so far."""

    quantity: int
    amount: int
    kind: str
    returned_quantity: int
    returned_amount: int
    touched: bool

    @property
    def is_back(self) -> bool:
        part, whole = measure_return(
            bought_quantity=self.quantity,
            bought_amount=self.amount,
            quantity=self.returned_quantity,
            amount=self.returned_amount,
        )
        return self.touched and part == whole


@dataclass(slots=True)
class _Order:
    """An order that is locked."""

    id: OrderId
    member_id: MemberId
    lines: dict[int, _Line] = field(default_factory=dict)

    @property
    def returned_amount(self) -> int:
        return sum(line.returned_amount for line in self.lines.values())

    @property
    def is_back(self) -> bool:
        goods = [line for line in self.lines.values() if line.kind not in INCIDENTAL]
        return all(line.is_back for line in goods or self.lines.values())


_Fresh = dict[str, tuple[PreparedReturn, _Order, tuple[ReturnedLine, ...]]]
"""The new returns of a batch by key, each with its locked order and what it takes of each line."""


class _KeyTaken(Exception):
    """Another transaction used one of our keys, for another order, between look and insert."""


def record_returns(*, actor: Actor, now: datetime, batch: Sequence[ReturnInput]) -> list[RecordedReturn]:
    """Record the returns that are new; tell of each row what became of it. One bad row stops no other.

    A step inside the caller's transaction. Returns of one order within the batch count on each other, in
    the batch's order. Locks the orders named, ascending, then the keys of the new returns, ascending.
    """
    require_transaction()
    taken = find_taken(batch, now, _find)
    drafts = [_prepare(reported, None if reported.external_id in taken else now) for reported in batch]
    while True:
        try:
            with transaction.atomic():
                return _record(actor, now, drafts)
        except _KeyTaken:
            continue  # the other transaction has committed: this time its rows are seen


def _prepare(reported: ReturnInput, now: datetime | None) -> PreparedReturn | RecordedReturn:
    try:
        return prepare_return(reported, now=now)
    except Refusal as refusal:
        return _refuse(reported.external_id, refusal)


def _refuse(key: str, refusal: Refusal) -> RecordedReturn:
    is_conflict = isinstance(refusal, ReturnKeyConflict)
    status = RecordStatus.CONFLICT if is_conflict else RecordStatus.REFUSED
    return RecordedReturn(key, status, refusal=refusal.with_traceback(None))


def _record(
    actor: Actor, now: datetime, drafts: Sequence[PreparedReturn | RecordedReturn]
) -> list[RecordedReturn]:
    candidates = [draft.reported for draft in drafts if isinstance(draft, PreparedReturn)]
    orders = _lock_orders({reported.order_external_id for reported in candidates})
    known = _find({reported.external_id for reported in candidates})
    _load_lines(orders, {row.order_external_id for row in candidates if row.external_id not in known})
    fresh: _Fresh = {}
    outcomes: list[RecordedReturn | str] = []
    for draft in drafts:
        if isinstance(draft, RecordedReturn):
            outcomes.append(draft)
            continue
        key = draft.reported.external_id
        try:
            outcomes.append(_judge(draft, known[key]) if key in known else _accept(draft, orders, fresh))
        except Refusal as refusal:
            outcomes.append(_refuse(key, refusal))
    new = _insert(actor, now, fresh)
    _copy_lines(fresh, new)
    _mark_orders({order.id: order for _, order, _ in fresh.values()}.values())
    return _answer(outcomes, fresh, new)


def _accept(draft: PreparedReturn, orders: dict[str, _Order], fresh: _Fresh) -> str:
    """Take a return that is not known from before, or find it a second time in the batch; answer its key."""
    key = draft.reported.external_id
    if key in fresh:
        if fresh[key][0].fingerprint != draft.fingerprint:
            raise _conflict(key)
        return key
    order = orders.get(draft.reported.order_external_id)
    if order is None:
        raise UnknownOrder(
            f"There is no order {draft.reported.order_external_id}; send the order first.",
            order_external_id=draft.reported.order_external_id,
        )
    fresh[key] = (draft, order, _take_back(order, draft.reported))
    return key


def _answer(
    outcomes: list[RecordedReturn | str], fresh: _Fresh, new: dict[str, ReturnId]
) -> list[RecordedReturn]:
    answers = []
    seen: set[str] = set()
    for outcome in outcomes:
        if isinstance(outcome, RecordedReturn):
            answers.append(outcome)
            continue
        draft, order, lines = fresh[outcome]
        status = RecordStatus.REPEATED if outcome in seen else RecordStatus.NEW
        seen.add(outcome)
        ids = (new[outcome], order.id, order.member_id)
        answers.append(RecordedReturn(outcome, status, *ids, draft.occurred_at, lines))
    return answers


def _take_back(order: _Order, reported: ReturnInput) -> tuple[ReturnedLine, ...]:
    """Count the return's lines against what was bought: all of them, or, refused, none."""
    taken = tuple(_check_line(order, line) for line in reported.lines)
    for line in taken:
        state = order.lines[line.line_no]
        state.returned_quantity += line.quantity
        state.returned_amount += line.amount
        state.touched = True
    return taken


def _check_line(order: _Order, line: ReturnLineInput) -> ReturnedLine:
    state = order.lines.get(line.line_no)
    if state is None:
        raise UnknownLine(f"The order has no line {line.line_no}.", line_no=line.line_no)
    amount = line.amount
    if amount is None:
        amount = resolve_amount(
            bought_quantity=state.quantity,
            bought_amount=state.amount,
            quantity_after=state.returned_quantity + line.quantity,
            amount_before=state.returned_amount,
        )
    quantity_left = state.quantity - state.returned_quantity
    amount_left = state.amount - state.returned_amount
    is_empty = state.quantity == 0 and state.amount == 0
    if line.quantity > quantity_left or amount > amount_left or (is_empty and state.touched):
        raise ReturnExceedsOrder(
            f"Of line {line.line_no} only {quantity_left} pieces, {amount_left} minor units, are left.",
            line_no=line.line_no,
            quantity_left=quantity_left,
            amount_left=amount_left,
        )
    if line.quantity == 0 and amount == 0 and not is_empty:
        raise InvalidReturn(f"Of line {line.line_no} nothing comes back.", line_no=line.line_no)
    return ReturnedLine(
        line_no=line.line_no,
        bought_quantity=state.quantity,
        bought_amount=state.amount,
        quantity_before=state.returned_quantity,
        amount_before=state.returned_amount,
        quantity=line.quantity,
        amount=amount,
    )


def _judge(prepared: PreparedReturn, known: tuple[ReturnId, OrderId, MemberId, bytes]) -> RecordedReturn:
    return_id, order_id, member_id, digest = known
    if digest != prepared.fingerprint:
        raise _conflict(prepared.reported.external_id)
    return RecordedReturn(
        prepared.reported.external_id,
        RecordStatus.REPEATED,
        return_id,
        order_id,
        member_id,
        prepared.occurred_at,
    )


def _conflict(key: str) -> ReturnKeyConflict:
    return ReturnKeyConflict(f"Return {key} is known with other content.", external_id=key)


def _lock_orders(keys: set[str]) -> dict[str, _Order]:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ORDERS, [list(keys)])
        return {key: _Order(order_id, member_id) for key, order_id, member_id in cursor.fetchall()}


def _find(keys: set[str]) -> dict[str, tuple[ReturnId, OrderId, MemberId, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [list(keys)])
        return {key: (*ids, bytes(digest)) for key, *ids, digest in cursor.fetchall()}


def _load_lines(orders: dict[str, _Order], keys: Iterable[str]) -> None:
    wanted = {orders[key].id: orders[key] for key in keys if key in orders}
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _LINES,
            {"members": [order.member_id for order in wanted.values()], "orders": list(wanted)},
        )
        for order_id, line_no, *state in cursor.fetchall():
            quantity, amount, kind, returned_quantity, returned_amount, touched = state
            wanted[order_id].lines[line_no] = _Line(
                quantity, amount, kind, int(returned_quantity), int(returned_amount), touched
            )


def _insert(
    actor: Actor,
    now: datetime,
    fresh: _Fresh,
) -> dict[str, ReturnId]:
    if not fresh:
        return {}
    rows: list[dict[str, Any]] = [
        {
            "m": order.member_id,
            "o": order.id,
            "x": key,
            "t": prepared.occurred_at.isoformat(),
            "a": sum(line.amount for line in lines),
            "u": prepared.reported.simulated,
            "f": prepared.fingerprint.hex(),
        }
        for key, (prepared, order, lines) in fresh.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT, {"now": now, "actor": str(actor), "rows": json.dumps(rows, ensure_ascii=False)}
        )
        new: dict[str, ReturnId] = dict(cursor.fetchall())
    if len(new) != len(fresh):
        raise _KeyTaken
    return new


def _copy_lines(fresh: _Fresh, new: dict[str, ReturnId]) -> None:
    if not new:
        return
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for key, (_, order, lines) in fresh.items():
            for line in lines:
                copy.write_row(
                    (order.member_id, order.id, new[key], line.line_no, line.quantity, line.amount)
                )


def _mark_orders(orders: Iterable[_Order]) -> None:
    rows = [{"i": order.id, "a": order.returned_amount, "w": order.is_back} for order in orders]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_MARK_ORDERS, [json.dumps(rows)])
