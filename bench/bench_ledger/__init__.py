"""Posting against the smallest conceivable posting (LIM), on one server in the same minutes.

    .venv/bin/python -m bench.bench_ledger [--seconds 2] [--rounds 3] [--only earn,spend] [--lots 1000000]

It starts a PostgreSQL of its own (fsync on; the settings are printed) and stops it. LIM is one function that
updates one row and inserts one, called by pgbench. Ours and LIM take turns; a ratio is the median of the
pairs' ratios, and `cpu` the same for the server's CPU time per operation, which other work disturbs less.
`floor` and `stretch` come from the trial before the ledger was designed. Clients are 16 unless said.
"""
