"""Gathering what rules give into postings: caps, dates, qualifying credits and notes."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from regulars.kit.points import share_out
from regulars.rules.evaluation.codes import Code, Room
from regulars.rules.evaluation.plan import Plan
from regulars.rules.types import (
    Evaluation,
    Explanation,
    MemberState,
    Metric,
    Part,
    Posting,
    UsageKey,
)

POINTS = "points"
QUALIFYING_POINTS = "qualifying_points"
QUALIFYING_SPEND = "qualifying_spend"
QUALIFYING_VISITS = "qualifying_visits"
TIERS = "tiers"
"""Stands as the rule of credits that the tiers' metric itself gives, not a rule."""

Shares = Sequence[tuple[int, int]]


class Award:
    """One evaluation in the making."""

    __slots__ = (
        "_carriers",
        "_day",
        "_groups",
        "_occurred_at",
        "_plan",
        "_qualifying",
        "_rooms",
        "_state",
        "_usage",
        "notes",
    )

    def __init__(self, plan: Plan, state: MemberState, occurred_at: datetime, day: date) -> None:
        self._plan = plan
        self._state = state
        self._occurred_at = occurred_at
        self._day = day
        self._rooms = plan.rooms(day)
        self._groups: dict[int, list[Part]] = {}
        self._carriers: dict[int, str] = {}
        self._qualifying: list[Part] = []
        self._usage: dict[UsageKey, int] = {}
        self.notes: list[Explanation] = []

    def grant(self, code: Code, points: int, shares: Shares, reason: Explanation) -> int:
        """Add what a rule gives on its own terms, as far as its caps allow; returns what it gave."""
        return self.grant_on(code, points, shares, reason, terms=code.terms, carrier=code.rule.id)

    def grant_on(
        self, code: Code, points: int, shares: Shares, reason: Explanation, *, terms: int, carrier: str
    ) -> int:
        """Add what a rule gives on stated terms; `carrier` is the rule whose expiry those are."""
        if code.rule.caps and points:
            allowed, room = self._clip(code, points)
            if allowed < points:
                shares = _reshare(allowed, shares)
                reason = _capped(reason, room, points)
                points = allowed
        if points:
            part = Part(code.rule.id, points, tuple(shares), reason)
            self._add(part, terms, carrier)
            if code.rule.qualifying:
                self._qualifying.append(part)
        return points

    def grant_tier(self, part: Part, *, terms: int, carrier: str) -> None:
        """Add what a tier's multiplier gives. It never qualifies: status must not feed on itself."""
        self._add(part, terms, carrier)

    def _add(self, part: Part, terms: int, carrier: str) -> None:
        group = self._groups.get(terms)
        if group is None:
            self._groups[terms] = [part]
            self._carriers[terms] = carrier
        else:
            group.append(part)

    def _clip(self, code: Code, points: int) -> tuple[int, Room]:
        """How much of `points` the caps leave, and the cap that leaves least. Counts what is left as used."""
        rooms, used, now = self._rooms[code.rule.id], self._state.used, self._usage
        left = [room.cap.points - used.get(room.key, 0) - now.get(room.key, 0) for room in rooms]
        tightest = min(range(len(rooms)), key=left.__getitem__)
        allowed = max(min(points, left[tightest]), 0)
        for room in rooms if allowed else ():
            now[room.key] = now.get(room.key, 0) + allowed
        if allowed < points:
            self.notes.append(_cap_note(code, rooms[tightest], points - allowed))
        return allowed, rooms[tightest]

    def finish(self, lines: Iterable[tuple[int, int]] = ()) -> Evaluation:
        """The evaluation. `lines` are the eligible lines (line_no, amount) of a basket."""
        postings = self._post() if self._groups else []
        if self._plan.metric is not None:
            qualifying = self._qualify(lines)
            if qualifying is not None:
                postings.append(qualifying)
        return Evaluation(self._plan.version, tuple(postings), tuple(self._usage.items()), tuple(self.notes))

    def _post(self) -> list[Posting]:
        dates, postings = self._plan.dates(self._day), []
        for terms, parts in self._groups.items():
            when = dates[terms]
            carrier = self._carriers[terms]
            if when.expires_at is not None and when.expires_at <= (when.activates_at or self._occurred_at):
                lost = sum(part.points for part in parts)
                self.notes.append(Explanation("expiry_past", {"rule": carrier, "points": lost}))
                continue
            amount = parts[0].points if len(parts) == 1 else sum(part.points for part in parts)
            postings.append(
                Posting(
                    POINTS,
                    amount,
                    tuple(parts),
                    when.activates_at,
                    when.awaits,
                    when.expires_at,
                    when.sliding,
                    carrier,
                )
            )
        return postings

    def _qualify(self, lines: Iterable[tuple[int, int]]) -> Posting | None:
        """The credit for the tiers' metric: at once, and never expiring."""
        if self._plan.metric is Metric.POINTS:
            parts = tuple(self._qualifying)
            amount = sum(part.points for part in parts)
            return Posting(QUALIFYING_POINTS, amount, parts, rule=parts[0].rule) if amount else None
        paid = [pair for pair in lines if pair[1]]
        if self._plan.metric is Metric.SPEND:
            amount = sum(pair[1] for pair in paid)
            reason = Explanation("qualifying_spend", {"amount": amount, "currency": self._plan.currency})
            return _post_whole(QUALIFYING_SPEND, amount, paid, reason)
        largest = max(paid, key=lambda pair: (pair[1], -pair[0]), default=None)
        if largest is None:
            return None
        return _post_whole(QUALIFYING_VISITS, 1, [(largest[0], 1)], Explanation("qualifying_visit"))


def _post_whole(currency: str, amount: int, shares: Shares, reason: Explanation) -> Posting | None:
    if not amount:
        return None
    return Posting(currency, amount, (Part(TIERS, amount, tuple(shares), reason),), rule=TIERS)


def _reshare(points: int, shares: Shares) -> Shares:
    """Fewer points over the same lines, in the same proportion."""
    if not shares:
        return shares
    values = share_out(points, [share for _line_no, share in shares])
    return [(line_no, value) for (line_no, _share), value in zip(shares, values, strict=True) if value]


def _capped(reason: Explanation, room: Room, points: int) -> Explanation:
    cap = {"points": room.cap.points, "scope": str(room.cap.scope), "period": str(room.cap.period)}
    return Explanation(reason.code, {**reason.params, "cap": cap, "uncapped": points})


def _cap_note(code: Code, room: Room, lost: int) -> Explanation:
    params = {
        "rule": code.rule.id,
        "name": code.rule.name,
        "points": room.cap.points,
        "scope": str(room.cap.scope),
        "period": str(room.cap.period),
        "lost": lost,
    }
    return Explanation("cap_reached", params)
