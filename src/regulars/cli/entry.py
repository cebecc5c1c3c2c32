"""`regulars`: from the arguments to an exit code. Errors are one sentence, never a traceback."""

import os
import signal
import sys
from types import FrameType

import click

from regulars import __version__
from regulars.cli.commands import COMMANDS, LazyGroup

cli = LazyGroup(
    "regulars",
    COMMANDS,
    help="A self-hosted points marketplace: customers earn points and spend them on rewards.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
cli = click.version_option(__version__, prog_name="regulars")(cli)


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # What holds the database lets go of it when asked to end, as with Ctrl-C; nohup stays nohup.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; the exit code says how it went (see `failures`)."""
    try:
        code = cli.main(arguments or ["--help"], prog_name="regulars", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough, as in `regulars doctor | head -1`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except (Exception, KeyboardInterrupt) as error:
        # Not at the top: it loads Django, and `regulars --help` must be there at once.
        from regulars.cli.failures import explain  # noqa: PLC0415

        failure = explain(error)
        if failure.sentence:
            click.echo(failure.sentence, err=True)
        return failure.exit_code
    return code if isinstance(code, int) else 0


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  (the signature of a handler)
    raise SystemExit(128 + number)
