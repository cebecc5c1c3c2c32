"""From what happened to points: evaluated in order of time, posted at once, kept with every why."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection

from regulars.earning.details import pack
from regulars.earning.operations.counters import Counters, load_counters
from regulars.earning.operations.oversized import OversizedAwards
from regulars.earning.operations.persons import gather_merged
from regulars.earning.policies import AWARD_MAX, POINTS
from regulars.earning.types import SourceKind
from regulars.kit.actor import Actor
from regulars.kit.clock import local_date
from regulars.kit.ids import AwardId, MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EarnCommand
from regulars.members.facade import MemberTraits
from regulars.rules import facade as rules
from regulars.rules.facade import Basket, Evaluation, Happening, MemberState, Programme, UsageKey
from regulars.tiers import facade as tiers
from regulars.tiers.facade import Standing, TierChange

NO_SEGMENTS: Mapping[MemberId, frozenset[str]] = {}
NOBODY: frozenset[str] = frozenset()
CURRENCIES: dict[str, Currency] = {currency.value: currency for currency in Currency}
COPY_CHUNK = 500
_NEW_IDS = "SELECT nextval('earning_award_id_seq') FROM generate_series(1, %s)"
_COPY = """
COPY earning_award (
    id, member_id, source_kind, source_id, occurred_at, recorded_at, programme_version, points, detail
) FROM STDIN
"""
_ENCODER = json.JSONEncoder(separators=(",", ":"))
_COPY_ESCAPES = str.maketrans({"\\": "\\\\"})


@dataclass(slots=True)
class Occurrence:
    """Something recorded that may earn: an order's basket, or a happening, under the version of its time."""

    member_id: MemberId
    occurred_at: datetime
    source_id: int
    reference: str
    programme: Programme
    what: Basket | Happening


@dataclass(slots=True)
class Slip:
    """What became of one occurrence: its award, what was posted, and where in the journal."""

    occurrence: Occurrence
    evaluation: Evaluation
    award_id: AwardId
    points: int
    seqs: list[int] = field(default_factory=list)
    activated: int = 0


@dataclass(slots=True)
class Course:
    """One member on the way through a batch: what the next occurrence must know of those before."""

    traits: MemberTraits
    segments: frozenset[str]
    standing: Standing
    orders_before: int
    joined_on: date
    moved: bool = False
    history: Sequence[TierChange] = ()


def evaluate(
    *,
    occurrences: Sequence[Occurrence],
    traits: Mapping[MemberId, MemberTraits],
    segments: Mapping[MemberId, frozenset[str]],
    standings: Mapping[MemberId, Standing],
    orders_before: Mapping[MemberId, int],
    programme_now: Programme,
) -> tuple[list[tuple[Occurrence, Evaluation]], Counters, list[Standing]]:
    """Evaluate a batch member by member in order of time, each occurrence knowing of those before it.

    Answers the evaluations, what they used of caps, and the standings that moved. The caller holds the
    members' wallets; budgets are locked here.
    """
    counters = load_counters(standings.keys(), _list_keys(occurrences), gather_merged(traits))
    histories = tiers.list_changes_of(_list_late(occurrences, standings))
    metric = f"qualifying_{programme_now.tiers.metric}"
    courses: dict[MemberId, Course] = {}
    evaluated = []
    for occurrence in sorted(occurrences, key=_by_member_and_time):
        member_id = occurrence.member_id
        course = courses.get(member_id)
        if course is None:
            known = traits[member_id]
            course = courses[member_id] = Course(
                traits=known,
                segments=segments.get(member_id, NOBODY),
                standing=standings[member_id],
                orders_before=orders_before.get(member_id, 0),
                joined_on=local_date(known.joined_at, programme_now.time_zone),
                history=histories.get(member_id, ()),
            )
        evaluation = _evaluate_one(occurrence, course, counters, programme_now)
        if evaluation.usage:
            counters.use(member_id, evaluation.usage)
        qualifying = evaluation.points_of(metric)
        if qualifying:
            course.standing = tiers.advance(
                programme_now,
                course.standing,
                occurred_at=occurrence.occurred_at,
                qualifying=qualifying,
            )
            course.moved = True
        evaluated.append((occurrence, evaluation))
    return evaluated, counters, [course.standing for course in courses.values() if course.moved]


def _list_late(occurrences: Sequence[Occurrence], standings: Mapping[MemberId, Standing]) -> set[MemberId]:
    """Members of whom something happened before they reached the tier they have now."""
    return {
        occurrence.member_id
        for occurrence in occurrences
        if (reached_at := standings[occurrence.member_id].reached_at) is not None
        and occurrence.occurred_at < reached_at
    }


def _by_member_and_time(occurrence: Occurrence) -> tuple[MemberId, datetime]:
    return occurrence.member_id, occurrence.occurred_at


def _evaluate_one(
    occurrence: Occurrence, course: Course, counters: Counters, programme_now: Programme
) -> Evaluation:
    traits = course.traits
    state = MemberState(
        tier=_tier_at(occurrence.occurred_at, course, programme_now),
        segments=course.segments,
        joined_on=course.joined_on,
        birthday=traits.birthday,
        orders_before=course.orders_before,
        used=counters.used_by(traits.id),
        attributes=traits.attributes,
    )
    if isinstance(occurrence.what, Basket):
        course.orders_before += 1
        return rules.evaluate_basket(occurrence.programme, state, occurrence.what)
    return rules.evaluate_happening(occurrence.programme, state, occurrence.what)


def _tier_at(instant: datetime, course: Course, programme_now: Programme) -> str | None:
    """The tier that the member had at that instant."""
    standing = course.standing
    if standing.as_of is not None and instant < standing.as_of:
        return _past_tier(instant, course)
    if standing.rank:
        # What fell by itself since then has fallen; the lowest tier cannot.
        standing = course.standing = tiers.advance(programme_now, standing, occurred_at=instant, qualifying=0)
    return standing.tier or None


def _past_tier(instant: datetime, course: Course) -> str | None:
    """The tier as history tells it, for what arrives late."""
    standing = course.standing
    if standing.reached_at is None or instant >= standing.reached_at:
        return standing.tier or None
    tier = standing.tier
    for change in course.history:
        if change.occurred_at <= instant:
            return change.to_tier
        tier = change.from_tier
    return tier or None


def _list_keys(occurrences: Sequence[Occurrence]) -> set[UsageKey]:
    """What caps count at the times of the batch, for the rules that it can meet and no others.

    A budget of a rule that is not met stays unlocked: orders do not wait for surveys.
    """
    keys: set[UsageKey] = set()
    seen: set[tuple[int, date, str]] = set()
    for occurrence in occurrences:
        programme, what = occurrence.programme, occurrence.what
        event = what.kind if isinstance(what, Happening) else ""
        moment = (id(programme), occurrence.occurred_at.astimezone(programme.time_zone).date(), event)
        if moment not in seen:
            seen.add(moment)
            met = {rule.id for rule in programme.rules if rule.event == event}
            every = rules.list_usage_keys(programme, occurrence.occurred_at)
            keys.update(key for key in every if key.rule in met)
    return keys


def post(
    *, actor: Actor, now: datetime, kind: SourceKind, evaluated: Sequence[tuple[Occurrence, Evaluation]]
) -> list[Slip]:
    """Post what was evaluated, all in one call to the ledger; the answer keeps the order.

    Raises OversizedAwards.
    """
    commands = []
    for occurrence, evaluation in evaluated:
        source = f"{kind}:{occurrence.source_id}"
        for index, posting in enumerate(evaluation.postings):
            commands.append(
                EarnCommand(
                    member_id=occurrence.member_id,
                    currency=CURRENCIES[posting.currency],
                    amount=posting.amount,
                    occurred_at=occurrence.occurred_at,
                    key=f"{source}:{index}",
                    expires_at=posting.expires_at,
                    activates_at=posting.activates_at,
                    awaits=posting.awaits,
                    sliding=posting.sliding,
                    programme_version=evaluation.version,
                    rule=posting.rule,
                    source=source,
                )
            )
    if any(command.amount > AWARD_MAX for command in commands):
        raise OversizedAwards({int(c.source.partition(":")[2]) for c in commands if c.amount > AWARD_MAX})
    receipts = iter(ledger.earn_batch(actor=actor, now=now, commands=commands) if commands else ())
    return [
        Slip(
            occurrence=occurrence,
            evaluation=evaluation,
            award_id=award_id,
            points=evaluation.points_of(POINTS),
            seqs=[next(receipts).seq for _ in evaluation.postings],
        )
        for (occurrence, evaluation), award_id in zip(evaluated, _new_ids(len(evaluated)), strict=True)
    ]


def keep(*, now: datetime, kind: SourceKind, slips: Sequence[Slip]) -> None:
    """Keep the awards with their parts and shares, by COPY."""
    recorded_at = now.isoformat()
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for start in range(0, len(slips), COPY_CHUNK):
            chunk = slips[start : start + COPY_CHUNK]
            copy.write("".join([_render(slip, kind, recorded_at) for slip in chunk]))


def _render(slip: Slip, kind: SourceKind, recorded_at: str) -> str:
    occurrence = slip.occurrence
    detail = pack(slip.evaluation, slip.seqs)
    if slip.activated:
        detail["activated"] = slip.activated
    text = _ENCODER.encode(detail)
    if "\\" in text:
        text = text.translate(_COPY_ESCAPES)
    return (
        f"{slip.award_id}\t{occurrence.member_id}\t{kind}\t{occurrence.source_id}\t"
        f"{occurrence.occurred_at.isoformat()}\t{recorded_at}\t{slip.evaluation.version}\t"
        f"{slip.points}\t{text}\n"
    )


def _new_ids(count: int) -> list[AwardId]:
    with connection.cursor() as cursor:
        cursor.execute(_NEW_IDS, [count])
        return [award_id for (award_id,) in cursor.fetchall()]
