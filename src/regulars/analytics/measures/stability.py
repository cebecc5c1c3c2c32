"""How steady the named segments are: from one four weeks to the next, and from one sample of members to
another.

Labels that move with every look cannot be acted on, and labels that hang on which members happen to be
there mean nothing. The first is the share of members whose label changed; the second the adjusted Rand
index (Hubert & Arabie 1985, "Comparing Partitions", Journal of Classification 2) between labels of all
members and labels of the same members within a bootstrap sample, in which limits and ranks are found anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import mean
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from sklearn.metrics import adjusted_rand_score

from regulars.analytics.measures.intervals import (
    LAPSED_QUANTILE,
    SLIPPING_QUANTILE,
    find_quantile,
    list_gaps,
)
from regulars.analytics.measures.rfm import hold_looks, list_rfm, score_rfm
from regulars.analytics.measures.segments import (
    hold_signs,
    hold_turns,
    label_at,
    list_looks,
    rank_values,
    read_signs,
)
from regulars.analytics.types import UsageInterval
from regulars.facts.facade import Facts

WEEKS = 4
DRAWS = 50
MEMBERS = "member_id"


@dataclass(frozen=True, slots=True)
class Stability:
    """Shares of members whose label changed within four weeks, and the Rand index over bootstrap samples.

    `changed_fifths`: labels from fifths of recency, frequency and money, as usual; `changed_plain`: by the
    shop's own silence, without hysteresis; `changed`: as they are. `agrees`: labels that are what they
    would be without it.
    """

    members: int
    changed_fifths: float
    changed_plain: float
    changed: float
    agrees: float
    draws: int
    rand_mean: float
    rand_min: float


def measure_stability(
    facts: Facts, interval: UsageInterval, *, draws: int = DRAWS, seed: int = 1
) -> Stability:
    """Measure both, on settled facts whose interval is known. Some seconds; memory for twelve looks of
    members.
    """
    days = [facts.as_of, facts.as_of - timedelta(weeks=WEEKS)]
    labels = label_at(facts, days, interval).select("day_no", MEMBERS, "segment", "plain")
    held: list[dict[int, str]] = [{}, {}]
    plain: list[dict[int, str]] = [{}, {}]
    for row in labels.to_pyarrow().to_pylist():
        held[row["day_no"]][row[MEMBERS]] = row["segment"]
        plain[row["day_no"]][row[MEMBERS]] = row["plain"]
    scored = score_rfm(list_rfm(facts, hold_looks(days))).to_pyarrow().to_pylist()
    fifths: list[dict[int, str]] = [{}, {}]
    for row in scored:
        fifths[row["look"]][row[MEMBERS]] = _name_fifths(row["r_score"], row["f_score"] + row["m_score"])
    indices = _draw(facts, held[0], draws, np.random.default_rng(seed))
    return Stability(
        members=len(held[0]),
        changed_fifths=_share_changed(fifths[1], fifths[0]),
        changed_plain=_share_changed(plain[1], plain[0]),
        changed=_share_changed(held[1], held[0]),
        agrees=1 - _share_changed(held[0], plain[0]),
        draws=draws,
        rand_mean=mean(indices),
        rand_min=min(indices),
    )


def _name_fifths(recency: int, strength: int) -> str:
    """Seven names from fifths, as they are usually given: what the labels here are compared with."""
    if recency >= 4 and strength >= 8:
        return "champions"
    if recency >= 3:
        return "loyal" if strength >= 6 else "potential"
    if strength >= 6:
        return "slipping" if recency == 2 else "at_risk"
    return "occasional" if recency == 2 else "lost"


def _share_changed(before: dict[int, str], after: dict[int, str]) -> float:
    both = before.keys() & after.keys()
    return sum(before[member] != after[member] for member in both) / len(both) if both else 0.0


def _draw(facts: Facts, labels: dict[int, str], draws: int, rng: np.random.Generator) -> list[float]:
    looks = list_looks(facts.as_of)
    values = list_rfm(facts, hold_looks(looks)).to_pyarrow()
    gaps = list_gaps(facts).to_pyarrow()
    members = np.array(sorted(labels))
    of_gap = np.searchsorted(members, gaps["member_id"].to_numpy())
    days, weights = gaps["gap"].to_numpy(), 1 / gaps["gaps"].to_numpy()
    indices = []
    for _number in range(draws):
        times = np.bincount(rng.integers(0, len(members), len(members)), minlength=len(members))
        summed = np.bincount(days, weights=weights * times[of_gap])
        spread = [(float(day), float(weight)) for day, weight in enumerate(summed) if weight]
        interval = UsageInterval(
            len(members),
            lapsed_after_days=int(find_quantile(spread, LAPSED_QUANTILE)),
            slipping_after_days=int(find_quantile(spread, SLIPPING_QUANTILE)),
        )
        found = _label_sample(facts, values, looks, (members, times), interval)
        drawn = sorted(found)
        indices.append(
            float(adjusted_rand_score([labels[one] for one in drawn], [found[one] for one in drawn]))
        )
    return indices


def _label_sample(
    facts: Facts,
    values: pa.Table,
    looks: Sequence[Any],
    sample: tuple[Any, Any],
    interval: UsageInterval,
) -> dict[int, str]:
    """Labels of those who were drawn; who was drawn twice stands twice in the ranks, under numbers of their
    own.
    """
    members, times = sample
    twins = np.repeat(members, times)
    numbers = pa.table({"drawn": pa.array(np.arange(len(twins))), "original": pa.array(twins)})
    held = ibis.memtable(values)
    twins_of = ibis.memtable(numbers)
    held = held.join(twins_of, held.member_id == twins_of.original)
    held = held.drop(MEMBERS).rename(member_id="drawn")
    labels = hold_signs(read_signs(rank_values(held), interval), hold_turns([facts.as_of], looks))
    originals = dict(enumerate(twins.tolist()))
    rows = facts.backend.to_pyarrow(labels.select(MEMBERS, "segment")).to_pylist()
    return {originals[row[MEMBERS]]: row["segment"] for row in rows}
