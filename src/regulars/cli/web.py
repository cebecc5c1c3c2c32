"""`regulars web`: granian, one process with several threads."""

import functools
import multiprocessing
import socket
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from regulars.cli.lifeline import follow_parent
from regulars.kit.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

STOP_SECONDS = 20


class AddressTaken(Unavailable):
    """Another program listens there, or we may not."""

    code = "address_taken"


def address_options(command: Callable[P, R]) -> Callable[P, R]:
    """The options --host, --port and --threads, for every command that serves."""
    options = (
        click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True, show_envvar=True),
        click.option(
            "--port",
            envvar="PORT",
            default=8000,
            show_default=True,
            show_envvar=True,
            type=click.IntRange(1, 65535),
        ),
        click.option(
            "--threads",
            envvar="REGULARS_THREADS",
            default=8,
            show_default=True,
            show_envvar=True,
            type=click.IntRange(1, 64),
            help="Requests worked on at once; each holds a database connection.",
        ),
    )
    return functools.reduce(lambda made, option: option(made), reversed(options), command)


def require_free_address(host: str, port: int) -> None:
    """Refuse an address that we cannot listen on. Raises AddressTaken."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family[0]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(family[4])
    except OSError as error:
        raise AddressTaken(
            f"Cannot listen on {host}, port {port} ({error.strerror or error}): "
            "choose another with --port and --host, or PORT and HOST."
        ) from error


def load_application() -> Callable[..., Any]:
    """What granian's worker process serves. It ends with its parent."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        follow_parent(parent.pid)
    # Not at the top: only the process that serves needs Django, not the one that watches it.
    from django.core.servers.basehttp import get_internal_wsgi_application  # noqa: PLC0415

    return get_internal_wsgi_application()


@click.command()
@address_options
def web(host: str, port: int, threads: int) -> None:
    """Run the web server alone; `regulars up` runs it together with the worker."""
    # The database is attached to by the process that serves (config/wsgi.py), and let go by it.
    require_free_address(host, port)
    follow_parent()
    # A forked copy of this process would share its threads' locks; a spawned one starts clean.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        f"{__name__}:load_application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        blocking_threads_idle_timeout=600,
        workers_kill_timeout=STOP_SECONDS,
        websockets=False,
        log_level=LogLevels.error,
    )
    server.serve()
