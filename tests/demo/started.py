"""A process of its own: `regulars demo --load-only` on a handful of households."""

import sys
from pathlib import Path

from regulars.cli import demo as command  # sets Django up, as the terminal does
from regulars.cli.entry import run
from regulars.demo import operations, simulation
from regulars.demo.dataset import Dataset

assert command.os.environ["REGULARS_DEMO"] == "1"
operations.Dataset = lambda: Dataset(Path(sys.argv[1]))  # type: ignore[misc,assignment]
simulation.REDEMPTIONS_A_WEEK = 1
sys.exit(run(["demo", "--load-only"]))
