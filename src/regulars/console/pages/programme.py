"""Versions of the programme, and what lies between two of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from regulars.console.desk import Desk
from regulars.console.pages.people import Named, name_actors, parse_actor
from regulars.kit.ids import ProgrammeVersion
from regulars.rules import facade as rules
from regulars.rules.facade import Problem, ProgrammeVersionInfo

CONTEXT = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a comparison: `same`, `added`, `removed`, or a `gap` of unchanged lines left out."""

    kind: str
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one text to another."""

    lines: tuple[DiffLine, ...]
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version in the list. `state` is current, coming or past."""

    info: ProgrammeVersionInfo
    state: str
    by: Named
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version: its text, how members earn, and what it changed."""

    row: VersionRow
    previous: ProgrammeVersionInfo | None
    comparison: Comparison
    sentences: tuple[str, ...]
    numbered: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """A mistake with the lines around it."""

    problem: Problem
    around: tuple[tuple[int, str, bool], ...]


def read_versions(desk: Desk) -> tuple[VersionRow, ...]:
    """All versions, the latest first, each with how much it changed."""
    infos = rules.list_versions()
    names = _names(infos)
    before = {info.number: older.text for info, older in pairwise(infos)}
    return tuple(_row(desk, info, before.get(info.number, ""), names) for info in infos)


def read_version(desk: Desk, number: ProgrammeVersion) -> VersionPage:
    """One version beside the one before it. Raises NoProgramme."""
    info = rules.find_version(number)
    if info is None:
        raise rules.NoProgramme(f"There is no programme version {number}.")
    previous = rules.find_version(ProgrammeVersion(number - 1)) if number > 1 else None
    comparison = compare(previous.text if previous else "", info.text)
    return VersionPage(
        row=_row(desk, info, previous.text if previous else "", _names([info])),
        previous=previous,
        comparison=comparison,
        sentences=tuple(rules.describe_rules(rules.get_programme(number))),
        numbered=tuple(enumerate(info.text.splitlines(), 1)),
    )


def compare(old: str, new: str, context: int = CONTEXT) -> Comparison:
    """Line by line what was removed and added, with so many unchanged lines around each change."""
    before, after = old.splitlines(), new.splitlines()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    lines: list[DiffLine] = []
    shown_to = 0
    for group in matcher.get_grouped_opcodes(context):
        skipped = group[0][1] - shown_to
        if skipped:
            lines.append(DiffLine("gap", None, None, str(skipped)))
        for tag, i1, i2, j1, j2 in group:
            lines += _lines(tag, before, after, (i1, i2), (j1, j2))
        shown_to = group[-1][2]
    if lines and len(before) > shown_to:
        lines.append(DiffLine("gap", None, None, str(len(before) - shown_to)))
    kinds = [line.kind for line in lines]
    return Comparison(tuple(lines), kinds.count("added"), kinds.count("removed"))


def show_problems(text: str, problems: Sequence[Problem]) -> tuple[ShownProblem, ...]:
    """Mistakes with a line of context on either side."""
    lines = text.splitlines()

    def around(line: int) -> Iterator[tuple[int, str, bool]]:
        for number in range(max(1, line - 1), min(len(lines), line + 1) + 1):
            yield number, lines[number - 1], number == line

    return tuple(ShownProblem(problem, tuple(around(problem.line))) for problem in problems)


def _lines(
    tag: str, before: Sequence[str], after: Sequence[str], old: tuple[int, int], new: tuple[int, int]
) -> Iterator[DiffLine]:
    if tag == "equal":
        for i, j in zip(range(*old), range(*new), strict=True):
            yield DiffLine("same", i + 1, j + 1, before[i])
        return
    for i in range(*old):
        yield DiffLine("removed", i + 1, None, before[i])
    for j in range(*new):
        yield DiffLine("added", None, j + 1, after[j])


def _row(desk: Desk, info: ProgrammeVersionInfo, before: str, names: dict[str, Named]) -> VersionRow:
    changed = compare(before, info.text)
    current = desk.programme.version if desk.programme else None
    state = "current" if info.number == current else "coming" if info.effective_from > desk.now else "past"
    by = names.get(info.published_by, Named(info.published_by))
    return VersionRow(info, state, by, changed.added, changed.removed)


def _names(infos: Sequence[ProgrammeVersionInfo]) -> dict[str, Named]:
    actors = {info.published_by: actor for info in infos if (actor := parse_actor(info.published_by))}
    named = name_actors(actors.values())
    return {text: named[actor] for text, actor in actors.items()}
