"""A shop's importer, as a process that can be killed: submits the same batches from the start, every time.

    python -m tests.earning.submitter KEY MEMBER_ID...

Prints a line after every batch. With DATABASE_URL it works on the database of the test that started it.
"""

import os
import random
import sys
from collections.abc import Sequence
from datetime import timedelta

BATCHES = 20
ORDERS_PER_BATCH = 12
SEED = 20_261_122


def submit_all(key: str, member_ids: Sequence[int], *, aloud: bool = False) -> None:
    """Submit a fixed history of orders, events and returns, batch by batch."""
    from regulars.kit.ids import MemberId
    from tests.activity.makers import NOON, event, give_back, line, order
    from tests.earning.worlds import submit_events, submit_orders, submit_returns

    chance = random.Random(SEED)
    for batch in range(BATCHES):
        orders, returns = [], []
        for n in range(ORDERS_PER_BATCH):
            who = MemberId(member_ids[chance.randrange(len(member_ids))])
            lines = [
                line(number, chance.randrange(4000), sku="rye") for number in range(1, chance.randrange(2, 6))
            ]
            at = NOON - timedelta(days=BATCHES - batch, minutes=-n)
            orders.append(order(f"{key}-{batch}-{n}", who, *lines, occurred_at=at))
            if chance.random() < 0.2:
                returns.append(give_back(f"{key}-{batch}-{n}", f"{key}-{batch}-{n}", (1, 1, None)))
        at = NOON - timedelta(days=BATCHES - batch)
        events = [
            event(f"{key}-{batch}-{who}", MemberId(who), "review", occurred_at=at) for who in member_ids[::3]
        ]
        submit_orders(*orders)
        submit_returns(*returns)
        submit_events(*events)
        if aloud:
            print(batch, flush=True)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.config.settings"
    import django

    django.setup()
    print("ready", flush=True)
    submit_all(sys.argv[1], [int(number) for number in sys.argv[2:]], aloud=True)
