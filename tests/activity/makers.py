"""Short ways to say what was bought, brought back and done."""

from datetime import UTC, datetime, timedelta
from typing import Any

from regulars.activity.facade import EventInput, LineInput, OrderInput, ReturnInput, ReturnLineInput
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.members.facade import MemberInput, save_members

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def make_members(count: int, **fields: Any) -> list[MemberId]:
    """So many members, in the order of their ids."""
    batch = [MemberInput(external_id=f"m{number}", **fields) for number in range(count)]
    outcomes = save_members(actor=SYSTEM, now=NOON, batch=batch)
    return [outcome.member_id for outcome in outcomes if outcome.member_id is not None]


def line(line_no: int, amount: int = 1000, quantity: int = 1, **fields: Any) -> LineInput:
    return LineInput(
        line_no=line_no, sku=fields.pop("sku", f"sku{line_no}"), quantity=quantity, amount=amount, **fields
    )


def order(key: str, member_id: MemberId, *lines: LineInput, minutes: int = 0, **fields: Any) -> OrderInput:
    return OrderInput(
        external_id=key,
        member_id=member_id,
        occurred_at=fields.pop("occurred_at", NOON + timedelta(minutes=minutes)),
        currency=fields.pop("currency", "EUR"),
        lines=lines or (line(1),),
        **fields,
    )


def give_back(key: str, order_key: str, *lines: tuple[int, int, int | None], **fields: Any) -> ReturnInput:
    return ReturnInput(
        external_id=key,
        order_external_id=order_key,
        occurred_at=fields.pop("occurred_at", NOON + timedelta(days=1)),
        lines=tuple(ReturnLineInput(*row) for row in lines),
        **fields,
    )


def event(key: str, member_id: MemberId, kind: str = "visit", **fields: Any) -> EventInput:
    return EventInput(
        external_id=key,
        member_id=member_id,
        kind=kind,
        occurred_at=fields.pop("occurred_at", NOON),
        **fields,
    )
