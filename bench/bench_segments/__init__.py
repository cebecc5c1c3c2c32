"""Fifty segments over a million members: how long a rebuild takes, how soon an event is felt meanwhile.

python -m bench.bench_segments [--members N] [--data DIRECTORY]
"""
