"""Writes of products: a batch at a time, whatever its size."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from regulars.catalogue.policies import find_product_fault
from regulars.catalogue.types import ProductInput, ProductOutcome, SaveStatus
from regulars.kit.actor import Actor
from regulars.trail import facade as trail

_STAGE = """
CREATE TEMP TABLE IF NOT EXISTS catalogue_product_stage (
    sku varchar, name varchar, brand varchar, categories varchar[], price bigint, active boolean, cost bigint,
    url varchar
) ON COMMIT DELETE ROWS;
TRUNCATE catalogue_product_stage
"""
_APPLY = """
INSERT INTO catalogue_product AS kept (sku, name, brand, categories, price, active, cost, url, updated_at)
SELECT sku, name, brand, categories, price, active, cost, url, %s FROM catalogue_product_stage ORDER BY sku
ON CONFLICT (sku) DO UPDATE SET
    name = excluded.name, brand = excluded.brand, categories = excluded.categories,
    price = excluded.price, active = excluded.active, cost = excluded.cost, url = excluded.url,
    updated_at = excluded.updated_at
WHERE (kept.name, kept.brand, kept.categories, kept.price, kept.active, kept.cost, kept.url)
    IS DISTINCT FROM (excluded.name, excluded.brand, excluded.categories, excluded.price, excluded.active,
        excluded.cost, excluded.url)
RETURNING kept.sku, kept.xmax = 0
"""
_TWICE = "The batch names this sku twice, with other content."


@transaction.atomic(durable=True)
def save_products(*, actor: Actor, now: datetime, batch: Sequence[ProductInput]) -> list[ProductOutcome]:
    """Create or update products by sku; one outcome per row, in the order given.

    A bad row is refused and stops no other. A sku named twice with the same content counts once and is
    unchanged the second time; with other content the second row is refused.
    Locks product rows in the order of their sku. One line goes to the audit trail where anything changed.
    """
    refusals: dict[int, str] = {}
    first: dict[str, int] = {}
    for index, product in enumerate(batch):
        fault = find_product_fault(product)
        if not fault:
            earlier = first.setdefault(product.sku, index)
            if earlier != index and batch[earlier] != product:
                fault = _TWICE
        if fault:
            refusals[index] = fault
    changed = _apply((batch[index] for index in first.values()), now) if first else {}
    outcomes = [
        _tell(product, index, refusals.get(index), first.get(product.sku), changed)
        for index, product in enumerate(batch)
    ]
    _record(actor, now, outcomes)
    return outcomes


def _apply(products: Iterable[ProductInput], now: datetime) -> dict[str, SaveStatus]:
    """Write what differs; say for each sku that was written whether it is new."""
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy("COPY catalogue_product_stage FROM STDIN") as copy:
            for p in products:
                copy.write_row((p.sku, p.name, p.brand, list(p.categories), p.price, p.active, p.cost, p.url))
        cursor.execute(_APPLY, [now])
        return {
            sku: SaveStatus.CREATED if is_new else SaveStatus.UPDATED for sku, is_new in cursor.fetchall()
        }


def _tell(
    product: ProductInput, index: int, refusal: str | None, first: int | None, changed: dict[str, SaveStatus]
) -> ProductOutcome:
    if refusal:
        return ProductOutcome(product.sku, SaveStatus.REFUSED, refusal)
    if first != index:
        return ProductOutcome(product.sku, SaveStatus.UNCHANGED)
    return ProductOutcome(product.sku, changed.get(product.sku, SaveStatus.UNCHANGED))


def _record(actor: Actor, now: datetime, outcomes: Sequence[ProductOutcome]) -> None:
    created = sum(outcome.status is SaveStatus.CREATED for outcome in outcomes)
    updated = sum(outcome.status is SaveStatus.UPDATED for outcome in outcomes)
    if created or updated:
        details = {"created": created, "updated": updated}
        trail.record_audit(actor=actor, now=now, action="products.saved", subject="products", details=details)
