"""Programme documents for tests: a minimal one, and pieces to add to it."""

from datetime import UTC, datetime

from regulars.rules.document import parse_programme
from regulars.rules.evaluation import evaluate_basket
from regulars.rules.types import Basket, BasketLine, Evaluation, LineKind, MemberState, Programme

MINIMAL = """\
[programme]
name = "Corner Shop Club"
time_zone = "Europe/Berlin"
currency = "EUR"

[[earn]]
id = "purchases"
type = "per_amount"
points = 1
per = 1.00
"""

DOUBLE = '[[earn]]\nid = "double"\ntype = "multiplier"\nfactor = 2\nmatch = { categories = ["bread"] }\n'
TIERS = """
[tiers]
metric = "{metric}"
[[tiers.tier]]
code = "silver"
threshold = 0
[[tiers.tier]]
code = "gold"
name = "Gold"
threshold = 10
earn_multiplier = 1.5
"""

FRIDAY = datetime(2026, 11, 20, 11, tzinfo=UTC)
"""Noon of a Friday in Berlin."""

REGULAR = MemberState(orders_before=5)


def programme(extra: str = "", *, head: str = "", base: str = "") -> Programme:
    """The minimal programme with keys added to [programme] (`head`) and its rule (`base`), and tables."""
    text = MINIMAL.replace("\n[[earn]]", f"{head}\n[[earn]]", 1)
    return parse_programme(f"{text}{base}\n{extra}")


def only(rules: str, *, head: str = "") -> Programme:
    """A programme of exactly these rules."""
    return parse_programme(MINIMAL.split("[[earn]]", maxsplit=1)[0] + head + "\n" + rules)


def line(
    number: int, amount: int, *, sku: str = "", quantity: int = 1, brand: str = "", **more: object
) -> BasketLine:
    """A line of a product; `categories` and `kind` by keyword."""
    kind = more.get("kind", LineKind.PRODUCT)
    categories = more.get("categories", ())
    assert isinstance(kind, LineKind)
    assert isinstance(categories, tuple)
    return BasketLine(number, sku or f"sku-{number}", quantity, amount, kind, brand, categories)


def basket(*lines: BasketLine, at: datetime = FRIDAY, **more: str) -> Basket:
    """A basket of these lines."""
    return Basket(at, lines, **more)


def earned(
    found: Programme, *lines: BasketLine, state: MemberState = REGULAR, at: datetime = FRIDAY
) -> dict[str, int]:
    """What these lines earn, by rule."""
    return by_rule(evaluate_basket(found, state, Basket(at, lines)))


def by_rule(evaluation: Evaluation, currency: str = "points") -> dict[str, int]:
    """The points of each rule's part."""
    parts = [part for p in evaluation.postings if p.currency == currency for part in p.parts]
    return {part.rule: part.points for part in parts}


def bonus(keys: str, points: int = 10) -> Programme:
    """A programme of one bonus with these keys."""
    return only(f'[[earn]]\nid = "extra"\ntype = "bonus"\npoints = {points}\n{keys}\n')
