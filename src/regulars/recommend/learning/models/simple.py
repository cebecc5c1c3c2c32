"""Models that count: what is popular, and what the member buys anyway."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.learning.datasets import History, Numbers

HALF_LIFE_DAYS = 26 * 7
RECENT_DAYS = 28


@dataclass(frozen=True, slots=True)
class SameForAll:
    """One score an item, whoever asks."""

    scores: Numbers

    def over(self, history: History) -> "SameForAll":  # noqa: ARG002 (promised)
        """As promised by `Learnt`."""
        return self

    def score(self, members: NDArray[Any]) -> Numbers:
        """As promised by `Fitted`."""
        return np.repeat(self.scores[None, :], len(members), axis=0)


@dataclass(frozen=True, slots=True)
class Popular:
    """How many members bought it: ever, or in so many days."""

    days: int | None = None

    @property
    def name(self) -> str:
        """As promised by `Model`."""
        return "popular" if self.days is None else "recent"

    def learn(self, history: History) -> SameForAll:
        """As promised by `Model`."""
        return SameForAll(history.buyers(self.days).astype(np.float32))


@dataclass(frozen=True, slots=True)
class Frequencies:
    """A member's own purchases, and below them what is popular."""

    own: Any
    rest: Numbers

    def score(self, members: NDArray[Any]) -> Numbers:
        """As promised by `Fitted`."""
        scores = np.repeat(self.rest[None, :], len(members), axis=0)
        own = self.own[members]
        rows = np.repeat(np.arange(len(members)), np.diff(own.indptr))
        scores[rows, own.indices] += own.data
        return scores


@dataclass(frozen=True, slots=True)
class Habits:
    """How fast a purchase is forgotten, and what stands below any of them."""

    half_life_days: float
    rest: Numbers

    def over(self, history: History) -> Frequencies:
        """As promised by `Learnt`."""
        return Frequencies(history.decay(self.half_life_days), self.rest)


@dataclass(frozen=True, slots=True)
class Personal:
    """How often the member bought it, an order of a half-life ago counting a half; then what is popular.

    Personal frequency is hard to beat where people buy the same again (Li et al. 2023, "A next basket
    recommendation reality check").
    """

    half_life_days: float = HALF_LIFE_DAYS

    @property
    def name(self) -> str:
        """As promised by `Model`."""
        return "personal"

    def learn(self, history: History) -> Habits:
        """As promised by `Model`."""
        buyers = history.buyers(RECENT_DAYS).astype(np.float32)
        # Below any purchase of their own: it orders what the member never bought.
        return Habits(self.half_life_days, 1e-3 * buyers / max(float(buyers.max(initial=1)), 1))
