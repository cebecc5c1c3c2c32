"""Refusals of the rules."""

from collections.abc import Sequence

from regulars.kit.errors import InvalidInput, NotFound
from regulars.rules.types import Problem


class ProgrammeInvalid(InvalidInput):
    """The document has mistakes: `problems` names line, field and what is wrong, in its order."""

    code = "programme_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        more = len(self.problems) - 1
        tail = f" (and {more} more)" if more else ""
        super().__init__(
            f"The programme cannot be read: {first}{tail}",
            problems=[{"line": p.line, "field": p.field, "message": p.message} for p in self.problems],
        )


class NoProgramme(NotFound):
    """No programme has been published yet, or no version has that number."""

    code = "no_programme"
