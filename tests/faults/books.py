"""Whether what a till was told and what is in the books agree: a list of everything that does not."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tests.faults import wishes

STATES = ("reserved", "confirmed", "fulfilled", "cancelled")


def find_faults(told: Sequence[dict[str, Any]], review: dict[str, Any]) -> list[str]:
    """Everything wrong with the answers before the last kill, and after it, and with the figures."""
    before, after = review["before"], review["after"]
    return [
        *(f"before: {fault}" for fault in _judge_figures(before)),
        *(f"after: {fault}" for fault in _judge_figures(after)),
        *_judge_told(told, {row["key"]: row for row in before["rows"]}),
        *_judge_asked(told, review["asked"], before, after),
    ]


def _judge_figures(figures: dict[str, Any]) -> Iterator[str]:
    rows = figures["rows"]
    for name in ("key", "id", "reference", "code"):
        values = Counter(row[name] for row in rows if row[name] is not None)
        yield from (f"{name} {value} is there {count} times" for value, count in values.items() if count > 1)
    standing = [row for row in rows if row["state"] != "cancelled"]
    for reward, taken in figures["taken"].items():
        count = sum(row["reward"] == reward for row in standing)
        if taken != count:
            yield f"{taken} of {reward} are taken, {count} redeemed"
    handed_out = sum(row["code"] is not None for row in rows)
    if Counter(figures["codes"]) != Counter(revealed=handed_out, free=wishes.CODES - handed_out):
        yield f"{handed_out} codes were handed out, and the pool says {figures['codes']}"
    moved, owed = Counter(map(tuple, figures["moves"])), Counter(_list_moves(rows))
    if moved != owed:
        yield f"points moved without a redemption {moved - owed}, or not moved for one {owed - moved}"
    for member, given in wishes.GIVEN.items():
        own = [row for row in standing if row["member"] == member]
        held = sum(row["price"] for row in own if row["state"] == "reserved")
        follows = [given - sum(row["price"] for row in own), held]
        if figures["balances"][member] != follows:
            yield f"{member} has {figures['balances'][member]}, and {follows} follow"
    if not figures["proved"]:
        yield "history does not give the stored balances"


def _list_moves(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str, int]]:
    """What the ledger owes to each redemption, once."""
    for row in rows:
        if row["reward"] == "bike":
            kinds = ["hold"] if row["state"] == "reserved" else ["hold", "capture"]
        else:
            kinds = ["spend", "refund"] if row["state"] == "cancelled" else ["spend"]
        yield from ((f"redemption:{row['id']}", kind, row["price"]) for kind in kinds)


def _judge_told(told: Sequence[dict[str, Any]], rows: dict[str, dict[str, Any]]) -> Iterator[str]:
    for line in told:
        row = rows.get(line["key"])
        if "refused" in line:
            if row is not None:
                yield f"{line['key']} was refused, and is there"
        elif row is None:
            yield f"{line['key']} was answered, and is lost"
        elif not _is_same(line, row):
            yield f"{line['key']} was answered with {line}, and {row} is there"
        elif STATES.index(line["state"]) > STATES.index(row["state"]):
            yield f"{line['key']} was {line['state']}, and is {row['state']}"


def _judge_asked(
    told: Sequence[dict[str, Any]],
    asked: Sequence[dict[str, Any]],
    before: dict[str, Any],
    after: dict[str, Any],
) -> Iterator[str]:
    known = {row["key"]: row for row in before["rows"]}
    rows = {row["key"]: row for row in after["rows"]}
    if len(asked) != wishes.WISHES:
        yield f"{len(asked)} keys were asked again"
    for answer in asked:
        key = answer["key"]
        if key in known:
            if not answer.get("replayed") or not _is_same(answer, known[key]):
                yield f"{key} was there as {known[key]}, and is answered with {answer}"
        elif answer.get("replayed"):
            yield f"{key} was not there, and is answered as if it were"
        elif "refused" not in answer and (key not in rows or not _is_same(answer, rows[key])):
            yield f"{key} is answered with {answer}, and {rows.get(key)} is there"
    heard = {line["key"] for line in told if "id" in line}
    yield from (
        f"{answer['key']} was answered before, and is refused now"
        for answer in asked
        if "refused" in answer and answer["key"] in heard
    )


def _is_same(answer: dict[str, Any], row: dict[str, Any]) -> bool:
    shown = answer.get("code")
    return (answer.get("id"), answer.get("reference")) == (row["id"], row["reference"]) and (
        shown is None or shown == row["code"]
    )
