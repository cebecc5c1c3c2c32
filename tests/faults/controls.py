"""The same traffic without a guard, and without any injury: the judge must find what the guard keeps away."""

from dataclasses import replace
from typing import Any

from tests.faults.campaign import Plan, run_campaign
from tests.faults.sabotage import GUARDS, without
from tests.faults.world import World

SECONDS = 3
PAUSE_SECONDS = 0.02
ASKED_AGAIN = 5


def run_controls(world: World, secret: str, plan: Plan) -> dict[str, dict[str, Any]]:
    """For each guard: how many faults of the kind that it keeps away were found, and the first of them."""
    found = {}
    for number, (name, guard) in enumerate(GUARDS.items(), 1):
        calm = replace(
            plan,
            label=f"control{number}",
            seconds=SECONDS,
            pause_seconds=PAUSE_SECONDS,
            again_max=ASKED_AGAIN,
            is_hurt=False,
        )
        with without(world, guard):
            outcome = run_campaign(world, secret, calm)
        sentences = [fault.sentence for fault in outcome.faults if fault.wrong is guard.found]
        found[name] = {"found": len(sentences), "sentence": sentences[0] if sentences else ""}
    return found
