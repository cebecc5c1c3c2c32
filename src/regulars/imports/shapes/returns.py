"""Returns: one row a returned line, the rows of one return together."""

from collections.abc import Sequence

from regulars.activity.facade import ReturnInput, ReturnLineInput
from regulars.earning import facade as earning
from regulars.imports import cells
from regulars.imports.shapes.base import Context, Field, ParsedRow, Verdict, agree, read_word
from regulars.imports.shapes.orders import judge

OF_THE_RETURN = ("return_id", "order_id", "occurred_at")


class ReturnsShape:
    """See Shape."""

    key = "return_id"
    grouped = True
    has_attributes = False
    remembers_keys = False
    members_created = 0

    def __init__(self, context: Context) -> None:
        self._context = context
        self.fields = (
            Field("return_id", read_word, required=True, other_names=("return",)),
            Field("order_id", read_word, required=True, other_names=("order", "basket_id")),
            Field(
                "occurred_at", context.read_instant, required=True, other_names=("returned_at", "timestamp")
            ),
            Field("line_no", cells.read_whole, required=True),
            Field("quantity", cells.read_whole),
            Field("amount", context.read_amount),
        )

    def build(self, rows: Sequence[ParsedRow]) -> ReturnInput:
        """See Shape."""
        told = agree(rows, OF_THE_RETURN)
        return ReturnInput(
            external_id=told["return_id"],
            order_external_id=told["order_id"],
            occurred_at=told["occurred_at"],
            lines=tuple(
                ReturnLineInput(
                    row.values["line_no"], row.values.get("quantity", 0), row.values.get("amount")
                )
                for row in rows
            ),
        )

    def submit(self, items: Sequence[ReturnInput]) -> list[Verdict]:
        """See Shape."""
        context = self._context
        outcomes = earning.submit_returns(actor=context.actor, now=context.now, batch=items)
        return [judge(outcome) for outcome in outcomes]
