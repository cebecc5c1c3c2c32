"""What crosses the door of finance: positions, liabilities, movements, and how they agree with the ledger."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from regulars.ledger.facade import Currency


class Step(StrEnum):
    """Into which stretches a period is cut, in the programme's time zone."""

    DAY = "day"
    MONTH = "month"


class ExportFormat(StrEnum):
    """How the lines of an export are written."""

    CSV = "csv"
    PARQUET = "parquet"


class Expiry(StrEnum):
    """What is known of when points lapse."""

    PAST = "past"
    """Over already: held or pending still, or due and not yet swept."""
    MONTH = "month"
    NEVER = "never"
    UNKNOWN = "unknown"
    """Pending until an event, and the activation sets the date."""


@dataclass(frozen=True, slots=True)
class ExpiryBucket:
    """Points that lapse together. `month` is the first day of the last month in which they are good."""

    kind: Expiry
    month: date | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """What wallets hold in sum, in points; or, signed, how that changed."""

    active: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0

    def __add__(self, other: "Position") -> "Position":
        return Position(
            self.active + other.active,
            self.pending + other.pending,
            self.held + other.held,
            self.debt + other.debt,
        )

    def __sub__(self, other: "Position") -> "Position":
        return self + Position(-other.active, -other.pending, -other.held, -other.debt)

    @property
    def booked(self) -> int:
        """What members have: active, pending and held."""
        return self.active + self.pending + self.held

    @property
    def net(self) -> int:
        """The same, less what members owe."""
        return self.booked - self.debt


@dataclass(frozen=True, slots=True)
class PointCost:
    """What one point is reckoned at, in major units of a currency, from the start of a day on."""

    effective_on: date
    cost: Decimal
    currency: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class TieOut:
    """One comparison of two ways to the same figure. `what` names the ways, `state` the balance compared.

    `lots` (`opening_lots`, at the beginning of a period): the sum of the entries up to the instant, and the
    lots replayed up to it. `wallets`: all entries, those up to the instant and those since, and the stored
    wallets. `stored`: the stored wallets and the stored lots.
    """

    what: str
    state: str
    left: int
    right: int

    @property
    def agrees(self) -> bool:
        """Whether both ways lead to the same figure."""
        return self.left == self.right


@dataclass(frozen=True, slots=True)
class Holding:
    """What is owed in points of one kind. `due` has lapsed and is not swept yet: booked, but not claimable.

    `active` is without `due`. `money` is what `claimable` is reckoned at in minor units, None without a cost.
    """

    active: int = 0
    pending: int = 0
    held: int = 0
    due: int = 0
    debt: int = 0
    money: int | None = None

    @property
    def claimable(self) -> int:
        """What members can still come to spend: the liability."""
        return self.active + self.pending + self.held

    @property
    def booked(self) -> int:
        """What the journal's accounts and the stored balances hold: with what is due."""
        return self.claimable + self.due

    @property
    def net(self) -> int:
        """The liability less what members owe."""
        return self.claimable - self.debt


@dataclass(frozen=True, slots=True)
class Liability:
    """What was owed before `as_of`. `total` is the sum of either breakdown, to the point and to the cent.

    `since` is how balances moved from `as_of` until now. `by_tier` has the tiers that members had been told
    by then, lowest first; the code is empty for members without one. Debt does not lapse: it has no expiry,
    so `by_expiry` leaves it out. `is_final` tells that nothing can be booked before `as_of` any more.
    """

    currency: Currency
    as_of: datetime
    zone: ZoneInfo
    is_final: bool
    total: Holding
    by_expiry: tuple[tuple[ExpiryBucket, Holding], ...]
    by_tier: tuple[tuple[str, str, Holding], ...]
    since: Position
    entries: int
    cost: PointCost | None
    tie_outs: tuple[TieOut, ...]

    @property
    def agrees(self) -> bool:
        """Whether every comparison with the ledger agrees."""
        return all(one.agrees for one in self.tie_outs)


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open, in instants; `zone` says how to read them as days."""

    start: datetime
    end: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Movement:
    """What happened of one kind. `line` is a name of `LINES`, or else the kind of the entries.

    `points` is the sum of the entries; `change` what they did to the wallets, which for some is nothing.
    `of_before` is the part that happened before the period and was booked in it. `money` is the change of
    what members have, in minor units at the closing cost.
    """

    line: str
    entries: int
    points: int
    of_before: int
    change: Position
    money: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A day or a month of a period: what moved in it, and the balances at its end."""

    first_day: date
    movements: tuple[Movement, ...]
    closing: Position


@dataclass(frozen=True, slots=True)
class Movements:
    """A period: opening + movements = closing, for each balance.

    `*_due` is what had lapsed and was not swept: part of the active balance, not of what can be claimed.
    Money is that of what can be claimed: opening + `revaluation` + movements + `due_money` = closing, where
    `due_money` is for the change of what is due.
    """

    currency: Currency
    period: Period
    is_final: bool
    opening: Position
    opening_due: int
    movements: tuple[Movement, ...]
    closing: Position
    closing_due: int
    opening_money: int | None
    closing_money: int | None
    revaluation: int | None
    due_money: int | None
    cost: PointCost | None
    stretches: tuple[Stretch, ...] = ()
    tie_outs: tuple[TieOut, ...] = ()

    @property
    def opening_claimable(self) -> int:
        """What members could claim at the beginning."""
        return self.opening.booked - self.opening_due

    @property
    def closing_claimable(self) -> int:
        """What members could claim at the end: the liability."""
        return self.closing.booked - self.closing_due

    @property
    def agrees(self) -> bool:
        """Whether every comparison with the ledger agrees."""
        return all(one.agrees for one in self.tie_outs)


class ReportKind(StrEnum):
    """Which report a question asks for."""

    LIABILITY = "liability"
    MOVEMENTS = "movements"


@dataclass(frozen=True, slots=True)
class LiabilityQuestion:
    """What is owed at the end of a day of the programme's; of today, now."""

    day: date
    currency: Currency = Currency.POINTS

    kind: ClassVar[ReportKind] = ReportKind.LIABILITY


@dataclass(frozen=True, slots=True)
class MovementsQuestion:
    """What moved from one day of the programme's to another, both whole."""

    first_day: date
    last_day: date
    step: Step | None = None
    currency: Currency = Currency.POINTS

    kind: ClassVar[ReportKind] = ReportKind.MOVEMENTS


Question = LiabilityQuestion | MovementsQuestion


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job is adding up: since when it was asked for, and how many seconds the last took, if known."""

    asked_at: datetime
    last_seconds: int | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A report, when it was added up, and whether a newer one is being made."""

    report: Liability | Movements
    made_at: datetime
    renewal: Waiting | None = None


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """A line of the chart of accounts. `name` is what the journal calls it."""

    code: str
    name: str
    title: str
    type: str


@dataclass(frozen=True, slots=True)
class TrialLine:
    """An account in the trial balance. `opening` and `closing` are debits less credits."""

    currency: str
    account: LedgerAccount
    opening: int
    debits: int
    credits: int

    @property
    def closing(self) -> int:
        """Debits less credits at the end of the period."""
        return self.opening + self.debits - self.credits


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """So many entries of so many are written."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote. `debits` equals `credits`: it would not have been kept otherwise."""

    files: tuple[Path, ...]
    entries: int
    lines: int
    debits: int
    credits: int
    is_final: bool
    trial_balance: tuple[TrialLine, ...]
