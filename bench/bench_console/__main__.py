"""Read the options, start the server, and hand over to what needs Django set up on it."""

import argparse
import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django

import bench.bench_console
from bench.pgbench import Server
from regulars.postgres import facade as postgres


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(
        description=bench.bench_console.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--members", type=int, default=1_000_000, help="ten journal rows each")
    parser.add_argument("--data", type=Path, help="where the shop is kept for the next run")
    parser.add_argument("--rounds", type=int, default=5, help="requests for each page (default 5)")
    parser.add_argument("--only", default="", help="part of the path: measure these pages alone")
    given = parser.parse_args()
    with _server(given.data) as server:
        # Rooms can be imported only when Django is set up.
        from bench.bench_console.run import measure_pages, prepare

        prepare(server, given.members)
        measure_pages(given.rounds, given.only)


@contextlib.contextmanager
def _server(data: Path | None) -> Iterator[Server]:
    with contextlib.ExitStack() as stack:
        directory = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="regulars-bench-")))
        directory.mkdir(parents=True, exist_ok=True)
        os.environ["REGULARS_DATA"] = str(directory)
        os.environ.pop("DATABASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
        attachment = stack.enter_context(postgres.attach(directory))
        django.setup()
        yield Server(str(attachment.socket_dir), directory / "postgres" / "cluster", 1)


if __name__ == "__main__":
    main()
