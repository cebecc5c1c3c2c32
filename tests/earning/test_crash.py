"""A process killed at any moment loses nothing and gives nothing twice."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from regulars.activity.models import Order
from regulars.earning.models import Award, Budget
from regulars.ledger import facade as ledger
from tests.activity.makers import make_members
from tests.addresses import url_of_the_database
from tests.earning.submitter import BATCHES, ORDERS_PER_BATCH, submit_all
from tests.earning.test_laws import of
from tests.earning.worlds import (
    BIG_BASKET,
    BREAD,
    FIRST,
    HEAD,
    PER_EURO,
    REVIEW,
    TIERS,
    publish,
    stock_products,
)

KILLS = 4
# Without the budget, which the two halves of the test would share.
PROGRAMME = HEAD + PER_EURO + BREAD + FIRST + BIG_BASKET + TIERS + REVIEW.split("caps")[0]


def start(key: str, member_ids: list[int]) -> "subprocess.Popen[str]":
    environment = os.environ | {"DATABASE_URL": url_of_the_database()}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.earning.submitter", key, *map(str, member_ids)],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow  # starts half a dozen processes and kills them while they work
@pytest.mark.django_db(transaction=True)
def test_killed_while_submitting_and_started_again_nothing_is_lost_or_doubled() -> None:
    publish(PROGRAMME)
    stock_products()
    members = make_members(12)
    killed, twins = [int(who) for who in members[:6]], [int(who) for who in members[6:]]
    chance = random.Random()
    progress = []
    for kill in range(KILLS):
        with start("K", killed) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            # What was done before is answered as repeated: let it come to what is new, then strike at random.
            for _ in range(BATCHES * kill // KILLS):
                process.stdout.readline()
            time.sleep(chance.uniform(0, 0.3))
            process.kill()
            process.stdout.read()
        assert process.returncode == -9
        progress.append(Order.objects.filter(external_id__startswith="K-").count())
    assert progress == sorted(progress)
    assert progress[0] < BATCHES * ORDERS_PER_BATCH
    with start("K", killed) as process:
        process.communicate(timeout=120)
    assert process.returncode == 0
    assert Order.objects.count() == Award.objects.count() - 2 * BATCHES == BATCHES * ORDERS_PER_BATCH
    assert ledger.prove().ok
    submit_all("T", twins)
    assert [of(who) for who in members[:6]] == [of(who) for who in members[6:]]
    assert ledger.prove().ok
    assert not Budget.objects.exists()
