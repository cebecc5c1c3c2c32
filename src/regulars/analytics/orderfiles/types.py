"""What is known of an order file: its columns, its bad rows, and the facts that came of the good ones."""

from dataclasses import dataclass
from datetime import date

from regulars.analytics.codes import Segment, Unknown
from regulars.facts.facade import Facts


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what; None: guessed from the names. Without `order`, each row is an order. `product`
    is read only where lines are asked for.
    """

    member: str | None = None
    date: str | None = None
    amount: str | None = None
    order: str | None = None
    currency: str | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out. `line` counts from 1, the header being the first of a CSV file."""

    line: int
    reason: str
    value: str


@dataclass(frozen=True, slots=True)
class OrderFile:
    """Facts from a file. `names` gives back what the file called a member; `bad` are the first of
    `bad_count`.
    """

    facts: Facts
    columns: Columns
    rows: int
    orders: int
    names: tuple[str, ...]
    bad_count: int
    bad: tuple[BadRow, ...]
    reasons: dict[str, int]
    first_day: date
    last_day: date

    def name_of(self, member_id: int) -> str:
        """What the file called the member."""
        return self.names[member_id - 1]


@dataclass(frozen=True, slots=True)
class RfmRow:
    """One member of a file, by recency, frequency and money."""

    member: str
    r_score: int
    f_score: int
    m_score: int
    segment: Segment | None
    recency_days: int
    frequency: int
    money_minor: int


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One member of a file, by what is expected in the next 52 weeks."""

    member: str
    value_minor: int
    p_alive: float | None


@dataclass(frozen=True, slots=True)
class FileValue:
    """The value of a file's members, the dearest first, and how it was estimated."""

    method: str
    reason: str
    currency: str
    total_minor: int
    rows: tuple[ValueRow, ...]
    unknown: Unknown | None = None
    """Why there are no rows."""
