"""The ledger's laws, against a plain model, over histories that Hypothesis, and dice, think up.

`REGULARS_TEST_EFFORT` multiplies the number of histories.
"""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from regulars.ledger.facade import Shortfall
from tests.ledger.machine import ALL, JOBS, LedgerMachine

EFFORT = int(os.environ.get("REGULARS_TEST_EFFORT", "1"))


@pytest.mark.django_db
@pytest.mark.slow  # many histories, each step compared with the database
def test_any_history_agrees_with_the_model() -> None:
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=60 * EFFORT,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
@pytest.mark.slow  # histories of hundreds of operations, each step compared with the database
@pytest.mark.parametrize("seed", range(3 * EFFORT))
def test_long_histories_agree_with_the_model(seed: int) -> None:
    """What short histories seldom reach: lots spent and refunded after they lapsed, debts in many steps."""
    dice = random.Random(seed)
    machine = LedgerMachine()
    # Every third history is one of many returns, where members owe most of the time.
    returns = 20 if seed % 3 == 1 else 5

    def credit() -> dict[str, Any]:
        return {
            "amount": dice.randint(1, 60),
            "occurred": dice.randint(-4, 0),
            "expires": dice.choice([None, dice.randint(-1, 12), dice.randint(1, 12)]),
            "activates": dice.choice([None, None, None, dice.randint(-2, 5)]),
            "awaits": dice.random() < 0.15,
            "sliding": dice.random() < 0.4,
        }

    def share() -> int:
        return dice.choice([10, 25, 50, 75, 100, 105])

    def member() -> int:
        return dice.choice(ALL)

    def pick() -> int:
        return dice.randint(0, 400)

    def shortfall() -> Shortfall:
        return dice.choice([*Shortfall, Shortfall.DEBT])

    steps: list[tuple[int, Callable[[], Any]]] = [
        (14, lambda: machine.earn(member=member(), **credit())),
        (8, lambda: machine.spend(member=member(), share=share())),
        (6, lambda: machine.time_passes(hours=dice.randint(1, 60))),
        (returns, lambda: machine.reverse(pick=pick(), share=share(), shortfall=shortfall())),
        (
            5,
            lambda: (
                machine.has("spend") and machine.refund(pick=pick(), share=share(), grace=dice.choice([0, 5]))
            ),
        ),
        (4, lambda: machine.hold(member=member(), share=dice.randint(5, 60), minutes=dice.randint(10, 5000))),
        (3, lambda: machine.has("hold") and machine.capture(pick=pick(), share=dice.choice([None, share()]))),
        (2, lambda: machine.has("hold") and machine.release(pick=pick())),
        (3, lambda: machine.transfer(giver=member(), share=share() // 3 + 1)),
        (3, lambda: machine.extend(member=member(), until=dice.randint(1, 20))),
        (2, lambda: machine.adjust(member=member(), amount=share(), up=dice.random() < 0.5, expires=3)),
        (3, lambda: machine.law_8_time_moves_points_on(job=dice.choice(JOBS))),
        (2, lambda: machine.law_7_a_repeated_key_gets_its_first_answer(pick=pick())),
        (1, lambda: machine.law_7_a_key_with_other_input_is_a_conflict(pick=pick(), share=share())),
        (1, machine.law_1_history_is_the_balance),
    ]
    machine.begin(given=[credit() for _ in range(4)])
    for _ in range(250):
        (step,) = dice.choices([step for _, step in steps], [weight for weight, _ in steps])
        step()
        machine.law_5_a_shortfall_is_a_deficit_and_nothing_is_dropped()
        machine.balances_leave_out_what_is_due()
    machine.law_1_history_is_the_balance()
