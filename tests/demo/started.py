"""A process of its own: `regulars demo --load-only` on a handful of households."""

import sys
from pathlib import Path

# The second process that loading starts imports this module too, but must not do what it does.
if __name__ == "__main__":
    from regulars.cli import demo as command  # sets Django up, as the terminal does
    from regulars.cli import progress
    from regulars.cli.entry import run
    from regulars.demo import hands, operations, simulation
    from regulars.demo.dataset import Dataset

    assert command.os.environ["REGULARS_DEMO"] == "1"
    operations.Dataset = lambda: Dataset(Path(sys.argv[1]))  # type: ignore[misc,assignment]
    simulation.REDEMPTIONS_A_WEEK = 1
    hands.count_cores = lambda: 2
    progress.LINE_SECONDS = 0.0  # every week is told, so that the test knows when to strike
    sys.exit(run(["demo", "--load-only"]))
