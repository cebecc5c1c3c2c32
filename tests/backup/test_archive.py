"""The file of a backup, without a database."""

import hashlib
import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.backup.archive import ArchiveReader, ArchiveWriter
from regulars.backup.errors import BackupUnusable
from regulars.backup.files import Staging, list_files
from regulars.backup.types import Contents, Manifest, Part, TableSum

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)


def make(path: Path, files: dict[str, bytes], database: bytes = b"dump", *, number: int = 1) -> Manifest:
    """A backup of these bytes."""
    with path.open("w+b") as stream:
        writer = ArchiveWriter(stream)
        part = writer.add("database.dump", [database[:3], database[3:]])
        parts = tuple(writer.add(name, [content]) for name, content in files.items())
        contents = Contents(("a.0001",), {"t": TableSum(2, "-5")}, {"points": {"issued": 7}})
        manifest = Manifest(number, "9.9.9", NOW, "18.4", 18, "public", contents, part, parts)
        writer.finish(manifest)
    return manifest


@given(st.dictionaries(st.text("abc/é", min_size=1, max_size=130), st.binary(max_size=2_000), max_size=4))
def test_what_is_written_is_read(files: dict[str, bytes]) -> None:
    stream = io.BytesIO()
    writer = ArchiveWriter(stream)
    parts = [writer.add(f"files/{name}x", [content]) for name, content in files.items()]
    stream.write(bytes(1024))
    stream.seek(0)
    with tarfile.open(fileobj=stream) as archive:
        for part, content in zip(parts, files.values(), strict=True):
            member = archive.getmember(part.name)
            taken = archive.extractfile(member)
            assert taken is not None
            assert taken.read() == content
            assert part.sha256 == hashlib.sha256(content).hexdigest()
            assert member.mode == 0o600


def test_the_manifest_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "x.backup"
    written = make(path, {"files/media/a.png": b"picture"})
    reader = ArchiveReader(path)
    assert reader.manifest == written
    assert reader.read(written.files[0]) == b"picture"


def test_a_change_of_any_byte_that_counts_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "x.backup"
    make(path, {"files/key": b"secret"}, b"d" * 700)
    whole = path.read_bytes()
    changed = 0
    for at in range(0, len(whole), 13):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            reader = ArchiveReader(path)
            reader.read(reader.manifest.database)
            for part in reader.manifest.files:
                reader.read(part)
            assert reader.manifest.contents.tables == {"t": TableSum(2, "-5")}
        except BackupUnusable:
            changed += 1
    assert changed > len(whole) // 13 // 4  # the rest is padding, and heads that tar itself ignores


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9])
def test_one_that_broke_off_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "x.backup"
    make(path, {"files/key": b"secret"}, b"d" * 5_000)
    whole = path.read_bytes()
    path.write_bytes(whole[: int((len(whole) - 2_048) * share)])
    with pytest.raises(BackupUnusable, match="not a whole backup"):
        ArchiveReader(path)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "x.backup", {}, number=2)
    with pytest.raises(BackupUnusable, match="newer Regulars"):
        ArchiveReader(tmp_path / "x.backup")


@pytest.mark.parametrize(
    "name", ["files/../outside", "files//etc/passwd", "outside", "files/postgres/cluster/PG_VERSION"]
)
def test_no_file_leads_out_of_the_data_directory(tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    make(tmp_path / "x.backup", {"files/good": b"1", name: b"2"})
    with pytest.raises(BackupUnusable, match="leads out"):
        Staging(data).fill(ArchiveReader(tmp_path / "x.backup"))
    assert not (tmp_path / "outside").exists()
    assert not (data / "good").exists()


def test_what_is_replaced_is_kept_aside(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "media").mkdir(parents=True)
    (data / "secret_key").write_bytes(b"old")
    (data / "media/same.png").write_bytes(b"same")
    make(tmp_path / "x.backup", {"files/secret_key": b"new", "files/media/same.png": b"same"})
    staging = Staging(data)
    staging.fill(ArchiveReader(tmp_path / "x.backup"))
    assert (data / "secret_key").read_bytes() == b"old"
    aside = staging.put_in_place(NOW)
    assert aside == data / "before-restore-20260304-100000"
    assert (aside / "secret_key").read_bytes() == b"old"
    assert (data / "secret_key").read_bytes() == b"new"
    assert not (data / ".restoring").exists()
    # Neither what was kept aside nor the database's own files go into the next backup.
    (data / "postgres").mkdir()
    (data / "postgres/x").touch()
    (data / "errors.log").touch()
    (data / "earlier.backup").touch()
    assert [path.relative_to(data).as_posix() for path in list_files(data)] == [
        "media/same.png",
        "secret_key",
    ]


def test_a_part_of_another_length_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "x.backup", {})
    reader = ArchiveReader(tmp_path / "x.backup")
    with pytest.raises(BackupUnusable):
        list(reader.chunks(Part("database.dump", 3, "")))
    with pytest.raises(BackupUnusable):
        list(reader.chunks(Part("missing", 3, "")))
