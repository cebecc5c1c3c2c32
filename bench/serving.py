"""Starting what is measured, and stopping it: only processes that we started, by handle."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

REGULARS = Path(sys.executable).with_name("regulars")
GRANIAN = Path(sys.executable).with_name("granian")
START_SECONDS_MAX = 60


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(command: list[str], port: int, path: str, **environment: str) -> Iterator[int]:
    """Run a server until it answers; stop it at the end."""
    process = subprocess.Popen(command, env=os.environ | environment)
    try:
        _wait(process, port, path)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextlib.contextmanager
def regulars_web() -> Iterator[int]:
    """One web process with eight threads, on the data that REGULARS_DATA or DATABASE_URL names."""
    port = free_port()
    command = [str(REGULARS), "web", "--port", str(port), "--threads", "8"]
    with serving(command, port, "/sign-in/", REGULARS_DEMO="1", REGULARS_API_RATE="1000000") as ready:
        yield ready


@contextlib.contextmanager
def hello_web() -> Iterator[int]:
    """The same server with the same threads, and an application that does nothing."""
    port = free_port()
    command = [str(GRANIAN), "--interface", "wsgi", "--port", str(port), "--blocking-threads", "8"]
    command += ["--no-ws", "--log-level", "error", "bench.hello:application"]
    with serving(command, port, "/") as ready:
        yield ready


def _wait(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with exit code {process.returncode}")
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not answer in time")
