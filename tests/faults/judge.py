"""Whether what clients were told, what is in the database, and what they hear when they ask again agree."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.faults.asks import Ask, Kind, Notebook, Told, Verdict
from tests.faults.records import Records, find_of

FACTS = {
    Kind.ORDER: ("points",),
    Kind.EVENT: ("points",),
    Kind.ADJUST: ("seq", "points"),
    Kind.REDEEM: ("redemption_id", "reference", "price_points", "code"),
    Kind.RESERVE: ("redemption_id", "reference", "price_points"),
    Kind.RETURN: ("points", "into_debt", "waived"),
    Kind.CONFIRM: ("redemption_id", "reference"),
    Kind.CANCEL: ("redemption_id", "reference"),
    Kind.LET_GO: ("redemption_id", "reference"),
    Kind.IMPORT: (),
}
"""What an acknowledgement says that must be so in the database."""
MAY_TIME_OUT = {Kind.CANCEL, Kind.LET_GO}
"""What they are to bring about, a time-out may have brought about before."""


class Wrong(StrEnum):
    """What can be wrong with one ask, and with the whole."""

    LOST = "lost"
    DOUBLED = "doubled"
    TWO_ANSWERS = "answered in two ways under one key"
    LEFT_BEHIND = "left behind by a refusal"
    CHANGED = "told otherwise than it is"
    UNANSWERED = "not answered when asked again"
    MOVED = "points moved otherwise than is owed"
    SUMS = "sums, lots, stock or codes that do not agree"
    BELOW_ZERO = "balances below zero"
    HELD = "points held, or due, after everything timed out"
    REPLAY = "replay of history differs from what is stored"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `kind` where it is about an ask."""

    wrong: Wrong
    sentence: str
    kind: Kind | None = None


def judge_asks(
    notebook: Notebook, before: Records, again: Mapping[str, Told], after: Records
) -> Iterator[Fault]:
    """Each ask: by what was told and there during the faults, and what was told and is there after."""
    for ask in notebook.asks.values():
        told = notebook.told[ask.key]
        yield from _judge_told(ask, told, notebook.verdict(ask.key), find_of(before, ask))
        if ask.key in again:
            yield from _judge_again(ask, told, find_of(before, ask), again[ask.key], find_of(after, ask))


def judge_whole(records: Records, problems: Sequence[str]) -> Iterator[Fault]:
    """The books as a whole; `problems` is what the ledger's own replay finds."""
    for move in sorted(records.moved.keys() | records.owed.keys()):
        if records.moved[move] != records.owed[move]:
            source, kind = move
            more = records.moved[move] > records.owed[move]
            yield Fault(
                Wrong.MOVED,
                f"{source}: {kind} of {records.moved[move]} points, {records.owed[move]} are owed",
                _KINDS_OF_SOURCES.get(source.partition(":")[0]) if more else None,
            )
    yield from (Fault(Wrong.SUMS, sentence) for sentence in records.broken)
    yield from (Fault(Wrong.REPLAY, sentence) for sentence in problems)
    if records.below_zero:
        yield Fault(Wrong.BELOW_ZERO, f"{records.below_zero} balances are below zero")


def judge_rest(records: Records) -> Iterator[Fault]:
    """After every time-out was swept."""
    open_ones = [row.id for row in records.redemptions.values() if row.state == "reserved"]
    if records.held or records.due or open_ones:
        yield Fault(
            Wrong.HELD,
            f"{records.held} points are held, {records.due} are due, redemptions {open_ones} are reserved",
        )


_KINDS_OF_SOURCES = {
    "order": Kind.ORDER,
    "event": Kind.EVENT,
    "return": Kind.RETURN,
    "redemption": Kind.REDEEM,
}


def _judge_told(
    ask: Ask, told: Sequence[Told], verdict: Verdict, there: list[dict[str, Any]]
) -> Iterator[Fault]:
    def fault(wrong: Wrong, sentence: str) -> Fault:
        return Fault(wrong, f"{ask.key} {sentence}", ask.kind)

    if len(there) > 1:
        yield fault(Wrong.DOUBLED, f"is there {len(there)} times: {there}")
    acknowledged = [one for one in told if one.verdict is Verdict.ACKNOWLEDGED]
    if acknowledged and not there:
        yield fault(Wrong.LOST, f"was acknowledged with {acknowledged[0].body}, and is not there")
    if there and ask.kind not in MAY_TIME_OUT and verdict is Verdict.REFUSED:
        yield fault(Wrong.LEFT_BEHIND, f"was refused with {told[0].body}, and {there} is there")
    for one in acknowledged:
        if there and not _agrees(ask, one, there[0]):
            yield fault(Wrong.CHANGED, f"was told {one.body}, and {there[0]} is there")
    bodies = {str(sorted(one.body.items())) for one in acknowledged}
    if ask.has_header and len(bodies) > 1:
        yield fault(Wrong.TWO_ANSWERS, f"was answered in {len(bodies)} ways under one key: {bodies}")
    if acknowledged:
        heard_at = min(one.ended_at for one in acknowledged)
        yield from (
            fault(Wrong.CHANGED, f"was acknowledged, then refused with {one.body}")
            for one in told
            if one.verdict is Verdict.REFUSED and one.began_at > heard_at
        )


def _judge_again(
    ask: Ask,
    told: Sequence[Told],
    before: list[dict[str, Any]],
    answer: Told,
    after: list[dict[str, Any]],
) -> Iterator[Fault]:
    def fault(wrong: Wrong, sentence: str) -> Fault:
        return Fault(wrong, f"{ask.key}, asked again, {sentence}", ask.kind)

    if answer.verdict is Verdict.UNKNOWN:
        yield fault(Wrong.UNANSWERED, f"is answered with {answer.status} {answer.body}")
        return
    if len(after) > 1 and len(before) <= 1:
        yield fault(Wrong.DOUBLED, f"is there {len(after)} times: {after}")
    if answer.verdict is Verdict.ACKNOWLEDGED:
        if not after:
            yield fault(Wrong.LOST, f"is acknowledged with {answer.body}, and is not there")
        elif not _agrees(ask, answer, after[0]):
            yield fault(Wrong.CHANGED, f"is told {answer.body}, and {after[0]} is there")
    elif before:
        yield fault(Wrong.CHANGED, f"is refused with {answer.body}, and {before[0]} was there")
    elif after and ask.kind not in MAY_TIME_OUT:
        yield fault(Wrong.LEFT_BEHIND, f"is refused with {answer.body}, and {after[0]} is there")
    if before and after and before[0] != after[0]:
        yield fault(Wrong.CHANGED, f"was {before[0]}, and is {after[0]}")
    first = next((one for one in told if one.verdict is Verdict.ACKNOWLEDGED), None)
    if first and ask.has_header and answer.verdict is Verdict.ACKNOWLEDGED and first.body != answer.body:
        yield fault(Wrong.TWO_ANSWERS, f"was answered with {first.body} and now with {answer.body}")


def _agrees(ask: Ask, told: Told, there: Mapping[str, Any]) -> bool:
    return all(told.body.get(name) == there[name] for name in FACTS[ask.kind])


def count_by_kind(faults: Sequence[Fault], wrong: Wrong) -> Counter[Kind | None]:
    return Counter(fault.kind for fault in faults if fault.wrong is wrong)
