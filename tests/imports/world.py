"""A small shop with a programme, and files written the way shops write them."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from regulars.imports import facade as imports
from regulars.imports.facade import ImportKind, ImportOptions, ImportReport
from regulars.kit.actor import Actor, ActorKind
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.rules import facade as rules

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACTOR = Actor(ActorKind.IMPORT, "test")
PROGRAMME = """
[programme]
name = "Corner shop"
time_zone = "Europe/Berlin"
currency = "EUR"

[[earn]]
id = "purchases"
type = "per_amount"
points = 1
per = 1.00

[[earn]]
id = "review"
type = "event"
event = "review"
points = 20

[tiers]
metric = "points"
window = "rolling"

[[tiers.tier]]
code = "basic"
threshold = 0

[[tiers.tier]]
code = "plus"
threshold = 100
"""
GOOD_ROWS = [
    ("A1", "ada", "2026-03-04T14:30:00+01:00", "bread", "1", "12.50"),
    ("A1", "ada", "2026-03-04T14:30:00+01:00", "milk", "2", "3.00"),
    ("B1", "bo", "2026-03-05 09:00", "bread", "1", "7.99"),
]
HEAD = ("order_id", "member_id", "occurred_at", "sku", "quantity", "amount")


def open_shop(*external_ids: str) -> None:
    rules.publish_programme(
        actor=ACTOR, now=NOW, text=PROGRAMME, effective_from=datetime(2020, 1, 1, tzinfo=UTC)
    )
    add_members(*external_ids)


def add_members(*external_ids: str) -> None:
    batch = [members.MemberInput(external_id=one) for one in external_ids]
    members.save_members(actor=ACTOR, now=NOW, batch=batch)


def run(kind: ImportKind | str, path: Path, **options: Any) -> ImportReport:
    return imports.import_file(
        actor=ACTOR, now=NOW, kind=ImportKind(kind), path=path, options=ImportOptions(**options)
    )


def write_csv(path: Path, rows: Iterable[Sequence[Any]], head: Sequence[str] = HEAD, **dialect: Any) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, **dialect).writerows([head, *rows])
    return path


def write_jsonl(path: Path, rows: Iterable[Sequence[Any]], head: Sequence[str] = HEAD) -> Path:
    lines = (json.dumps(dict(zip(head, row, strict=True))) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def write_parquet(path: Path, rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD) -> Path:
    columns = {name: [str(row[place]) for row in rows] for place, name in enumerate(head)}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def read_rejects(report: ImportReport) -> list[Mapping[str, str]]:
    assert report.rejects is not None
    with report.rejects.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def points_of(external_id: str) -> int:
    member_id = members.find_member_ids([external_id])[external_id]
    return ledger.get_balance(member_id, NOW).active
