"""Reading settings from the environment, with errors in words."""

import os
import secrets
from pathlib import Path

import platformdirs


def flag(name: str) -> bool:
    """True where the variable is 1, true, yes or on."""
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, *, default: str) -> list[str]:
    """A list separated by spaces or commas."""
    return os.environ.get(name, default).replace(",", " ").split()


def path(name: str, *, default: Path) -> Path:
    """A path, made absolute."""
    return Path(os.environ.get(name) or default).expanduser().absolute()


def data_dir() -> Path:
    """Where everything lives that must survive: REGULARS_DATA, or the user's data directory."""
    return path("REGULARS_DATA", default=Path(platformdirs.user_data_dir("regulars", appauthor=False)))


def secret_key(data: Path) -> str:
    """REGULARS_SECRET_KEY, or a key made once and kept in the data directory, readable by its owner only."""
    if given := os.environ.get("REGULARS_SECRET_KEY"):
        return given
    file = data / "secret_key"
    try:
        return file.read_text()
    except FileNotFoundError:
        data.mkdir(parents=True, exist_ok=True)
        key = secrets.token_urlsafe(48)
        part = file.with_suffix(f".{os.getpid()}")
        part.touch(mode=0o600)
        part.write_text(key)
        try:
            # The first of several starting processes wins; the others read what it wrote.
            os.link(part, file)
        except FileExistsError:
            key = file.read_text()
        finally:
            part.unlink()
        return key
