"""`regulars up`: the web server and the worker, in one command."""

import http.client
from collections.abc import Callable

import click
from django.db import connections

from regulars.cli.migrate import install
from regulars.cli.startup import database, with_database
from regulars.cli.supervision import Part, persevere, supervise
from regulars.cli.web import address_options, require_free_address


@click.command()
@address_options
@with_database
def up(host: str, port: int, threads: int) -> None:
    """Run everything until Ctrl-C: the database if it is the embedded one, the web server, the worker."""
    require_free_address(host, port)
    install()
    serve(
        host,
        port,
        threads,
        on_ready=lambda: click.echo(f"Regulars answers at {url(host, port)} (Ctrl-C stops it)."),
    )


def serve(host: str, port: int, threads: int, *, on_ready: Callable[[], None]) -> None:
    """Run web server and worker until asked to stop. The caller holds the database, which is up to date.

    `on_ready` is called once, as soon as the web server answers. Raises PartFails.
    """
    connections.close_all()  # this process only watches from now on
    web = Part("web server", ["web", f"--host={host}", f"--port={port}", f"--threads={threads}"])
    worker = Part("worker", ["worker"])
    with database() as attachment:
        supervise(
            [web, worker],
            keep_running=persevere(attachment.keep_running) if attachment else lambda: True,
            is_ready=lambda: _answers(host, port),
            on_ready=on_ready,
        )


def url(host: str, port: int) -> str:
    """What to type into a browser on this machine: a name where there is one, for passkeys need it."""
    by_name = {"0.0.0.0", "::", "127.0.0.1", "::1"}  # noqa: S104  (shown, not bound)
    shown = "localhost" if host in by_name else host
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def _answers(host: str, port: int) -> bool:
    """True where a request gets an answer, be it a refusal; a socket that only listens does not count."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (called, not bound)
    connection = http.client.HTTPConnection(target, port, timeout=1)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
