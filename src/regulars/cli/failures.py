"""From an exception to one sentence and an exit code.

Exit codes: 1 refused, or a check found problems; 2 wrong usage; 70 a mistake of ours, with the traceback in
a file; 128 + n ended by signal n (130 is Ctrl-C).
"""

import errno
import os
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path

import click
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import InternalError, OperationalError, ProgrammingError
from procrastinate.exceptions import ConnectorException

from regulars.kit.clock import utc_now
from regulars.kit.errors import Refusal

REFUSED = 1
MISTAKE = 70
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Failure:
    """What to say, and how to leave."""

    sentence: str
    exit_code: int


def explain(error: BaseException) -> Failure:
    """Say what happened."""
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return Failure("Stopped.", INTERRUPTED)
    if isinstance(error, click.ClickException):
        return Failure(_usage(error), error.exit_code)
    if isinstance(error, Refusal):
        return Failure(error.detail, REFUSED)
    sentence = _expected(error)
    if sentence:
        return Failure(_one_line(sentence), REFUSED)
    return Failure(_unexpected(error), MISTAKE)


def _usage(error: click.ClickException) -> str:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.message
    message = _one_line(error.format_message())
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message.rstrip('.')} (see `{context.command_path} --help`)." if context else message


def _expected(error: BaseException) -> str:
    """A sentence for what can go wrong on any machine; empty for what must not."""
    if isinstance(error, ImproperlyConfigured | CommandError):
        return str(error)
    if isinstance(error, OperationalError | ConnectorException):
        cause = _first_line(error.__cause__ or error)
        return f"The database does not answer ({cause}): `regulars doctor` looks into it."
    if isinstance(error, ProgrammingError) and getattr(error.__cause__, "sqlstate", "") in {"42P01", "42703"}:
        return f"The database is not up to date ({_first_line(error)}): run `regulars migrate`."
    if isinstance(error, InternalError) and getattr(error.__cause__, "sqlstate", "") == "25006":
        return (
            "The database is read-only: it was moved (`regulars move --back` undoes that), or is a replica."
        )
    if isinstance(error, OSError) and (error.filename or error.errno in {errno.ENOSPC, errno.EDQUOT}):
        return f"{error.strerror}{f': {error.filename}' if error.filename else ''}."
    return ""


def _unexpected(error: BaseException) -> str:
    name = f"{type(error).__name__}: {_first_line(error)}" if str(error) else type(error).__name__
    where = _write_log(error)
    return f"This is a mistake in Regulars ({name}); what led to it stands in {where}."


def _write_log(error: BaseException) -> Path:
    text = "".join(
        [f"{utc_now().isoformat()} process {os.getpid()}\n", *traceback.format_exception(error), "\n"]
    )
    try:
        file = Path(settings.DATA_DIR) / "errors.log"
        with file.open("a") as log:
            log.write(text)
    except Exception:  # the settings may be what failed
        descriptor, name = tempfile.mkstemp(prefix="regulars-", suffix=".log", text=True)
        file = Path(name)
        with os.fdopen(descriptor, "w") as log:
            log.write(text)
    return file


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def _one_line(text: str) -> str:
    return " ".join(text.split())
