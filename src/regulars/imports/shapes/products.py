"""Products: one row each; what the file says replaces what is stored."""

from collections.abc import Sequence
from typing import Any

from regulars.catalogue import facade as catalogue
from regulars.imports import cells
from regulars.imports.shapes.base import Context, Field, ParsedRow, Verdict, VerdictStatus, read_word

VERDICTS = {
    catalogue.SaveStatus.CREATED: VerdictStatus.NEW,
    catalogue.SaveStatus.UPDATED: VerdictStatus.CHANGED,
    catalogue.SaveStatus.UNCHANGED: VerdictStatus.UNCHANGED,
    catalogue.SaveStatus.REFUSED: VerdictStatus.REJECTED,
}


class ProductsShape:
    """See Shape."""

    key = "sku"
    grouped = False
    has_attributes = False
    remembers_keys = True
    members_created = 0

    def __init__(self, context: Context) -> None:
        self._context = context
        self.fields = (
            Field("sku", read_word, required=True, other_names=("product_id",)),
            Field("name", read_word, required=True, other_names=("title", "product_name")),
            Field("brand", read_word),
            Field("categories", read_path, other_names=("category",)),
            Field("price", context.read_amount),
            Field("active", cells.read_truth),
            Field("cost", context.read_amount, other_names=("unit_cost",)),
            Field("url", read_word, other_names=("link", "product_url")),
        )

    def build(self, rows: Sequence[ParsedRow]) -> catalogue.ProductInput:
        """See Shape."""
        return catalogue.ProductInput(**rows[0].values)

    def submit(self, items: Sequence[catalogue.ProductInput]) -> list[Verdict]:
        """See Shape."""
        context = self._context
        outcomes = catalogue.save_products(actor=context.actor, now=context.now, batch=items)
        return [Verdict(VERDICTS[outcome.status], outcome.refusal) for outcome in outcomes]


def read_path(value: Any) -> tuple[str, ...]:
    """Categories from the broadest to the narrowest: `Food > Bread`, or a list."""
    parts = value if isinstance(value, list | tuple) else cells.read_text(value).split(">")
    return tuple(text for part in parts if (text := cells.read_text(part)))
