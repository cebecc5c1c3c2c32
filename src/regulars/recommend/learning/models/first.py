"""Where candidates come from: EASE, or ALS where items are too many for it."""

import sys
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.learning.models.als import Als, AlsFactors, LearnFactors, learn_factors
from regulars.recommend.learning.models.base import Model
from regulars.recommend.learning.models.blend import Blend
from regulars.recommend.learning.models.ease import Ease, EaseWeights, learn_ease
from regulars.recommend.learning.models.simple import RECENT_DAYS, Personal, Popular

EASE_ITEMS_MAX = 20_000
"""EASE keeps items × items twice, of the year and of the last quarter: 3.2 GB in float32 at so many."""


@dataclass(frozen=True, slots=True)
class FirstStage:
    """`learn_factors` learns ALS, `library` names who does: scores of one are not those of another.
    `everybody`: who is scored has taught, too, so that EASE may be learnt by its dual.
    """

    items_max: int = EASE_ITEMS_MAX
    learn_factors: LearnFactors = learn_factors
    library: str = "implicit"
    everybody: bool = True

    def is_ease(self, items: int) -> bool:
        """Whether so many items are few enough for EASE."""
        return items <= self.items_max

    def settle(self, items: int) -> "FirstStage":
        """The source for a shop of so many items, also where it had fewer on an earlier day."""
        return replace(self, items_max=sys.maxsize if self.is_ease(items) else -1)

    def name(self, items: int) -> str:
        """What scores of so many items come from; a ranker reads those of no other source."""
        return "ease" if self.is_ease(items) else f"als:{self.library}"

    def learn(self, inputs: Any, member_ids: NDArray[np.int64], penalty: float) -> EaseWeights | AlsFactors:
        """What items say of items, of a sparse members × items; `penalty` is EASE's."""
        if self.is_ease(inputs.shape[1]):
            return self.learn_ease(inputs, member_ids, penalty)
        return self.learn_factors(inputs)

    def learn_ease(self, inputs: Any, member_ids: NDArray[np.int64], penalty: float) -> EaseWeights:
        """EASE, however many items there are."""
        return learn_ease(inputs, member_ids, penalty, is_dual=None if self.everybody else False)

    def list_models(self, items: int) -> dict[str, Model]:
        """Models of a single stage by name, the simplest first; without EASE where items are too many."""
        ease, als = Ease(is_dual=None if self.everybody else False), Als(self.learn_factors)
        is_ease = self.is_ease(items)
        several: list[Model] = [Popular(), Popular(RECENT_DAYS), Personal(), *([ease] if is_ease else [])]
        several += [als, Blend(second=ease if is_ease else als)]
        return {model.name: model for model in several}


IN_PROCESS = FirstStage()
SINGLE = ("popular", "recent", "personal", "ease", "als", "blend")
"""All that `list_models` may name."""
