"""The export: every entry of a period as a debit and a credit, a trial balance, and a manifest over both."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from regulars.finance import policies
from regulars.finance.errors import ExportUnsound
from regulars.finance.exporting.chart import BY_NAME, CHART
from regulars.finance.exporting.trial import Tally, compare_tally, make_trial_balance
from regulars.finance.exporting.writers import (
    check_format,
    open_writer,
    sha256_of,
    write_instant,
)
from regulars.finance.queries.reading import read_flows, snapshot
from regulars.finance.types import ExportFormat, ExportProgress, ExportReport, Period, TrialLine
from regulars.ledger.facade import Currency

BATCH_ENTRIES = 5_000
LAYOUT = "regulars-journal-1"
COLUMNS: tuple[tuple[str, str], ...] = (
    ("entry", "code"),
    ("line", "integer"),
    ("booked_at", "instant"),
    ("occurred_at", "instant"),
    ("currency", "code"),
    ("account", "code"),
    ("account_name", "code"),
    ("debit", "integer"),
    ("credit", "integer"),
    ("kind", "code"),
    ("member_id", "integer"),
    ("posting", "code"),
    ("refers_to", "code"),
    ("programme_version", "integer"),
    ("rule", "text"),
    ("source", "text"),
    ("actor", "text"),
)
_ENTRIES = """
    SELECT b.member_id, b.currency, b.seq, b.posting, b.kind, b.debit, b.credit, b.amount, b.occurred_at,
    b.booked_at, b.refers_to, b.programme_version, b.rule, b.source, b.actor FROM
    ledger_books(%(currencies)s) b WHERE b.booked_at >= %(start)s AND b.booked_at < %(end)s ORDER BY
    b.member_id, b.currency, b.seq
"""
Tell = Callable[[ExportProgress], None]


def export_journal(
    *,
    period: Period,
    now: datetime,
    directory: Path,
    file_format: ExportFormat,
    on_progress: Tell = lambda _progress: None,
) -> ExportReport:
    """Write what was booked in a period as double entries, with accounts, trial balance and manifest.

    The names follow from the period and the layout, and a period that is final gives the same bytes each
    time. Memory does not grow with the period: rows come through a cursor of the server, 5,000 entries at a
    time. Files appear only when all of them are whole and agree with the ledger; until then they end in
    `.part`.
    Raises PeriodInvalid, WriterMissing, ExportUnsound, OSError.
    """
    policies.check_period(period, now)
    check_format(file_format)
    directory.mkdir(parents=True, exist_ok=True)
    stem = f"regulars-journal_{policies.stretch_name(period)}"
    names = {
        "lines": f"{stem}.{file_format}",
        "accounts": f"{stem}_accounts.csv",
        "trial_balance": f"{stem}_trial-balance.csv",
        "manifest": f"{stem}.{file_format}.manifest.json",
    }
    with _whole_files(directory, list(names.values())) as parts:
        with snapshot():
            flows = read_flows(period, list(Currency))
            total = sum(flow.entries for flow in flows if flow.phase == 1)
            tally = _write_lines(parts[names["lines"]], period, file_format, total, on_progress)
        trial = make_trial_balance(flows)
        problems = compare_tally(tally, trial)
        if problems:
            raise ExportUnsound(
                f"The export does not agree with the ledger: {problems[0]}.", problems=problems
            )
        _write_accounts(parts[names["accounts"]])
        _write_trial(parts[names["trial_balance"]], trial)
        files = {names[key]: parts[names[key]] for key in ("lines", "accounts", "trial_balance")}
        manifest = make_manifest(period, now, tally, trial, files)
        parts[names["manifest"]].write_text(
            json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", "utf-8"
        )
    return ExportReport(
        files=tuple(directory / name for name in names.values()),
        entries=tally.entries,
        lines=2 * tally.entries,
        debits=tally.debits,
        credits=tally.credits,
        is_final=policies.is_final(period.end, now),
        trial_balance=tuple(trial),
    )


def _write_lines(path: Path, period: Period, file_format: ExportFormat, total: int, tell: Tell) -> Tally:
    tally = Tally()
    with open_writer(path, COLUMNS, file_format) as writer:
        for entries in _read_entries(period):
            lines = [line for entry in entries for line in _lines_of(entry)]
            for line in lines:
                tally.add(line[4], line[6], line[7] or 0, line[8] or 0)
            tally.entries += len(entries)
            writer.write(lines)
            tell(ExportProgress(tally.entries, total))
    return tally


def _read_entries(period: Period) -> Iterator[Sequence[Any]]:
    """The period's entries in batches, through a cursor that the server keeps. Within a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            _ENTRIES,
            {"start": period.start, "end": period.end, "currencies": [one.value for one in Currency]},
        )
        while batch := cursor.fetchmany(BATCH_ENTRIES):
            yield batch


def _lines_of(entry: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """The debit, then the credit."""
    member, currency, seq, posting, kind, debit, credit, amount, occurred_at, booked_at, *more = entry
    refers_to, programme_version, rule, source, actor = more
    prefix = f"{member}.{currency}."
    reference = "" if refers_to is None else f"{prefix}{refers_to}"
    rest = (kind, member, f"{prefix}{posting}", reference, programme_version, rule, source, actor)
    for number, name in enumerate((debit, credit), 1):
        account = BY_NAME[name]
        amounts = (amount, None) if number == 1 else (None, amount)
        head = (f"{prefix}{seq}", number, booked_at, occurred_at, currency, account.code, account.name)
        yield (*head, *amounts, *rest)


def _write_accounts(path: Path) -> None:
    columns = tuple((name, "text") for name in ("code", "name", "title", "type"))
    with open_writer(path, columns, ExportFormat.CSV) as writer:
        writer.write([(one.code, one.name, one.title, one.type) for one in CHART])


def _write_trial(path: Path, trial: Sequence[TrialLine]) -> None:
    amounts = tuple((name, "integer") for name in ("opening", "debits", "credits", "closing"))
    columns = (("currency", "code"), ("account", "code"), ("account_name", "code"), *amounts)
    with open_writer(path, columns, ExportFormat.CSV) as writer:
        writer.write(
            [
                (
                    *(one.currency, one.account.code, one.account.name),
                    *(one.opening, one.debits, one.credits, one.closing),
                )
                for one in trial
            ]
        )


def make_manifest(
    period: Period, now: datetime, tally: Tally, trial: Sequence[TrialLine], files: dict[str, Path]
) -> dict[str, Any]:
    """What was written, so that anyone can check that nothing is missing. Holds no time of writing."""
    return {
        "layout": LAYOUT,
        "period": {
            "start": write_instant(period.start),
            "end": write_instant(period.end),
            "time_zone": period.zone.key,
            "final": policies.is_final(period.end, now),
        },
        "control_totals": {
            "entries": tally.entries,
            "lines": 2 * tally.entries,
            "debits": tally.debits,
            "credits": tally.credits,
        },
        "trial_balance": [
            {
                "currency": one.currency,
                "account": one.account.code,
                "account_name": one.account.name,
                "opening": one.opening,
                "debits": one.debits,
                "credits": one.credits,
                "closing": one.closing,
            }
            for one in trial
        ],
        "files": [
            {"name": name, "bytes": path.stat().st_size, "sha256": sha256_of(path)}
            for name, path in files.items()
        ],
    }


@contextmanager
def _whole_files(directory: Path, names: Sequence[str]) -> Iterator[dict[str, Path]]:
    """Files under a name of their own until all of them are whole; where anything fails, none is kept."""
    parts = {name: directory / f".{name}.{os.getpid()}.part" for name in names}
    try:
        yield parts
        for name, part in parts.items():
            part.replace(directory / name)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
