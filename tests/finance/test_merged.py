"""The books through merges and their undoing: at any instant they say what the ledger had stored then."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from regulars.finance import facade as finance
from regulars.finance.facade import Period, Position
from regulars.kit.errors import Refusal
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Shortfall
from tests.finance.books import ZONE
from tests.ledger.posting import ANN, BEN, after
from tests.ledger.reading import read_rows
from tests.ledger.test_merging_laws import World

_STORED = """
    SELECT member_id, lot_id, 'active', remaining::bigint, expires_at::text FROM ledger_open_lot
    UNION ALL SELECT member_id, lot_id, 'pending', remaining::bigint,
        coalesce(expires_at::text, CASE WHEN awaits IS NULL THEN 'infinity' END) FROM ledger_pending_lot
    UNION ALL SELECT member_id, NULL, 'debt', debt::bigint, NULL FROM ledger_wallet WHERE debt > 0
"""
_BOOKED = """
    SELECT member_id, lot, state, points, expires_at::text FROM ledger_holdings_at(%s, ARRAY['points'])
"""
DEEDS = (
    ["earn"] * 5 + ["spend"] * 3 + ["reverse"] * 3 + ["refund"] * 2 + ["extend", "activate", "wait", "wait"]
)


def rows(query: str, *parameters: Any) -> list[Any]:
    return sorted(read_rows(query, *parameters), key=str)


@pytest.mark.usefixtures("programme")
@pytest.mark.slow  # histories of a hundred operations, each asked about every instant of its past
@pytest.mark.parametrize("seed", range(3))
def test_every_instant_is_told_as_it_was_stored(seed: int) -> None:
    dice, world = random.Random(seed), World()
    past: dict[datetime, list[Any]] = {}  # the last word on each instant: the clock may stand still
    merged = False
    for _ in range(120):
        deed = dice.choice([*DEEDS, "merge", "merge"])
        if deed == "wait":
            past[after(world.day) + timedelta(microseconds=1)] = rows(_STORED)
        if deed == "merge":
            try:
                _ = world.undo() if merged else world.merge()
                merged = not merged
            except Refusal:
                continue
        else:
            shortfall = dice.choice([*Shortfall, Shortfall.DEBT])
            world.do([(deed, dice.choice((ANN, BEN)), dice.randint(1, 60), dice.randint(0, 12), shortfall)])
    past[after(world.day) + timedelta(microseconds=1)] = rows(_STORED)
    assert world.merges > 2
    assert len(past) > 5
    for as_of, stored in past.items():
        assert rows(_BOOKED, as_of) == stored
    now = after(world.day + 1)
    owed = finance.get_liability(as_of=now, now=now)
    assert [one for one in owed.tie_outs if not one.agrees] == []
    assert owed.total.debt == sum(ledger.get_balance(member, now).debt for member in (ANN, BEN))
    moved = finance.get_movements(period=Period(min(past), now, ZONE), now=now)
    assert [one for one in moved.tie_outs if not one.agrees] == []
    assert sum((one.change for one in moved.movements), moved.opening) == moved.closing
    between = [one.change for one in moved.movements if one.line in {"merge_out", "merge_in"}]
    assert sum(between, Position()).net == 0
