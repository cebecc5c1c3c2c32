"""The console over a big programme: every page of it, with a million members and ten million journal rows.

    .venv/bin/python -m bench.bench_console [--members 1000000] [--data DIR] [--rounds 5]

Each page is asked for as an owner would, in this process, and timed from the request to the last byte of the
answer; pages come from the console's own list of addresses, so that a new one is measured without being
named here. With --data the shop is filled once and stays there for the next run.
"""
