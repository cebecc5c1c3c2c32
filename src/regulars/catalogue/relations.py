"""What may be asked of the catalogue: columns of what was bought, and when they change."""

from django.utils.translation import gettext_lazy as _

from regulars.catalogue.types import CodeState
from regulars.kit.relations import Column, Declaration, Stamp, ValueKind

PRODUCTS = "catalogue.products"
REWARDS = "catalogue.rewards"
STOCK = "catalogue.stock"
# What is left for somebody of no tier, as `policies.count_units_for` counts it; and a code, where it has any.
_IS_LEFT = f"""
(r.stock IS NULL OR r.stock - r.taken > CASE
    WHEN r.kept_until IS NULL OR r.kept_until > now() THEN greatest(r.kept_units - r.kept_taken, 0) ELSE 0
 END)
AND (r.code_pool_id IS NULL OR EXISTS (
    SELECT FROM catalogue_code c WHERE c.pool_id = r.code_pool_id AND c.state = '{CodeState.FREE.value}'
))
"""
ON_OFFER = f"r.published AND NOT r.archived AND {_IS_LEFT.strip()}"
"""Of a reward `r`: everybody may have one now who has the points, but for its tiers and its days."""

RELATIONS = Declaration(
    stamps=(
        Stamp(
            PRODUCTS, "SELECT count(*) || ' ' || coalesce(max(updated_at)::text, '') FROM catalogue_product"
        ),
        Stamp(
            REWARDS,
            "SELECT count(*) || ' ' || coalesce(max(updated_at)::text, '') FROM catalogue_reward",
            is_quick=True,
        ),
        # Not how many are left, which changes with every redemption: which rewards nobody can have.
        Stamp(
            STOCK,
            "SELECT coalesce(string_agg(r.id::text, ',' ORDER BY r.id), '') FROM catalogue_reward r"  # noqa: S608
            f" WHERE NOT ({_IS_LEFT})",
            is_quick=True,
        ),
    ),
)


def declare_product_columns(sku: str) -> tuple[Column, ...]:
    """Brand and categories of the product whose number the expression `sku` gives."""
    join = f"LEFT JOIN catalogue_product product ON product.sku = {sku}"
    return (
        Column("product", ValueKind.TEXT, sku, _("product")),
        Column("brand", ValueKind.TEXT, "product.brand", _("brand"), join),
        Column("category", ValueKind.TEXTS, "product.categories::text[]", _("category"), join),
    )
