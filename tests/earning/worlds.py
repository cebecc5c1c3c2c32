"""A small shop: a programme, members, products; and short ways to submit and to look."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from regulars.activity.facade import EventInput, OrderInput, ReturnInput
from regulars.catalogue.facade import ProductInput, save_products
from regulars.earning import facade as earning
from regulars.earning.facade import EventOutcome, OrderOutcome, ReturnOutcome
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers
from tests.activity.makers import NOON, NOW

HEAD = """
[programme]
name = "Test"
time_zone = "Europe/Berlin"
currency = "EUR"
rounding = "floor"
round_at = "line"
stacking = "multiply"

[expiry]
kind = "after_months"
months = 12
"""
PER_EURO = """
[[earn]]
id = "purchases"
name = "Every purchase"
type = "per_amount"
points = 1
per = 1.00
qualifying = true
"""
BREAD = """
[[earn]]
id = "bread"
name = "Bread days"
type = "multiplier"
factor = 2
match = { categories = ["bread"] }
"""
FIRST = """
[[earn]]
id = "first"
name = "First purchase"
type = "bonus"
points = 100
first_purchase = true
"""
BIG_BASKET = """
[[earn]]
id = "big"
name = "Big basket"
type = "bonus"
points = 25
basket_min = 20.00
caps = [{ scope = "member", period = "day", points = 40 }]
"""
REVIEW = """
[[earn]]
id = "review"
name = "Review"
type = "event"
event = "review"
points = 20
caps = [
  { scope = "member", period = "day", points = 40 },
  { scope = "programme", period = "month", points = 100 },
]
"""
TIERS = """
[tiers]
metric = "points"
window = "rolling"
window_months = 12
grace_days = 0

[[tiers.tier]]
code = "basic"
name = "Basic"
threshold = 0

[[tiers.tier]]
code = "silver"
name = "Silver"
threshold = 50
earn_multiplier = 1.5
"""
WHOLE = HEAD + PER_EURO + BREAD + FIRST + BIG_BASKET + REVIEW + TIERS


def publish(text: str, *, at: datetime = NOON - timedelta(days=400)) -> rules.ProgrammeVersionInfo:
    """Put a programme in force, long before anything happens."""
    return rules.publish_programme(actor=SYSTEM, now=at, text=text, effective_from=at)


def stock_products() -> None:
    """Three products with brand and categories."""
    batch = [
        ProductInput("rye", "Rye bread", "Mill", ("food", "bread")),
        ProductInput("milk", "Milk", "Farm", ("food", "dairy")),
        ProductInput("soap", "Soap", "", ("home",)),
    ]
    save_products(actor=SYSTEM, now=NOON, batch=batch)


def submit_orders(*batch: OrderInput, now: datetime = NOW, **more: Any) -> list[OrderOutcome]:
    return earning.submit_orders(actor=SYSTEM, now=now, batch=batch, **more)


def submit_returns(*batch: ReturnInput, now: datetime = NOW) -> list[ReturnOutcome]:
    return earning.submit_returns(actor=SYSTEM, now=now, batch=batch)


def submit_events(*batch: EventInput, now: datetime = NOW, **more: Any) -> list[EventOutcome]:
    return earning.submit_events(actor=SYSTEM, now=now, batch=batch, **more)


def active(member_id: MemberId, now: datetime = NOW) -> int:
    """Spendable points."""
    return ledger.get_balance(member_id, now).active


def snapshot(member_ids: Sequence[MemberId], now: datetime = NOW) -> dict[str, Any]:
    """Everything that a member's activity leaves behind, but for numbers given in order of arrival."""
    from regulars.earning.models import Budget, Usage

    programme = rules.get_current_programme(now)
    standings = tiers.get_standings(member_ids, programme, now)
    return {
        "balances": {
            (member_id, currency): ledger.get_balance(member_id, now, currency)
            for member_id in member_ids
            for currency in ledger.Currency
        },
        "lots": {
            member_id: sorted(
                (lot.lot_id, lot.remaining, lot.expires_at, lot.state)
                for lot in ledger.list_lots(member_id, now)
            )
            for member_id in member_ids
        },
        "usage": sorted(Usage.objects.filter(used__gt=0).values_list("member_id", "rule", "period", "used")),
        "budgets": sorted(Budget.objects.filter(used__gt=0).values_list("rule", "period", "used")),
        "tiers": {
            member_id: (standing.tier, standing.qualified) for member_id, standing in standings.items()
        },
    }
