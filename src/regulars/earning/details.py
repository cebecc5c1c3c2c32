"""An award's detail as it is kept: what the evaluator said, with the journal entries it became."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.rules.facade import CapScope, Evaluation, Explanation, UsageKey


@dataclass(frozen=True, slots=True)
class KeptPart:
    """What one rule gave, as kept with the award."""

    rule: str
    points: int
    shares: tuple[tuple[int, int], ...]
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class KeptPosting:
    """One credit of an award, as kept; `seq` is its journal entry."""

    currency: str
    seq: int
    amount: int
    rule: str
    parts: tuple[KeptPart, ...]
    activates_at: datetime | None
    awaits: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptAward:
    """An award's detail: its postings, what it used up of caps, and what was left out and why."""

    postings: tuple[KeptPosting, ...]
    usage: tuple[tuple[UsageKey, int], ...]
    notes: tuple[Explanation, ...]


def pack(evaluation: Evaluation, seqs: Sequence[int]) -> dict[str, Any]:
    """The award's detail, ready for JSON. Shares are flat: line, points, line, points; `unpack` undoes it."""
    postings = []
    for posting, seq in zip(evaluation.postings, seqs, strict=True):
        kept: dict[str, Any] = {
            "currency": posting.currency,
            "seq": seq,
            "amount": posting.amount,
            "rule": posting.rule,
            "parts": [
                [
                    part.rule,
                    part.points,
                    [number for share in part.shares for number in share],
                    part.explanation.code,
                    part.explanation.params,
                ]
                for part in posting.parts
            ],
        }
        if posting.activates_at is not None:
            kept["activates_at"] = posting.activates_at.isoformat()
        if posting.awaits is not None:
            kept["awaits"] = posting.awaits
        if posting.expires_at is not None:
            kept["expires_at"] = posting.expires_at.isoformat()
        postings.append(kept)
    detail: dict[str, Any] = {"postings": postings}
    if evaluation.usage:
        detail["usage"] = [[key.rule, key.scope, key.period, amount] for key, amount in evaluation.usage]
    if evaluation.notes:
        detail["notes"] = [[note.code, note.params] for note in evaluation.notes]
    return detail


def unpack(detail: Mapping[str, Any]) -> KeptAward:
    """What `pack` kept."""
    postings = tuple(
        KeptPosting(
            currency=kept["currency"],
            seq=kept["seq"],
            amount=kept["amount"],
            rule=kept["rule"],
            parts=tuple(
                KeptPart(rule, points, _pairs(flat), Explanation(code, params))
                for rule, points, flat, code, params in kept["parts"]
            ),
            activates_at=_instant(kept.get("activates_at")),
            awaits=kept.get("awaits"),
            expires_at=_instant(kept.get("expires_at")),
        )
        for kept in detail["postings"]
    )
    usage = tuple(
        (UsageKey(rule, CapScope(scope), period), amount)
        for rule, scope, period, amount in detail.get("usage", ())
    )
    notes = tuple(Explanation(code, params) for code, params in detail.get("notes", ()))
    return KeptAward(postings, usage, notes)


def _pairs(flat: Sequence[int]) -> tuple[tuple[int, int], ...]:
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
