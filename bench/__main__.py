"""All that `make bench` measures, one program after another: nothing runs beside what is measured."""

import os
import subprocess
import sys
import tempfile

PROGRAMS = (
    ("The evaluator", ["bench.bench_rules"]),
    ("Posting", ["bench.bench_ledger"]),
    ("The whole year", ["bench.bench_import", "--data", "{data}"]),
    ("The surfaces, on that year", ["bench.bench_http"]),
    ("Facts and the overview, on that year", ["bench.bench_facts"]),
    ("What is learnt, on that year", ["bench.bench_models", "--data", "{data}"]),
    ("Shelves at the door", ["bench.bench_recommend_serving"]),
    ("Fifty segments", ["bench.bench_segments", "--members", "100000"]),
    ("From a fresh clone", ["bench.bench_start", "--caches"]),
)


def main() -> None:
    """Run all, and say of each what it is; the first failure ends it."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as data:
        for title, (module, *options) in PROGRAMS:
            print(f"\n{title}: python -m {module}", flush=True)
            filled = [option.format(data=data) for option in options]
            subprocess.run(
                [sys.executable, "-m", module, *filled], check=True, env=os.environ | {"REGULARS_DATA": data}
            )


if __name__ == "__main__":
    main()
