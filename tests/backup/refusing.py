"""Runs in a process of its own, on the shop of REGULARS_DATA: tries what must be refused, one by one.

Prints, for each, what was said, and whether every row and file was as before.
"""

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402  (needs Django to be set up)
from django.db import connection  # noqa: E402

from regulars.backup import facade as backups  # noqa: E402
from regulars.backup.archive import ArchiveReader, ArchiveWriter  # noqa: E402
from regulars.backup.types import Manifest, TableSum  # noqa: E402
from regulars.kit.clock import utc_now  # noqa: E402
from regulars.kit.errors import Refusal  # noqa: E402
from regulars.postgres import facade as postgres  # noqa: E402
from tests.backup.shop import look_at_files, look_through  # noqa: E402
from tests.postgres.processes import connect  # noqa: E402


class Quiet:
    """Nobody looks on."""

    def reach(self, done: int, total: int | None = None) -> None: ...

    def note(self, text: str) -> None: ...


def rewrite(file: Path, change: Callable[[Manifest], Manifest]) -> Path:
    """The same backup with another manifest, sealed anew."""
    target = file.with_name(f"{change.__name__}.backup")
    reader = ArchiveReader(file)
    with target.open("w+b") as stream:
        writer = ArchiveWriter(stream)
        for part in (reader.manifest.database, *reader.manifest.files):
            writer.add(part.name, reader.chunks(part))
        writer.finish(change(reader.manifest))
    return target


def newer(manifest: Manifest) -> Manifest:
    applied = (*manifest.contents.migrations, "ledger.0999_from_the_future")
    contents = dataclasses.replace(manifest.contents, migrations=applied)
    return dataclasses.replace(manifest, contents=contents)


def another_sum(manifest: Manifest) -> Manifest:
    tables = dict(manifest.contents.tables)
    tables["ledger_wallet"] = TableSum(tables["ledger_wallet"].rows, "1")
    return dataclasses.replace(manifest, contents=dataclasses.replace(manifest.contents, tables=tables))


def other_totals(manifest: Manifest) -> Manifest:
    totals = {name: dict(sums) for name, sums in manifest.contents.totals.items()}
    totals["points"]["issued"] += 1
    return dataclasses.replace(manifest, contents=dataclasses.replace(manifest.contents, totals=totals))


def another_schema(manifest: Manifest) -> Manifest:
    return dataclasses.replace(manifest, schema="elsewhere")


def damage(file: Path) -> Path:
    """The same backup with some bytes of the dump set to zero."""
    target = file.with_name("damaged.backup")
    content = bytearray(file.read_bytes())
    middle = ArchiveReader(file).manifest.database.size_bytes * 2 // 3
    content[middle : middle + 100] = bytes(100)
    target.write_bytes(content)
    return target


def attempt(file: Path, *, replace: bool = True, is_alone: bool = True) -> dict[str, object]:
    """Try to restore, and look whether anything has changed."""
    data_dir = Path(settings.DATA_DIR)
    with connect(data_dir) as other:
        before, files = look_through(other), look_at_files(data_dir)
    said = ""
    try:
        backups.restore_backup(
            path=file,
            data_dir=data_dir,
            now=utc_now(),
            replace=replace,
            accept_unproved=False,
            is_alone=is_alone,
            progress=Quiet(),
        )
    except Refusal as refusal:
        said = refusal.detail
    with connect(data_dir) as other:
        unchanged = (before, files) == (look_through(other), look_at_files(data_dir))
    return {"said": said, "unchanged": unchanged}


def tamper() -> dict[str, object]:
    """A ledger whose history does not prove: backed up as it is, refused, and taken when that is accepted."""
    data_dir = Path(settings.DATA_DIR)
    with connect(data_dir, user=postgres.SUPERUSER) as other:
        other.execute(
            "UPDATE ledger_wallet SET balance = balance + 1 WHERE member_id = 1 AND currency = 'points'"
        )
    file = data_dir.parent / "tampered.backup"
    backups.create_backup(target=file, data_dir=data_dir, now=utc_now(), progress=Quiet())
    refused = attempt(file)
    report = backups.restore_backup(
        path=file,
        data_dir=data_dir,
        now=utc_now(),
        replace=True,
        accept_unproved=True,
        is_alone=True,
        progress=Quiet(),
    )
    return refused | {"accepted": list(report.problems), "is_proved": report.is_proved}


def overwrite(file: Path) -> dict[str, object]:
    """A backup in the place of another."""
    before = file.read_bytes()
    said = ""
    try:
        backups.create_backup(target=file, data_dir=Path(settings.DATA_DIR), now=utc_now(), progress=Quiet())
    except Refusal as refusal:
        said = refusal.detail
    return {"said": said, "unchanged": file.read_bytes() == before and not list(file.parent.glob(".*"))}


def main(file: Path) -> None:
    results: dict[str, object] = {}
    with postgres.attach(Path(settings.DATA_DIR)):
        results["not asked to replace"] = attempt(file, replace=False)
        results["not alone"] = attempt(file, is_alone=False)
        with connect(Path(settings.DATA_DIR)):
            results["someone connected"] = attempt(file)
        for change in (newer, another_sum, other_totals, another_schema):
            results[change.__name__] = attempt(rewrite(file, change))
        results["damaged"] = attempt(damage(file))
        results["tampered"] = tamper()
        with connect(Path(settings.DATA_DIR)) as other:
            other.execute("CREATE TABLE not_ours AS SELECT 42 AS answer")
        results["not ours"] = attempt(file)
        kept = file.with_name("ours.backup")
        report = backups.create_backup(
            target=kept, data_dir=Path(settings.DATA_DIR), now=utc_now(), progress=Quiet()
        )
        results["overwriting"] = overwrite(file)
        results["left out"] = list(report.left_out)
        results["kept"] = sorted(report.manifest.contents.tables)
        connection.close()
    print(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
