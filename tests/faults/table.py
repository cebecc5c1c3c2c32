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


def as_text(figures: dict[str, Any]) -> str:
    """For people."""
    lines = [f"Seed {figures['seed']}.", "", f"{'fault injected':<40} times"]
    lines += [f"{name:<40} {count:>5}" for name, count in sorted(figures["injuries"].items())]
    lines += [f"{name:<40} SKIPPED: {reason}" for name, reason in figures["skipped"].items()]
    lines += [
        f"`regulars up` ended by itself and was started again: {words}" for words in figures["given_up"]
    ]
    widths = [max(len(name), 6) for name in COLUMNS]
    widths[0] = max(len(kind) for kind in Kind)
    rows = [{"operation": kind} | counts for kind, counts in figures["operations"].items()]
    total = {"operation": "total"} | {name: sum(row[name] for row in rows) for name in COLUMNS[1:]}
    lines += ["", "  ".join(f"{name:>{width}}" for name, width in zip(COLUMNS, widths, strict=True))]
    for row in [*rows, total]:
        lines.append("  ".join(f"{row[name]:>{width}}" for name, width in zip(COLUMNS, widths, strict=True)))
    lines += [
        "",
        f"{figures['files']} files imported, {figures['sweeps']} sweeps given to the worker; replayed:"
        f" {figures['entries']} entries of {figures['wallets']} wallets.",
    ]
    lines += [f"{wrong:<55} {count:>5}" for wrong, count in figures["faults"].items()]
    return "\n".join([*lines, *figures["sentences"]])
