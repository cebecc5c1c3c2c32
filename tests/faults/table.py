"""The outcome of a campaign as a table for people, and as figures for a test."""

from collections import Counter
from typing import Any

from tests.faults.asks import Kind, Verdict
from tests.faults.campaign import Outcome
from tests.faults.judge import Wrong
from tests.faults.records import find_of

COLUMNS = ("operation", "asked", "attempts", "acknowledged", "refused", "unknown", "of these done",
           "asked again", "lost", "doubled")  # fmt: skip
SENTENCES_MAX = 30


def as_figures(outcome: Outcome) -> dict[str, Any]:
    """Everything counted, JSON-ready."""
    return {
        "seed": outcome.plan.seed,
        "injuries": dict(outcome.injuries),
        "skipped": outcome.skipped,
        "given_up": outcome.given_up,
        "operations": {kind.value: _count(outcome, kind) for kind in Kind},
        "files": outcome.files,
        "sweeps": outcome.sweeps,
        "entries": outcome.rest.entries,
        "wallets": outcome.rest.wallets,
        "held_meanwhile": outcome.after.held,
        "faults": {wrong.value: sum(fault.wrong is wrong for fault in outcome.faults) for wrong in Wrong},
        "sentences": [f"{fault.wrong}: {fault.sentence}" for fault in outcome.faults[:SENTENCES_MAX]],
    }


def _count(outcome: Outcome, kind: Kind) -> dict[str, int]:
    notebook = outcome.notebook
    asks = [ask for ask in notebook.asks.values() if ask.kind is kind]
    verdicts = Counter(notebook.verdict(ask.key) for ask in asks)
    unknown = [ask for ask in asks if notebook.verdict(ask.key) is Verdict.UNKNOWN]
    wrong = Counter(fault.wrong for fault in outcome.faults if fault.kind is kind)
    return {
        "asked": len(asks),
        "attempts": sum(len(notebook.told[ask.key]) for ask in asks),
        "acknowledged": verdicts[Verdict.ACKNOWLEDGED],
        "refused": verdicts[Verdict.REFUSED],
        "unknown": verdicts[Verdict.UNKNOWN],
        "of these done": sum(bool(find_of(outcome.before, ask)) for ask in unknown),
        "asked again": sum(ask.key in outcome.again for ask in asks),
        "lost": wrong[Wrong.LOST],
        "doubled": wrong[Wrong.DOUBLED],
    }


def _lay_out(row: dict[str, Any]) -> str:
    name, *counts = (str(row[column]) for column in COLUMNS)
    widths = [len(column) for column in COLUMNS[1:]]
    return "  ".join(
        [f"{name:<28}", *(f"{count:>{width}}" for count, width in zip(counts, widths, strict=True))]
    )


def as_text(figures: dict[str, Any]) -> str:
    """For people."""
    lines = ["", f"{'fault injected':<36} times"]
    lines += [f"{name:<36} {count:>5}" for name, count in sorted(figures["injuries"].items())]
    lines += [f"{name:<36} SKIPPED: {reason}" for name, reason in figures["skipped"].items()]
    lines += [
        f"`regulars up` ended by itself and was started again: {words}" for words in figures["given_up"]
    ]
    rows = [{"operation": kind} | counts for kind, counts in figures["operations"].items()]
    total = {"operation": "all"} | {name: sum(row[name] for row in rows) for name in COLUMNS[1:]}
    lines.append("")
    lines += [_lay_out(row) for row in ({name: name for name in COLUMNS}, *rows, total)]
    lines += [
        "",
        f"{figures['files']} files imported, {figures['sweeps']} sweeps given to the worker; replayed:"
        f" {figures['entries']} entries of {figures['wallets']} wallets.",
        "",
    ]
    lines += [f"{wrong:<52} {count:>5}" for wrong, count in figures["faults"].items()]
    return "\n".join([*lines, *figures["sentences"]])
