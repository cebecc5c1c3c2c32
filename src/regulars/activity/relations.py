"""What may be asked of activity: orders, what was bought with them, returns, events."""

from django.utils.translation import gettext_lazy as _

from regulars.catalogue.facade import PRODUCTS_STAMP, declare_product_columns
from regulars.kit.relations import Column, Declaration, Relation, Trait, Unit, ValueKind, Watch

ORDERS = "activity.orders"
RETURNS = "activity.returns"
EVENTS = "activity.events"

_LINES = "activity_orderline l JOIN activity_order o ON o.id = l.order_id"
_DISCOUNTED = """
round(coalesce(sum(l.quantity) FILTER (WHERE l.discount > 0), 0)::numeric / nullif(sum(l.quantity), 0), 4)
"""

RELATIONS = Declaration(
    traits=(
        Trait(
            "purchases.discounted_share",
            _("share of the pieces of the last year that were discounted"),
            ValueKind.NUMBER,
            _DISCOUNTED.strip(),
            _LINES,
            "l.member_id",
            Unit.SHARE,
            watches=(ORDERS,),
            is_daily=True,
            gathers=True,
            where="o.occurred_at >= (%(today)s::date - 365)::timestamp AT TIME ZONE %(zone)s",
        ),
    ),
    relations=(
        Relation(
            "orders",
            _("orders"),
            "activity_order o",
            "o.member_id",
            "o.occurred_at",
            (
                Column("amount", ValueKind.NUMBER, "o.amount", _("paid"), unit=Unit.MONEY),
                Column(
                    "kept_amount",
                    ValueKind.NUMBER,
                    "(o.amount - o.returned_amount)",
                    _("paid less what came back"),
                    unit=Unit.MONEY,
                ),
                Column("lines_count", ValueKind.NUMBER, "o.lines_count", _("lines")),
                Column("store", ValueKind.TEXT, "o.store", _("store")),
                Column("channel", ValueKind.TEXT, "o.channel", _("channel")),
            ),
            watches=(ORDERS, RETURNS),
        ),
        Relation(
            "purchases",
            _("purchases of products"),
            _LINES,
            "l.member_id",
            "o.occurred_at",
            (
                *declare_product_columns("l.sku"),
                Column("quantity", ValueKind.NUMBER, "l.quantity", _("pieces")),
                Column("amount", ValueKind.NUMBER, "l.amount", _("paid"), unit=Unit.MONEY),
                Column("discount", ValueKind.NUMBER, "l.discount", _("discount"), unit=Unit.MONEY),
            ),
            watches=(ORDERS,),
            stamps=(PRODUCTS_STAMP,),
        ),
        Relation(
            "returns",
            _("returns"),
            "activity_return r",
            "r.member_id",
            "r.occurred_at",
            (Column("amount", ValueKind.NUMBER, "r.amount", _("given back"), unit=Unit.MONEY),),
            watches=(RETURNS,),
        ),
        Relation(
            "views",
            _("products looked at"),
            "activity_event e",
            "e.member_id",
            "e.occurred_at",
            declare_product_columns("(e.attributes ->> 'sku')"),
            where="e.kind = 'view'",
            watches=(EVENTS,),
            stamps=(PRODUCTS_STAMP,),
        ),
        Relation(
            "events",
            _("events"),
            "activity_event e",
            "e.member_id",
            "e.occurred_at",
            (
                Column("kind", ValueKind.TEXT, "e.kind", _("kind")),
                *declare_product_columns("(e.attributes ->> 'sku')"),
            ),
            watches=(EVENTS,),
            stamps=(PRODUCTS_STAMP,),
        ),
    ),
    watches=(
        Watch(
            ORDERS,
            "SELECT member_id, id::text FROM activity_order WHERE id > %(above)s",
            "SELECT coalesce(max(id), 0) FROM activity_order",
        ),
        Watch(
            RETURNS,
            "SELECT member_id, id::text FROM activity_return WHERE id > %(above)s",
            "SELECT coalesce(max(id), 0) FROM activity_return",
        ),
        Watch(
            EVENTS,
            "SELECT member_id, id::text FROM activity_event WHERE id > %(above)s",
            "SELECT coalesce(max(id), 0) FROM activity_event",
        ),
    ),
)
