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
    """The award's detail, ready for JSON; `unpack` undoes it.

    Shares are one text, `line:points,line:points`: half the size and the time of an array. A part that
    counts in a second posting too, as what qualifies does, stands there as the place of the first:
    posting, part.
    """
    places: dict[int, list[int]] = {}
    postings: list[dict[str, Any]] = []
    for index, (posting, seq) in enumerate(zip(evaluation.postings, seqs, strict=True)):
        parts: list[list[Any]] = []
        for part in posting.parts:
            place = places.get(id(part))
            if place is not None:
                parts.append(place)
                continue
            places[id(part)] = [index, len(parts)]
            reason = part.explanation
            shares = ",".join([f"{line_no}:{points}" for line_no, points in part.shares])
            parts.append([part.rule, part.points, shares, reason.code, reason.params])
        kept: dict[str, Any] = {
            "currency": posting.currency,
            "seq": seq,
            "amount": posting.amount,
            "rule": posting.rule,
            "parts": parts,
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
    parts: list[tuple[KeptPart, ...]] = []
    for told in detail["postings"]:
        parts.append(tuple(_read_part(part, parts) for part in told["parts"]))
    postings = tuple(
        KeptPosting(
            currency=kept["currency"],
            seq=kept["seq"],
            amount=kept["amount"],
            rule=kept["rule"],
            parts=own,
            activates_at=_instant(kept.get("activates_at")),
            awaits=kept.get("awaits"),
            expires_at=_instant(kept.get("expires_at")),
        )
        for kept, own in zip(detail["postings"], parts, strict=True)
    )
    usage = tuple(
        (UsageKey(rule, CapScope(scope), period), amount)
        for rule, scope, period, amount in detail.get("usage", ())
    )
    notes = tuple(Explanation(code, params) for code, params in detail.get("notes", ()))
    return KeptAward(postings, usage, notes)


def _read_part(told: Sequence[Any], before: Sequence[tuple[KeptPart, ...]]) -> KeptPart:
    if isinstance(told[0], int):
        posting: int = told[0]
        place: int = told[1]
        return before[posting][place]
    rule, points, shares, code, params = told
    return KeptPart(rule, points, _read_shares(shares), Explanation(code, params))


def _read_shares(text: str) -> tuple[tuple[int, int], ...]:
    pairs = (share.partition(":") for share in text.split(",") if share)
    return tuple((int(line_no), int(points)) for line_no, _, points in pairs)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
