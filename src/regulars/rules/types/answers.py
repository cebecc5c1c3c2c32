"""What the evaluator answers: postings made of explained parts, and mistakes found in a document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from regulars.kit.ids import ProgrammeVersion
from regulars.rules.types.events import UsageKey


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why, as data: `code` names a sentence, `params` (ready for JSON) fill it; `explain` renders it."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """What one rule gave. `rule` is its id, or `tier:<code>` for a tier's multiplier.

    `shares` says to which lines it belongs: (line_no, points), no zeros, adding up to `points`;
    empty for a happening, which has no lines.
    """

    rule: str
    points: int
    shares: tuple[tuple[int, int], ...]
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Posting:
    """One credit to be posted: parts of equal currency, pending period and expiry, together.

    `rule` is the rule whose pending and expiry all parts follow. Where the credit awaits an event,
    `expires_at` is None for now: `resolve_expiry(programme, posting.rule, activated_at)` tells it then.
    `sliding` means that activity moves the expiry: resolve it again, from the activity's instant.
    """

    currency: str
    amount: int
    parts: tuple[Part, ...]
    activates_at: datetime | None = None
    awaits: str | None = None
    expires_at: datetime | None = None
    sliding: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer: credits to post, what they use up of caps and budgets, and what was left out and why."""

    version: ProgrammeVersion
    postings: tuple[Posting, ...]
    usage: tuple[tuple[UsageKey, int], ...] = ()
    notes: tuple[Explanation, ...] = ()

    def points_of(self, currency: str) -> int:
        """The sum of what is credited in one currency."""
        return sum(posting.amount for posting in self.postings if posting.currency == currency)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a programme document: where it stands and what is wrong, for a person to mend."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.message}"


@dataclass(frozen=True, slots=True)
class ProgrammeVersionInfo:
    """A published version: its document and who put it in force, and from when."""

    number: ProgrammeVersion
    text: str
    sha256: str
    note: str
    published_by: str
    published_at: datetime
    effective_from: datetime
