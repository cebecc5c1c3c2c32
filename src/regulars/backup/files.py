"""What lies beside the database and is needed: pictures and keys. Found, staged, put in place."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath

from django.conf import settings

from regulars.backup.archive import BLOCK_BYTES, FILES, ArchiveReader, ArchiveWriter
from regulars.backup.errors import BackupUnusable
from regulars.backup.types import Part

SUFFIX = ".backup"
ASIDE = "before-restore-"
STAGED = ".restoring"
LEFT_OUT = frozenset({"postgres", "backups", "errors.log", "models", STAGED})
"""The embedded database goes by its own way; the rest is no loss: trained models follow from the
database, and their files go while a backup runs. Whatever else there is may be a key.
"""


def add_files(writer: ArchiveWriter, data_dir: Path) -> tuple[Part, ...]:
    """Write every file of the data directory that must survive.

    To be called after the snapshot of the database: pictures are added and never taken away, so all that
    the snapshot speaks of is there.
    """
    return tuple(
        writer.add(f"{FILES}{path.relative_to(data_dir).as_posix()}", read_chunks(path))
        for path in list_files(data_dir)
    )


def list_files(data_dir: Path) -> Iterator[Path]:
    """The files that must survive, in order. Links are not followed."""
    for top in sorted(data_dir.iterdir()):
        if top.name in LEFT_OUT or top.name.startswith((ASIDE, ".")) or top.suffix == SUFFIX:
            continue
        # Facts follow from the database, and their files come and go while a backup runs.
        if top == Path(settings.FACTS_DIR):
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() and not top.is_symlink() else [top]:
            # A name that begins with a dot is a picture in the making.
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                yield path


def read_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file."""
    with path.open("rb") as stream:
        while chunk := stream.read(BLOCK_BYTES):
            yield chunk


class Staging:
    """Files read from a backup and put beside the data directory's own, to take their places at once."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._place = data_dir / STAGED
        self._names: list[PurePosixPath] = []

    def fill(self, reader: ArchiveReader) -> None:
        """Read all files of the backup. Raises BackupUnusable."""
        self.clear()
        self._place.mkdir(mode=0o700)
        for part in reader.manifest.files:
            name = _safe_name(part.name)
            path = self._place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                for chunk in reader.chunks(part):
                    stream.write(chunk)
                    digest.update(chunk)
                stream.flush()
                os.fsync(stream.fileno())
            reader.require_whole(part, digest.hexdigest())
            self._names.append(name)

    def put_in_place(self, now: datetime) -> Path | None:
        """Move every file to where it belongs. What was there and differs is kept aside; returns where."""
        aside = self._data_dir / f"{ASIDE}{now:%Y%m%d-%H%M%S}"
        for name in self._names:
            staged, target = self._place / name, self._data_dir / name
            if target.exists():
                if staged.read_bytes() == target.read_bytes():
                    continue
                kept = aside / name
                aside.mkdir(mode=0o700, exist_ok=True)
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.unlink(missing_ok=True)
                os.link(target, kept)  # the target is never missing, not even for a moment
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            staged.replace(target)
        self.clear()
        return aside if aside.exists() else None

    def clear(self) -> None:
        """Remove what was staged, by us or by a restore that was killed."""
        shutil.rmtree(self._place, ignore_errors=True)


def _safe_name(name: str) -> PurePosixPath:
    inner = PurePosixPath(name.removeprefix(FILES))
    if not name.startswith(FILES) or inner.is_absolute() or ".." in inner.parts or inner.parts[0] in LEFT_OUT:
        raise BackupUnusable(f"The backup holds {name!r}, which leads out of the data directory.")
    return inner
