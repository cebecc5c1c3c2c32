"""The tables of facts: what stands in each column, whoever wrote it.

Instants are UTC, to the microsecond. `occurred_on` is the day in the shop's own time zone: days, weeks and
months of a measure are the shop's. Money is integer minor units (cents), points are integers. A member is a
number; no name, address or other contact is ever copied.
"""

from dataclasses import dataclass
from enum import StrEnum


class ColumnType(StrEnum):
    """The types that Parquet, DuckDB and Spark agree on."""

    INTEGER = "int64"
    TEXT = "string"
    INSTANT = "timestamp"
    DAY = "date"
    FLAG = "boolean"
    INTEGERS = "array<int64>"
    TEXTS = "array<string>"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `about` says what it means and in which unit."""

    name: str
    type: ColumnType
    about: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """One table. `monthly` tables are kept by month of `occurred_on`, the others whole; `key` names a row."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    monthly: bool = True
    summed: tuple[str, ...] = ()
    """Integer columns whose sums are compared with the source."""


def _integer(name: str, about: str, nullable: bool = False) -> Column:
    return Column(name, ColumnType.INTEGER, about, nullable)


def _text(name: str, about: str, nullable: bool = False) -> Column:
    return Column(name, ColumnType.TEXT, about, nullable)


def _instant(name: str, about: str, nullable: bool = False) -> Column:
    return Column(name, ColumnType.INSTANT, about, nullable)


MEMBER = _integer("member_id", "Whose it is")
OCCURRED_AT = _instant("occurred_at", "When it happened")
OCCURRED_ON = Column("occurred_on", ColumnType.DAY, "The day of that in the shop's time zone")
WHEN = (OCCURRED_AT, OCCURRED_ON)

ORDERS = Schema(
    "orders",
    "Purchases as they were made; what came back is in `returns`",
    ("order_id",),
    (
        _integer("order_id", "Number of the order"),
        MEMBER,
        *WHEN,
        _text("currency", "ISO 4217 code"),
        _integer("amount", "What was paid, minor units"),
        _integer("lines_count", "Lines of the order"),
        _text("store", "Where, as the shop names it; empty where it did not say"),
        _text("channel", "Through what, as the shop names it; empty where it did not say"),
    ),
    summed=("amount", "lines_count"),
)
ORDER_LINES = Schema(
    "order_lines",
    "What the purchases were of",
    ("order_id", "line_no"),
    (
        _integer("order_id", "Number of the order"),
        _integer("line_no", "Number of the line in it"),
        MEMBER,
        *WHEN,
        _text("sku", "What was bought; joins `products`"),
        _text("kind", "Kind of line: product, gift card, shipping …"),
        _integer("quantity", "Units"),
        _integer("amount", "Paid for the line, minor units"),
        _integer("discount", "Taken off before that, minor units"),
    ),
    summed=("quantity", "amount", "discount"),
)
RETURNS = Schema(
    "returns",
    "What came back of a purchase, by the day it came back",
    ("return_id",),
    (
        _integer("return_id", "Number of the return"),
        _integer("order_id", "Of which order"),
        MEMBER,
        *WHEN,
        _integer("amount", "Given back, minor units"),
    ),
    summed=("amount",),
)
EVENTS = Schema(
    "events",
    "What members did besides buying",
    ("event_id",),
    (
        _integer("event_id", "Number of the event"),
        MEMBER,
        *WHEN,
        _text("kind", "As the shop names it: view, sign-in, review …"),
        _text("sku", "The product it was about", nullable=True),
    ),
)
LEDGER = Schema(
    "ledger",
    "The journal: every movement of points",
    ("member_id", "currency", "seq"),
    (
        MEMBER,
        _text("currency", "Wallet: code of the points"),
        _integer("seq", "Number of the entry in its wallet"),
        *WHEN,
        _instant("recorded_at", "When it was booked"),
        _text("kind", "earn, spend, expire, reverse … as in the ledger's documentation"),
        _text("debit", "Account the points left"),
        _text("credit", "Account the points came to"),
        _integer("amount", "Points moved"),
        _integer("balance_after", "Spendable points after it"),
        _instant("expires_at", "When the opened lot lapses; none: never", nullable=True),
        _instant("activates_at", "When pending points become active", nullable=True),
        _integer("programme_version", "Version of the programme that made it", nullable=True),
        _text("rule", "Rule that made it; empty where none did"),
        _integer("refers_to", "Entry this one goes back to", nullable=True),
        Column("lots", ColumnType.INTEGERS, "Lots a debit took from", nullable=True),
        Column("lot_amounts", ColumnType.INTEGERS, "Points taken from each", nullable=True),
    ),
    summed=("amount", "seq"),
)
REDEMPTIONS = Schema(
    "redemptions",
    "Rewards taken, by the day they were reserved, in their present state",
    ("redemption_id",),
    (
        _integer("redemption_id", "Number of the redemption"),
        MEMBER,
        *WHEN,
        _integer("reward_id", "Which reward; joins `rewards`"),
        _text("state", "reserved, confirmed, fulfilled, cancelled …"),
        _integer("units", "How many"),
        _integer("points", "Points for all of them"),
        _integer("money", "Money beside the points, minor units"),
        _integer("refunded_points", "Points given back since"),
        _instant("fulfilled_at", "When it was handed over", nullable=True),
        _instant("cancelled_at", "When it was cancelled", nullable=True),
    ),
    summed=("units", "points", "refunded_points"),
)
TIER_CHANGES = Schema(
    "tier_changes",
    "When members rose or fell",
    ("member_id", "change_id"),
    (
        _integer("change_id", "Number of the change"),
        MEMBER,
        *WHEN,
        _text("from_tier", "Tier before; empty: none"),
        _text("to_tier", "Tier after; empty: none"),
        _text("reason", "Why it changed"),
    ),
)
MEMBERS = Schema(
    "members",
    "Everybody, as they are now, without who they are",
    ("member_id",),
    (
        MEMBER,
        _instant("joined_at", "When they joined"),
        Column("joined_on", ColumnType.DAY, "The day of that in the shop's time zone"),
        Column("erased", ColumnType.FLAG, "Whether who it was has been erased"),
        _integer("merged_into", "The member they were merged into", nullable=True),
        _text("tier", "Tier now; empty: none"),
        _text("language", "Language they chose; empty: none"),
    ),
    monthly=False,
)
PRODUCTS = Schema(
    "products",
    "What the shop sells, as it is now",
    ("sku",),
    (
        _text("sku", "Number of the product"),
        _text("name", "As the shop calls it"),
        _text("brand", "Whose it is; empty: unknown"),
        Column("categories", ColumnType.TEXTS, "From the widest to the narrowest"),
        _integer("price", "Price now, minor units", nullable=True),
        _integer("cost", "What a unit costs the shop, minor units", nullable=True),
    ),
    monthly=False,
)
REWARDS = Schema(
    "rewards",
    "What points can be spent on, as it is now",
    ("reward_id",),
    (
        _integer("reward_id", "Number of the reward"),
        _text("code", "As the shop names it"),
        _text("name", "As members read it"),
        _text("kind", "voucher, product, experience …"),
        _text("category", "Shelf; empty: none"),
        _integer("price_points", "Points for one"),
        _integer("price_money", "Money beside the points, minor units"),
        _integer("stock", "Units there are in all; none: without end", nullable=True),
        _integer("taken", "Units taken"),
        _integer("per_member_max", "Units one member may have", nullable=True),
        _instant("active_from", "From when it can be had", nullable=True),
        _instant("active_to", "Until when", nullable=True),
        _instant("created_at", "Since when it is there"),
        Column("published", ColumnType.FLAG, "Whether members see it"),
    ),
    monthly=False,
)

SCHEMAS = {
    schema.name: schema
    for schema in (
        ORDERS,
        ORDER_LINES,
        RETURNS,
        EVENTS,
        LEDGER,
        REDEMPTIONS,
        TIER_CHANGES,
        MEMBERS,
        PRODUCTS,
        REWARDS,
    )
}
