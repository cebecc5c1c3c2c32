"""Two models added up."""

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from regulars.recommend.learning.datasets import History, Numbers
from regulars.recommend.learning.models.base import Fitted, Learnt, Model
from regulars.recommend.learning.models.ease import Ease
from regulars.recommend.learning.models.simple import Personal


@dataclass(frozen=True, slots=True)
class Sum:
    """One model's scores and so much of another's."""

    first: Fitted
    second: Fitted
    share: float

    def score(self, members: NDArray[Any]) -> Numbers:
        """As promised by `Fitted`."""
        scores = self.second.score(members)
        scores *= self.share
        scores += self.first.score(members)
        return scores


@dataclass(frozen=True, slots=True)
class Parts:
    """What both models learnt."""

    first: Learnt
    second: Learnt
    share: float

    def over(self, history: History) -> Sum:
        """As promised by `Learnt`."""
        return Sum(self.first.over(history), self.second.over(history), self.share)


@dataclass(frozen=True, slots=True)
class Blend:
    """What the member buys anyway and, by `share`, what others who buy the like do."""

    first: Model = field(default_factory=Personal)
    second: Model = field(default_factory=Ease)
    share: float = 0.5

    @property
    def name(self) -> str:
        """As promised by `Model`."""
        return "blend"

    def learn(self, history: History) -> Parts:
        """As promised by `Model`."""
        return Parts(self.first.learn(history), self.second.learn(history), self.share)
