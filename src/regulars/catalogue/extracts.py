"""What of the catalogue goes into facts: products and rewards as they are now."""

from regulars.facts.facade import Extract

PRODUCTS = Extract(
    table="products",
    source="catalogue_product p",
    columns={
        "sku": "p.sku",
        "name": "p.name",
        "brand": "p.brand",
        "categories": "p.categories",
        "price": "p.price",
        "cost": "p.cost",
    },
    written=("p",),
)
REWARDS = Extract(
    table="rewards",
    source="catalogue_reward r",
    columns={
        "reward_id": "r.id",
        "code": "r.code",
        "name": "r.name",
        "kind": "r.kind",
        "category": "r.category",
        "price_points": "r.price_points",
        "price_money": "r.price_money",
        "stock": "r.stock",
        "taken": "r.taken",
        "per_member_max": "r.per_member_max",
        "active_from": "r.active_from",
        "active_to": "r.active_to",
        "created_at": "r.created_at",
        "published": "r.published",
    },
    written=("r",),
)
EXTRACTS = (PRODUCTS, REWARDS)
