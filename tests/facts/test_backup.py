"""Facts are no part of a backup: they follow from the database."""

from pathlib import Path

from regulars.backup.files import list_files


def test_a_backup_leaves_facts_out_wherever_they_are(tmp_path: Path, settings):
    settings.FACTS_DIR = tmp_path / "columns"
    for name in ("columns/orders/2026-08/a.parquet", "media/logo.png", "secret_key"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert [path.relative_to(tmp_path).as_posix() for path in list_files(tmp_path)] == [
        "media/logo.png",
        "secret_key",
    ]
