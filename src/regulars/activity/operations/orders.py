"""Orders are recorded: each once, by its external id, with its lines."""

from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.activity.errors import OrderKeyConflict, UnknownMember
from regulars.activity.operations.ahead import find_taken
from regulars.activity.policies import SEPARATOR, PreparedOrder, prepare_order
from regulars.activity.types import OrderInput, RecordedOrder, RecordStatus
from regulars.kit.actor import Actor
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId, OrderId
from regulars.members import facade as members
from regulars.trail.facade import require_transaction

# Columns as texts: for thousands of rows a fraction of what JSON or adapted lists cost. One empty text
# reads as no text at all, which is why some are coalesced.
_INSERT = r"""
INSERT INTO activity_order (
    member_id, external_id, occurred_at, recorded_at, recorded_by, currency, amount, lines_count,
    store, channel, attributes, simulated, fingerprint, returned_amount, returned_whole
)
SELECT m, x, t, %s, %s, c, a, n, coalesce(s, ''), coalesce(h, ''), j::jsonb, u, decode(f, 'hex'), 0, false
FROM unnest(
    %s::bigint[], string_to_array(%s, E'\x1f'), %s::timestamptz[], string_to_array(%s, E'\x1f'),
    %s::bigint[], %s::integer[], string_to_array(%s, E'\x1f'), string_to_array(%s, E'\x1f'),
    string_to_array(%s, E'\x1f'), %s::boolean[], string_to_array(%s, E'\x1f')
) AS r (m, x, t, c, a, n, s, h, j, u, f)
ORDER BY x
ON CONFLICT (external_id) DO NOTHING
RETURNING external_id, id
"""
_FIND = "SELECT external_id, id, fingerprint FROM activity_order WHERE external_id = ANY(%s)"
_COPY = (
    "COPY activity_orderline (member_id, order_id, line_no, quantity, amount, discount, sku, kind) FROM STDIN"
)
COPY_CHUNK_ORDERS = 500


def record_orders(
    *,
    actor: Actor,
    now: datetime,
    batch: Sequence[OrderInput],
    known_members: Container[MemberId] | None = None,
) -> list[RecordedOrder]:
    """Record the orders that are new; tell of each row what became of it. One bad row stops no other.

    A step inside the caller's transaction. `known_members` spares a look-up of members where the caller
    has made it. Locks the keys of the new orders, ascending: a second batch with the same order waits.
    """
    require_transaction()
    if known_members is None:
        known_members = members.get_traits({order.member_id for order in batch})
    outcomes: list[RecordedOrder | None] = [None] * len(batch)
    prepared: dict[str, PreparedOrder] = {}
    rows: list[tuple[int, str, bytes]] = []
    skus: dict[str, str] = {}
    taken = find_taken(batch, now, _find)
    for index, order in enumerate(batch):
        try:
            if order.member_id not in known_members:
                raise UnknownMember("The order names a member who does not exist.")
            judged_at = None if order.external_id in taken else now
            candidate = prepare_order(order, now=judged_at, skus=skus)
        except Refusal as refusal:
            outcomes[index] = RecordedOrder(
                order.external_id, RecordStatus.REFUSED, refusal=refusal.with_traceback(None)
            )
            continue
        prepared.setdefault(order.external_id, candidate)
        rows.append((index, order.external_id, candidate.fingerprint))
    new = _insert(actor, now, prepared)
    known = _find(prepared.keys() - new.keys())
    seen: set[str] = set()
    for index, key, digest in rows:
        if key in new:
            first = key not in seen
            seen.add(key)
            outcomes[index] = _judge(key, digest, new[key], prepared[key].fingerprint, first=first)
        else:
            order_id, recorded = known[key]
            outcomes[index] = _judge(key, digest, order_id, recorded, first=False)
    _copy_lines([(prepared[key], order_id) for key, order_id in new.items()])
    return [outcome for outcome in outcomes if outcome is not None]


def _judge(key: str, digest: bytes, order_id: OrderId, recorded: bytes, *, first: bool) -> RecordedOrder:
    if first:
        return RecordedOrder(key, RecordStatus.NEW, order_id)
    if digest == recorded:
        return RecordedOrder(key, RecordStatus.REPEATED, order_id)
    refusal = OrderKeyConflict(f"Order {key} is known with other content.", external_id=key)
    return RecordedOrder(key, RecordStatus.CONFLICT, refusal=refusal)


def _insert(actor: Actor, now: datetime, prepared: dict[str, PreparedOrder]) -> dict[str, OrderId]:
    if not prepared:
        return {}
    rows = list(prepared.values())
    columns = (
        _array([row.order.member_id for row in rows]),
        SEPARATOR.join(prepared),
        _array([row.occurred_at.isoformat() for row in rows]),
        SEPARATOR.join([row.order.currency for row in rows]),
        _array([row.amount for row in rows]),
        _array([len(row.tails) for row in rows]),
        SEPARATOR.join([row.order.store for row in rows]),
        SEPARATOR.join([row.order.channel for row in rows]),
        SEPARATOR.join([row.attributes for row in rows]),
        _array([row.order.simulated for row in rows]),
        SEPARATOR.join([row.fingerprint.hex() for row in rows]),
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [now, str(actor), *columns])
        return dict(cursor.fetchall())


def _array(values: list[Any]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _find(keys: set[str]) -> dict[str, tuple[OrderId, bytes]]:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [list(keys)])
        return {key: (order_id, bytes(digest)) for key, order_id, digest in cursor.fetchall()}


def _copy_lines(orders: list[tuple[PreparedOrder, OrderId]]) -> None:
    """Send the lines in key order, so that the primary key's pages are met in order."""
    if not orders:
        return
    orders.sort(key=lambda row: (row[0].order.member_id, row[1]))
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for start in range(0, len(orders), COPY_CHUNK_ORDERS):
            parts = []
            for candidate, order_id in orders[start : start + COPY_CHUNK_ORDERS]:
                head = f"{candidate.order.member_id}\t{order_id}\t"
                parts.append(head + head.join(candidate.tails))
            copy.write("".join(parts).encode())
