"""Which model serves: compared member by member on what came after, and never by faith."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regulars.recommend.learning.metrics import Mean, average
from regulars.recommend.learning.trial import KINDS, Tried


@dataclass(frozen=True, slots=True)
class Choice:
    """The model taken, the one with the highest mean, and by how much each of the others differs from the
    taken one, member by member.
    """

    winner: str
    best: str
    differences: Mapping[str, Mean]


def compare(one: Tried, other: Tried) -> Mean:
    """How much better `one` is than `other` over the members both were asked about: paired, so that members
    who are hard for both take nothing from what is seen.
    """
    common, mine, theirs = np.intersect1d(one.members, other.members, return_indices=True)
    del common
    return average(one.values[mine] - other.values[theirs])


def choose_model(tried: Sequence[Tried]) -> Choice:
    """The simplest model that the best one does not beat by more than a standard error of their difference.

    The rule of one standard error: Breiman et al. (1984), "Classification and Regression Trees". On a short
    history the closed form and the trees lose to counting, and this says so. Raises ValueError for no models.
    """
    if not tried:
        raise ValueError("there is no model to choose from")
    ordered = sorted(tried, key=lambda one: KINDS.index(one.model))
    best = max(ordered, key=lambda one: one.ndcg.value)
    for one in ordered:
        gap = compare(best, one)
        if one is best or gap.value <= gap.error:
            break
    differences = {other.model: compare(other, one) for other in ordered if other is not one}
    return Choice(one.model, best.model, differences)


def loses(fresh: Tried, served: Tried) -> bool:
    """Whether a fresh model is worse than the served one by more than a standard error of their difference.

    Less is chance, and the fresh one knows more of the present.
    """
    gap = compare(fresh, served)
    return gap.value < -gap.error
