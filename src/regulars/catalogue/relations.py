"""What may be asked of the catalogue: columns of what was bought, and when they change."""

from django.utils.translation import gettext_lazy as _

from regulars.kit.relations import Column, Declaration, Stamp, ValueKind

PRODUCTS = "catalogue.products"
REWARDS = "catalogue.rewards"

RELATIONS = Declaration(
    stamps=(
        Stamp(
            PRODUCTS, "SELECT count(*) || ' ' || coalesce(max(updated_at)::text, '') FROM catalogue_product"
        ),
        Stamp(REWARDS, "SELECT count(*) || ' ' || coalesce(max(updated_at)::text, '') FROM catalogue_reward"),
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
