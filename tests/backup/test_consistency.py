"""The judge of copies, judged: each kind of bad copy is seen."""

import pytest

from tests.backup.consistency import Order, find_faults

ORDERS = [
    Order("a1", 1.0, 1.5),
    Order("b1", 1.2, 2.5),
    Order("a2", 2.0, 3.5),
    Order("b2", 3.0, 4.0),
    Order("a3", 4.5, None),
]
BEGAN_AT = 2.2


@pytest.mark.parametrize(
    "found", [{"a1"}, {"a1", "b1"}, {"a1", "a2"}, {"a1", "b1", "a2", "b2"}, {"a1", "b1", "a2", "b2", "a3"}]
)
def test_every_state_that_there_was_is_good(found: set[str]) -> None:
    assert find_faults(ORDERS, found, began_at=BEGAN_AT) == []


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        ({"b1"}, "a1 was answered before the copy began, and is lost"),
        (set(), "a1 was answered before the copy began, and is lost"),
        ({"a1", "b2"}, "b1 is missing, and something sent after its answer is there"),
        ({"a1", "b1", "b2", "a3"}, "a2 is missing, and something sent after its answer is there"),
        ({"a1", "x9"}, "x9 was never sent"),
    ],
)
def test_every_other_is_found_out(found: set[str], fault: str) -> None:
    assert find_faults(ORDERS, found, began_at=BEGAN_AT) == [fault]
