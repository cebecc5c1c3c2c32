"""The file of a backup: a plain tar, so that `tar` can open it when nothing else can.

`database.dump` (pg_dump's custom format), `files/…`, `manifest.json`, and `manifest.sha256` last: a file that
broke off has no end and is not taken for a backup. Nothing is written twice: a part goes straight into the
file, and its size is put into its head afterwards.
"""

import hashlib
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from regulars.backup.errors import BackupUnusable
from regulars.backup.types import FORMAT, Contents, Manifest, Part, TableSum

DATABASE = "database.dump"
FILES = "files/"
MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
BLOCK_BYTES = 1 << 20


class ArchiveWriter:
    """Writes the parts of a backup to a file that can be sought in."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def add(self, name: str, chunks: Iterable[bytes]) -> Part:
        """Write one part."""
        info = tarfile.TarInfo(name)
        info.mode = 0o600
        begin = self._stream.tell()
        head = info.tobuf(tarfile.GNU_FORMAT)
        self._stream.write(head)
        digest = hashlib.sha256()
        for chunk in chunks:
            self._stream.write(chunk)
            digest.update(chunk)
            info.size += len(chunk)
        self._stream.write(bytes(-info.size % tarfile.BLOCKSIZE))
        end = self._stream.tell()
        self._stream.seek(begin)
        self._stream.write(info.tobuf(tarfile.GNU_FORMAT))  # as long as the first: it depends on the name
        self._stream.seek(end)
        return Part(name, info.size, digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, its seal, and the end."""
        text = json.dumps(asdict(manifest), default=str, indent=1, sort_keys=True).encode()
        self.add(MANIFEST, [text])
        self.add(SEAL, [hashlib.sha256(text).hexdigest().encode()])
        self._stream.write(bytes(2 * tarfile.BLOCKSIZE))


class ArchiveReader:
    """Reads the parts of a backup. Raises BackupUnusable for what is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with tarfile.open(path, "r:") as archive:
                self._places = {
                    member.name: (member.offset_data, member.size) for member in archive if member.isreg()
                }
        except tarfile.TarError:
            raise self._unusable() from None
        self.manifest = self._read_manifest()

    def chunks(self, part: Part) -> Iterator[bytes]:
        """The bytes of one part, as they stand in the file."""
        offset, size = self._places.get(part.name, (0, -1))
        if size != part.size_bytes:
            raise self._unusable()
        with self.path.open("rb") as stream:
            stream.seek(offset)
            while size:
                chunk = stream.read(min(BLOCK_BYTES, size))
                if not chunk:
                    raise self._unusable()
                size -= len(chunk)
                yield chunk

    def require_whole(self, part: Part, sha256: str) -> None:
        """Compare what was read with what was written. Raises BackupUnusable."""
        if part.sha256 != sha256:
            raise self._unusable()

    def read(self, part: Part) -> bytes:
        """All of a small part, compared. Raises BackupUnusable."""
        content = b"".join(self.chunks(part))
        self.require_whole(part, hashlib.sha256(content).hexdigest())
        return content

    def _read_manifest(self) -> Manifest:
        try:
            text, seal = (b"".join(self.chunks(self._part(name))) for name in (MANIFEST, SEAL))
        except KeyError:
            raise self._unusable() from None
        if hashlib.sha256(text).hexdigest().encode() != seal:
            raise self._unusable()
        told = json.loads(text)
        if told["format"] > FORMAT:
            raise BackupUnusable(
                f"{self.path} was made by a newer Regulars ({told['regulars']}): upgrade this one first."
            )
        return _manifest(told)

    def _part(self, name: str) -> Part:
        return Part(name, self._places[name][1], "")

    def _unusable(self) -> BackupUnusable:
        return BackupUnusable(f"{self.path} is not a whole backup of Regulars: it is damaged or broke off.")


def _manifest(told: Mapping[str, Any]) -> Manifest:
    contents = told["contents"]
    return Manifest(
        format=told["format"],
        regulars=told["regulars"],
        taken_at=datetime.fromisoformat(told["taken_at"]),
        server_version=told["server_version"],
        dump_major=told["dump_major"],
        schema=told["schema"],
        contents=Contents(
            migrations=tuple(contents["migrations"]),
            tables={name: TableSum(**table) for name, table in contents["tables"].items()},
            totals=contents["totals"],
        ),
        database=Part(**told["database"]),
        files=tuple(Part(**part) for part in told["files"]),
    )
