"""The words a programme is written in: every choice that a document may name."""

from enum import StrEnum


class LineKind(StrEnum):
    """What a line of a basket stands for."""

    PRODUCT = "product"
    SHIPPING = "shipping"
    TAX = "tax"
    GIFT_CARD = "gift_card"
    FEE = "fee"


class RuleType(StrEnum):
    """How a rule gives points. The first two are base rules: multipliers raise what they give."""

    PER_AMOUNT = "per_amount"
    PER_QUANTITY = "per_quantity"
    MULTIPLIER = "multiplier"
    BONUS = "bonus"
    EVENT = "event"


class Metric(StrEnum):
    """What a tier is reached by; each has a qualifying wallet of its own in the ledger."""

    POINTS = "points"
    SPEND = "spend"
    VISITS = "visits"


class RoundAt(StrEnum):
    """Where fractions of a point become whole: on each line, or on the basket's subtotal per rule."""

    LINE = "line"
    SUBTOTAL = "subtotal"


class Stacking(StrEnum):
    """What happens where several multipliers meet on a line: they multiply, or the best one wins."""

    MULTIPLY = "multiply"
    BEST = "best"


class CapScope(StrEnum):
    """Whose use of a rule a cap counts; a cap on the whole programme is the rule's budget."""

    MEMBER = "member"
    PROGRAMME = "programme"


class CapPeriod(StrEnum):
    """Over what time a cap counts, in the programme's calendar. Weeks are ISO weeks, from Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    EVER = "ever"


class ExpiryKind(StrEnum):
    """When points lapse."""

    NEVER = "never"
    AFTER_MONTHS = "after_months"
    FIXED_DATE = "fixed_date"
    END_OF_PERIOD = "end_of_period"
    INACTIVITY = "inactivity"


class Shortfall(StrEnum):
    """What a return may take where the member has already spent the points."""

    PENDING_ONLY = "pending_only"
    BALANCE_ONLY = "balance_only"
    DEBT = "debt"
