"""From a fresh clone to a store that answers on real data: seconds, by step.

    python3 -m bench.bench_start [--caches]

Clones this repository into an empty folder, with package caches that start empty, and runs the README's
command. The second start is measured too. What is downloaded comes at the speed of the network.
"""

import argparse
import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECONDS_MAX = 900


def main() -> None:
    """Clone, start, wait for the store, stop; start again, wait, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--caches", action="store_true", help="use this machine's package caches")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="regulars-start-") as directory:
        folder = Path(directory) / "regulars"
        environment = os.environ | {"PORT": str(_free_port())}
        environment.pop("REGULARS_DATA", None)
        if not options.caches:
            caches = {name: str(Path(directory) / name) for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR")}
            environment |= caches | {"npm_config_cache": str(Path(directory) / "npm")}
        _step("clone", ["git", "clone", "--quiet", str(ROOT), str(folder)], Path(directory), environment)
        _step("install", ["make", "--silent", ".venv/.demo"], folder, environment)
        _step("style sheet and scripts", ["make", "--silent", "assets"], folder, environment)
        _until_it_answers("demo, first start", folder, environment)
        _until_it_answers("demo, second start", folder, environment)


def _step(name: str, command: list[str], folder: Path, environment: dict[str, str]) -> None:
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    print(f"{name:26}{time.perf_counter() - begun:7.1f} s", flush=True)


def _until_it_answers(name: str, folder: Path, environment: dict[str, str]) -> None:
    begun = time.perf_counter()
    process = subprocess.Popen(
        ["make", "--silent", "demo"], cwd=folder, env=environment, start_new_session=True
    )
    try:
        while not _answers(int(environment["PORT"])):
            if process.poll() is not None or time.perf_counter() - begun > SECONDS_MAX:
                raise SystemExit("the demo did not come up")
            time.sleep(0.2)
        print(f"{name:26}{time.perf_counter() - begun:7.1f} s", flush=True)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/sign-in/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
