"""Reading settings from the environment, with errors in words."""

import contextlib
import importlib.util
import ipaddress
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def flag(name: str) -> bool:
    """True where the variable is 1, true, yes or on."""
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, *, default: int) -> int:
    """A whole number. Raises ImproperlyConfigured."""
    text = os.environ.get(name, "").strip() or str(default)
    try:
        return int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.") from None


def engine(name: str) -> str:
    """Empty for DuckDB in process, or the address of a Spark master. Raises ImproperlyConfigured."""
    given = os.environ.get(name, "").strip()
    if given in {"", "duckdb"}:
        return ""
    if given.startswith("spark://") and given.rpartition(":")[2].isdecimal():
        return given
    raise ImproperlyConfigured(f"{name} must be duckdb or spark://host:port, not {given!r}.")


def words(name: str, *, default: str) -> list[str]:
    """A list separated by spaces or commas."""
    return os.environ.get(name, default).replace(",", " ").split()


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Addresses and networks, such as `127.0.0.1 10.0.0.0/8 fd00::/8`. Raises ImproperlyConfigured."""
    try:
        return [ipaddress.ip_network(word) for word in words(name, default="")]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must list addresses or networks: {error}.") from None


def path(name: str, *, default: Path) -> Path:
    """A path, made absolute. Raises ImproperlyConfigured."""
    given = Path(os.environ.get(name) or default)
    try:
        return given.expanduser().absolute()
    except RuntimeError:
        raise ImproperlyConfigured(f"{name} is {given}, and there is no such home directory.") from None


def data_dir() -> Path:
    """Where everything lives that must survive: REGULARS_DATA, or the user's data directory."""
    if os.environ.get("REGULARS_DATA"):
        return path("REGULARS_DATA", default=Path())
    # Not at the top: every command reads this, and few need it.
    import platformdirs  # noqa: PLC0415

    return Path(platformdirs.user_data_dir("regulars", appauthor=False))


def package_dir(name: str) -> Path:
    """Where an installed package lies, without loading it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ImproperlyConfigured(f"The package {name} is missing: install Regulars anew.")
    return Path(spec.origin).parent


def secret_key(data: Path) -> str:
    """REGULARS_SECRET_KEY, or a key made once and kept in the data directory, readable by its owner only.

    Raises ImproperlyConfigured where the directory cannot be used.
    """
    if given := os.environ.get("REGULARS_SECRET_KEY"):
        return given
    file = data / "secret_key"
    try:
        return _read_key(file) or _make_key(file)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data directory {data} cannot be used ({error.strerror}): "
            "set REGULARS_DATA to a directory of your own."
        ) from error


def _read_key(file: Path) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:
        return ""


def _make_key(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(48))
            stream.flush()
            os.fsync(descriptor)  # a power cut must not leave an empty key behind
        # The first of several starting processes wins; the others read what it wrote.
        with contextlib.suppress(FileExistsError):
            os.link(part, file)
        return file.read_text()
    finally:
        part.unlink()
