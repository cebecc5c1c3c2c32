"""What crosses the door of the demonstration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DemoProgress:
    """How far loading is: `done` of `total` lines of purchases, and what is being done, in words."""

    done: int
    total: int
    doing: str


OnProgress = Callable[[DemoProgress], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading put in, as counted while it was accepted. `simulated` is by kind: sign_up, visit, …"""

    orders: int = 0
    lines: int = 0
    simulated: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class DemoTotals:
    """What is there now. Points are the ledger's own sums; `points_given_back` of what was spent."""

    members: int
    orders: int
    lines: int
    products: int
    rewards: int
    points_issued: int
    points_spent: int
    points_given_back: int
    points_expired: int
    points_outstanding: int
    adds_up: bool
    members_by_tier: Mapping[str, int]
    simulated: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Someone to sign in as, and why. Members get their code on screen; operators have a password."""

    name: str
    email: str
    note: str
    password: str = ""


@dataclass(frozen=True, slots=True)
class DemoReport:
    """The demonstration, loaded. `fresh` says that it was loaded just now, not found."""

    fresh: bool
    first_day: date
    last_day: date
    weeks_moved: int
    totals: DemoTotals
    operator: SignIn
    members: tuple[SignIn, ...]
