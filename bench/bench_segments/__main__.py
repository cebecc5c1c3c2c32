"""Read the options, start the server, and hand over to what needs Django set up on it."""

import argparse

from bench.bench_console.__main__ import _server
from bench.bench_segments import __doc__ as about


def main() -> None:
    """Read the options and run. The rebuild beside the events is a process of its own, on the same server."""
    # The server's options are those of the pages' benchmark.
    from pathlib import Path

    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="where the shop is kept for the next run")
    parser.add_argument("--rebuild-only", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.rebuild_only:
        import os

        given.data = Path(os.environ["REGULARS_DATA"])
    with _server(given.data) as server:
        # Rooms can be imported only when Django is set up.
        from bench.bench_segments.run import measure, prepare, rebuild_all

        if given.rebuild_only:
            rebuild_all()
            return
        prepare(server, given.members)
        measure(given.members)


if __name__ == "__main__":
    main()
