"""Orders: one row a line, the rows of one order together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.activity.facade import LineInput, OrderInput
from regulars.earning import facade as earning
from regulars.imports import cells
from regulars.imports.shapes.base import (
    Context,
    Field,
    ItemInvalid,
    ParsedRow,
    Verdict,
    VerdictStatus,
    agree,
    read_choice,
    read_member_id,
    read_word,
)
from regulars.imports.shapes.whose import find_or_create
from regulars.kit.ids import MemberId
from regulars.rules.facade import LineKind

OF_THE_ORDER = ("order_id", "member_id", "occurred_at", "store", "channel", "currency")
KINDS = {kind.value: kind for kind in LineKind}


@dataclass(frozen=True, slots=True)
class Order:
    """An order whose member is not looked up yet."""

    external_id: str
    member: str
    occurred_at: datetime
    currency: str
    store: str
    channel: str
    attributes: Mapping[str, Any]
    lines: tuple[LineInput, ...]

    def of(self, member_id: MemberId) -> OrderInput:
        """The order as earning takes it."""
        return OrderInput(
            external_id=self.external_id,
            member_id=member_id,
            occurred_at=self.occurred_at,
            currency=self.currency,
            lines=self.lines,
            store=self.store,
            channel=self.channel,
            attributes=self.attributes,
        )


class OrdersShape:
    """See Shape."""

    key = "order_id"
    grouped = True
    has_attributes = True
    remembers_keys = False

    def __init__(self, context: Context) -> None:
        self._context = context
        self.members_created = 0
        amount = context.read_amount
        self.fields = (
            Field("order_id", read_word, required=True, other_names=("order", "basket_id")),
            Field(
                "member_id",
                read_member_id,
                required=True,
                other_names=("member", "customer_id", "household_id"),
            ),
            Field(
                "occurred_at", context.read_instant, required=True, other_names=("ordered_at", "timestamp")
            ),
            Field("sku", read_word, required=True, other_names=("product_id",)),
            Field("quantity", cells.read_whole, required=True),
            Field("amount", amount, required=True),
            Field("discount", amount),
            Field("kind", read_choice(KINDS)),
            Field("line_no", cells.read_whole),
            Field("store", read_word, other_names=("store_id",)),
            Field("channel", read_word),
            Field("currency", read_word),
        )

    def build(self, rows: Sequence[ParsedRow]) -> Order:
        """See Shape."""
        attributes = {name: None for row in rows for name in row.values if name.startswith("attributes.")}
        order = agree(rows, [*OF_THE_ORDER, *attributes])
        currency = (order["currency"] or self._context.currency).upper()
        if currency != self._context.currency:
            raise ItemInvalid(f"is in {currency}, but the programme counts in {self._context.currency}")
        return Order(
            external_id=order["order_id"],
            member=order["member_id"],
            occurred_at=order["occurred_at"],
            currency=currency,
            store=order["store"] or "",
            channel=order["channel"] or "",
            attributes=rows[0].attributes,
            lines=tuple(_line(row, place) for place, row in enumerate(rows, start=1)),
        )

    def submit(self, items: Sequence[Order]) -> list[Verdict]:
        """See Shape."""
        context = self._context
        found = find_or_create(context, ((order.member, order.occurred_at) for order in items))
        self.members_created += found.created
        known = [order for order in items if order.member in found.ids]
        outcomes = iter(
            earning.submit_orders(
                actor=context.actor,
                now=context.now,
                batch=[order.of(found.ids[order.member]) for order in known],
            )
        )
        return [
            judge(next(outcomes))
            if order.member in found.ids
            else Verdict(VerdictStatus.REJECTED, found.reasons[order.member])
            for order in items
        ]


def _line(row: ParsedRow, place: int) -> LineInput:
    values = row.values
    return LineInput(
        line_no=values.get("line_no", place),
        sku=values["sku"],
        quantity=values["quantity"],
        amount=values["amount"],
        discount=values.get("discount", 0),
        kind=values.get("kind", LineKind.PRODUCT),
    )


def judge(outcome: earning.OrderOutcome | earning.EventOutcome | earning.ReturnOutcome) -> Verdict:
    """Earning's answer as a verdict."""
    match outcome.status:
        case earning.SubmitStatus.ACCEPTED:
            return Verdict(VerdictStatus.NEW, points=outcome.points)
        case earning.SubmitStatus.REPEATED:
            return Verdict(VerdictStatus.UNCHANGED)
        case earning.SubmitStatus.REFUSED:
            reason = outcome.refusal.detail if outcome.refusal else "was refused"
            return Verdict(VerdictStatus.REJECTED, reason)
