"""How good a risk is: whom it ranks first (AUC), and whether 30 % means three of ten (Brier, ECE)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.analytics.risk.features import Numbers

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """A tenth of the members by risk: mean risk foretold, and the share who fell silent."""

    members: int
    foretold: float
    happened: float


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one set of predictions. `auc` is None where all or none fell silent.

    `brier`: mean squared error (Brier 1950); `brier_base`: of telling everybody the share of all. `ece`:
    expected calibration error, the mean gap between foretold and happened over tenths (Naeini et al. 2015).
    """

    members: int
    silent: int
    auc: float | None
    brier: float
    brier_base: float
    ece: float
    bins: tuple[Bin, ...]


def judge(risk: Numbers, silent: NDArray[np.bool_]) -> Quality:
    """Compare what was foretold with what happened; at least one member."""
    order = np.argsort(risk, kind="stable")
    bins = tuple(
        Bin(len(part), float(risk[part].mean()), float(silent[part].mean()))
        for part in np.array_split(order, BINS)
        if len(part)
    )
    return Quality(
        members=len(risk),
        silent=int(silent.sum()),
        auc=find_auc(risk, silent),
        brier=float(np.mean((risk - silent) ** 2)),
        brier_base=float(silent.mean() * (1 - silent.mean())),
        ece=sum(part.members * abs(part.foretold - part.happened) for part in bins) / len(risk),
        bins=bins,
    )


def find_auc(risk: Numbers, silent: NDArray[np.bool_]) -> float | None:
    """The chance that who fell silent had the higher risk of the two; ties count half (Mann-Whitney)."""
    lost, kept = int(silent.sum()), int((~silent).sum())
    if not lost or not kept:
        return None
    _, back, count = np.unique(risk, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[back]
    return float((ranks[silent].sum() - lost * (lost + 1) / 2) / (lost * kept))
