"""Refusals of the rules."""

from collections.abc import Sequence

from regulars.kit.errors import Conflict, InvalidInput, NotFound
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


class EditRefused(Conflict):
    """A form cannot make this change without touching more of the text than it was asked to."""

    code = "edit_refused"


class NoDraft(NotFound):
    """Nobody is working on a draft."""

    code = "no_draft"


class DraftMoved(Conflict):
    """Someone else has changed the draft, or published, since it was last looked at."""

    code = "draft_moved"


class PromisesWorse(Conflict):
    """The document makes promises to members worse, and that was not acknowledged."""

    code = "promises_worse"
