"""The harness of faults: `python -m tests.faults --seconds 600` (`make soak`).

Makes an installation of its own, hurts it, judges it, prints a table, and leaves nothing behind. The exit
code is 1 where anything is wrong; then what was told and logged is kept, and the last line says where.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.faults.world import World, made


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="of traffic and faults; 600 by default")
    parser.add_argument("--seed", type=int, help="for everything left to chance; a new one by default")
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between two asks of a client")
    parser.add_argument("--gap", type=float, default=3, help="seconds between two faults")
    parser.add_argument("--again", type=int, default=2_000, help="how many keys of a kind are asked again")
    parser.add_argument(
        "--no-controls", action="store_true", help="do not show that the judge can find faults"
    )
    parser.add_argument("--figures", type=Path, help="a file for the figures, as JSON")
    return parser.parse_args()


def main() -> int:
    arguments = read_arguments()
    seed = random.SystemRandom().randrange(10**6) if arguments.seed is None else arguments.seed
    print(f"Seed {seed}.", flush=True)
    # One in the background is born deaf to SIGINT, and so would be what it starts. Either tidies up.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with made(disk_mb=int(512 + 2 * arguments.seconds)) as world:
        is_good = run(world, arguments, seed)
        if not is_good:
            print(f"What was told and logged is in {keep(world)}.")
    return 0 if is_good else 1


def run(world: World, arguments: argparse.Namespace, seed: int) -> bool:
    """All that needs Django, which is set up on the data directory of this world; True where all is good."""
    os.environ.pop("DATABASE_URL", None)
    os.environ |= {"REGULARS_DATA": str(world.data_dir), "DJANGO_SETTINGS_MODULE": "regulars.config.settings"}
    import django  # after the environment is made, which its settings read

    django.setup()
    from tests.faults.campaign import Plan, run_campaign
    from tests.faults.controls import run_controls
    from tests.faults.opening import open_shop
    from tests.faults.table import as_figures, as_text

    plan = Plan(
        label="",
        seconds=arguments.seconds,
        seed=seed,
        pause_seconds=arguments.pause,
        gap_seconds=arguments.gap,
        again_max=arguments.again,
    )
    secret = open_shop(stock=int(40 + 4 * arguments.seconds))
    world.start()
    figures = as_figures(run_campaign(world, secret, plan))
    print(as_text(figures), flush=True)
    is_good = not any(figures["faults"].values())
    if not arguments.no_controls and is_good:
        figures["controls"] = run_controls(world, secret, plan)
        for guard, control in figures["controls"].items():
            sentence = control["sentence"][:200]
            print(f"Without {guard} the judge finds {control['found']} faults, such as: {sentence}")
            is_good = is_good and control["found"] > 0
    if arguments.figures:
        arguments.figures.write_text(json.dumps(figures))
    return is_good


def keep(world: World) -> Path:
    """A copy of what tells how it came about."""
    place = Path(tempfile.mkdtemp(prefix="faults-kept-"))
    for file in (*world.parent.glob("*.log"), *world.parent.glob("*.err"), *world.parent.glob("*.jsonl")):
        shutil.copy(file, place)
    log = world.data_dir / "postgres" / "server.log"
    if log.exists():
        shutil.copy(log, place)
    return place


if __name__ == "__main__":
    sys.exit(main())
