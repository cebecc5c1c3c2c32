"""Lifestyles: the themes of a shop, named, and whose purchases are of which."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from regulars.analytics.codes import Unknown
from regulars.analytics.lifestyles.baskets import Members, Numbers, read_baskets, weigh
from regulars.analytics.lifestyles.sensitive import DEFAULT_PATTERNS, compile_patterns
from regulars.analytics.lifestyles.themes import COUNTS, Stability, find_themes, match_themes
from regulars.facts.facade import Facts

MEMBERS_MIN = 200
CATEGORIES_MIN = 12
TOP = 8
NAMED_BY = 2
SAME = 0.6
"""Cosine from which a theme is the one of the last refresh, and keeps its code and the name it was given."""
WIDE_SHARE = 0.3
"""Of all categories; a department with more says nothing."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme: its name made of its top categories, and how much each weighs (at most 1 in all)."""

    code: str
    name: str
    categories: tuple[tuple[str, float], ...]
    members: int
    """Of whom it is the first theme."""


@dataclass(frozen=True, slots=True)
class Known:
    """A theme of an earlier refresh, by whose categories it is found again."""

    code: str
    categories: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Lifestyles:
    """`shares`: members × themes, each row adding up to 1. `kept_out`: sensitive categories not looked at."""

    members: Members
    shares: Numbers
    themes: tuple[Theme, ...]
    stability: tuple[Stability, ...] = ()
    kept_out: tuple[str, ...] = ()
    unknown: Unknown | None = None


def find_lifestyles(
    facts: Facts,
    *,
    patterns: Iterable[str] = DEFAULT_PATTERNS,
    known: Sequence[Known] = (),
    counts: tuple[int, ...] = COUNTS,
) -> Lifestyles:
    """The themes in what members buy, of one of the `counts`. `patterns` name categories that are kept out;
    none: nothing is. A theme that is among the `known` keeps its code.
    """
    baskets = read_baskets(facts, compile_patterns(patterns))
    members, rows = weigh(baskets)
    if len(members) < MEMBERS_MIN or len(baskets.paths) < CATEGORIES_MIN:
        unknown = Unknown.TOO_FEW if len(baskets.members) else Unknown.NO_DATA
        nothing = np.empty((0, 0))
        return Lifestyles(np.empty(0, dtype=np.int64), nothing, (), (), baskets.kept_out, unknown)
    found = find_themes(members, rows, counts)
    shares = found.share(rows)
    usual = np.asarray(rows.sum(axis=0)).ravel()
    lifts = found.weights * np.log(np.maximum(found.weights, 1e-12) / (usual / usual.sum()))
    tops = [np.argsort(-lift, kind="stable")[:TOP] for lift in lifts]
    categories = [
        tuple((baskets.paths[place][-1], round(float(weights[place]), 4)) for place in top)
        for weights, top in zip(found.weights, tops, strict=True)
    ]
    codes = _carry_codes(categories, known)
    firsts = np.bincount(shares.argmax(axis=1), minlength=len(tops))
    names = _name_all([[baskets.paths[place] for place in top] for top in tops], baskets.paths)
    themes = tuple(
        Theme(code, name, of, int(count))
        for code, name, of, count in zip(codes, names, categories, firsts, strict=True)
    )
    return Lifestyles(members, shares, themes, found.stability, baskets.kept_out)


def _name_all(tops: list[list[tuple[str, ...]]], paths: Sequence[tuple[str, ...]]) -> list[str]:
    """Each by the department that most of its top five share, if that is no big one; else by its first two.

    A department names one theme: the one in which it comes first.
    """
    size = {wide: sum(path[0] == wide for path in paths) / len(paths) for wide in {path[0] for path in paths}}
    names: list[str] = []
    for top in tops:
        wide = max(
            sorted({path[0] for path in top[:5]}), key=lambda one: sum(path[0] == one for path in top[:5])
        )
        most = sum(path[0] == wide for path in top[:5]) >= 4
        narrow = " · ".join(path[-1] for path in top[:NAMED_BY])
        names.append(wide if most and size[wide] < WIDE_SHARE and wide not in names else narrow)
    return names


def _carry_codes(categories: list[tuple[tuple[str, float], ...]], known: Sequence[Known]) -> list[str]:
    """Codes of the themes: that of the most alike known one, or the next free number."""
    kept: dict[int, str] = {}
    if known:
        words = sorted(
            {name for theme in (*categories, *(old.categories for old in known)) for name, _ in theme}
        )
        place = {name: number for number, name in enumerate(words)}
        tables = []
        for several in (categories, [old.categories for old in known]):
            table = np.zeros((len(several), len(words)))
            for row, theme in enumerate(several):
                for name, weight in theme:
                    table[row, place[name]] = max(table[row, place[name]], weight)
            tables.append(table)
        for row, column, cosine in zip(*match_themes(*tables), strict=True):
            if cosine >= SAME:
                kept[int(row)] = known[int(column)].code
    taken = {old.code for old in known}
    free = (f"theme-{number}" for number in range(1, 10_000) if f"theme-{number}" not in taken)
    return [kept.get(row) or next(free) for row in range(len(categories))]
