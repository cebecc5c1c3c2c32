"""What the till is asked for, the same in every process: who wants which reward, and what comes of it."""

import random
from dataclasses import dataclass

SEED = 20_261_122
WISHES = 200
MEMBERS = 8
GIVEN = {f"m{number}": 40_000 for number in range(MEMBERS - 1)} | {f"m{MEMBERS - 1}": 2_000}
"""Points of each member; the last one has too few for all that they want."""
PRICES = {"mug": 500, "cinema": 300, "bike": 800}
MUGS, CODES, BIKES = 40, 50, 1_000
"""Fewer mugs and codes than are wanted."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One reward for one member under a key of the till's own; a bike is confirmed, some mugs come back."""

    key: str
    member: str
    reward: str
    is_confirmed: bool
    is_cancelled: bool


def make_wishes() -> list[Wish]:
    """The same list each time."""
    chance = random.Random(SEED)
    wishes = []
    for number in range(WISHES):
        reward = chance.choice(tuple(PRICES))
        wishes.append(
            Wish(
                key=f"till-{number}",
                member=chance.choice(tuple(GIVEN)),
                reward=reward,
                is_confirmed=reward == "bike",
                is_cancelled=reward == "mug" and chance.random() < 0.25,
            )
        )
    return wishes
