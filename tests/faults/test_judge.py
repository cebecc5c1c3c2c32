"""The judge alone: what is in order passes, and each way of being out of order is named."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults.asks import Ask, Kind, Notebook, Told
from tests.faults.judge import Fault, Wrong, judge_asks, judge_rest, judge_whole
from tests.faults.records import Records

REDEEMED = {"redemption_id": 7, "reference": "K7QM", "price_points": 90, "code": "CODE-1"}
PROBLEM = {"code": "insufficient_points"}


class Case:
    """An order that was acknowledged, a spend whose answer was lost, a refused one; all asked again."""

    def __init__(self, place: Path) -> None:
        self.notebook = Notebook(place / "told.jsonl", "")
        self.before, self.after = Records(), Records()
        self.problems: list[str] = []
        self.again: dict[str, Told] = {}
        self.ask(Kind.ORDER, "order", {"points": 12}, told=[self.answer("order", 201, {"points": 12})])
        self.ask(Kind.REDEEM, "lost", REDEEMED, told=[Told("lost", 0, 1, None)])
        self.ask(Kind.REDEEM, "refused", None, told=[self.answer("refused", 409, PROBLEM)])
        self.again["order"] = self.answer("order", 201, {"points": 12})
        self.again["lost"] = self.answer("lost", 200, REDEEMED)
        self.again["refused"] = self.answer("refused", 409, PROBLEM)
        for records in (self.before, self.after):
            records.moved["redemption:7", "spend"] = records.owed["redemption:7", "spend"] = 90

    def answer(self, key: str, status: int, body: dict[str, Any], at: float = 0) -> Told:
        return Told(key, at, at + 1, status, body)

    def ask(self, kind: Kind, key: str, there: dict[str, Any] | None, told: list[Told]) -> None:
        self.notebook.ask(Ask(key, kind, "m1", "/somewhere", {}))
        for one in told:
            self.notebook.tell(one)
        for records in (self.before, self.after):
            records.found[key] = [] if there is None else [there]

    def judge(self) -> list[Fault]:
        found = [*judge_asks(self.notebook, self.before, self.again, self.after)]
        found += [*judge_whole(self.after, self.problems), *judge_rest(self.after)]
        self.notebook.close()
        return found


def test_what_is_in_order_passes(tmp_path: Path) -> None:
    assert Case(tmp_path).judge() == []


def lose_an_acknowledged_one(case: Case) -> None:
    case.before.found["order"].clear()


def lose_it_when_asked_again(case: Case) -> None:
    case.after.found["lost"].clear()


def do_one_twice(case: Case) -> None:
    case.before.found["lost"].append(REDEEMED | {"redemption_id": 8})


def do_one_twice_when_asked_again(case: Case) -> None:
    case.after.found["lost"].append(REDEEMED | {"redemption_id": 8})


def answer_a_key_in_two_ways(case: Case) -> None:
    case.again["order"] = case.answer("order", 201, {"points": 12, "status": "repeated"})


def leave_something_of_a_refusal(case: Case) -> None:
    case.before.found["refused"].append(REDEEMED)


def leave_something_when_refused_again(case: Case) -> None:
    case.after.found["refused"].append(REDEEMED)


def tell_other_points(case: Case) -> None:
    case.before.found["order"][0] = {"points": 11}


def change_what_was_there(case: Case) -> None:
    case.after.found["lost"][0] = REDEEMED | {"code": "CODE-2"}


def refuse_what_is_there(case: Case) -> None:
    case.again["lost"] = case.answer("lost", 409, PROBLEM)


def refuse_after_an_acknowledgement(case: Case) -> None:
    case.notebook.tell(case.answer("order", 409, PROBLEM, at=5))


def break_again_when_asked_again(case: Case) -> None:
    case.again["lost"] = case.answer("lost", 500, {})


def spend_twice(case: Case) -> None:
    case.after.moved["redemption:7", "spend"] += 90


def spend_for_nothing(case: Case) -> None:
    case.after.moved["redemption:9", "spend"] = 90


def give_for_nothing(case: Case) -> None:
    del case.after.moved["redemption:7", "spend"]


def sell_a_unit_too_many(case: Case) -> None:
    case.after.broken.append("2 of mug are taken, 1 redeemed")


def go_below_zero(case: Case) -> None:
    case.after.below_zero = 1


def keep_points_held(case: Case) -> None:
    case.after.held = 5


def keep_a_reservation(case: Case) -> None:
    case.after.redemptions[7] = SimpleNamespace(id=7, state="reserved")


def fail_the_replay(case: Case) -> None:
    case.problems.append("member 1: wallet")


@pytest.mark.parametrize(
    ("spoil", "wrong"),
    [
        (lose_an_acknowledged_one, Wrong.LOST),
        (lose_it_when_asked_again, Wrong.LOST),
        (do_one_twice, Wrong.DOUBLED),
        (do_one_twice_when_asked_again, Wrong.DOUBLED),
        (answer_a_key_in_two_ways, Wrong.TWO_ANSWERS),
        (leave_something_of_a_refusal, Wrong.LEFT_BEHIND),
        (leave_something_when_refused_again, Wrong.LEFT_BEHIND),
        (tell_other_points, Wrong.CHANGED),
        (change_what_was_there, Wrong.CHANGED),
        (refuse_what_is_there, Wrong.CHANGED),
        (refuse_after_an_acknowledgement, Wrong.CHANGED),
        (break_again_when_asked_again, Wrong.UNANSWERED),
        (spend_twice, Wrong.MOVED),
        (spend_for_nothing, Wrong.MOVED),
        (give_for_nothing, Wrong.MOVED),
        (sell_a_unit_too_many, Wrong.SUMS),
        (go_below_zero, Wrong.BELOW_ZERO),
        (keep_points_held, Wrong.HELD),
        (keep_a_reservation, Wrong.HELD),
        (fail_the_replay, Wrong.REPLAY),
    ],
)
def test_each_way_of_being_out_of_order_is_named(
    spoil: Callable[[Case], None], wrong: Wrong, tmp_path: Path
) -> None:
    case = Case(tmp_path)
    spoil(case)
    assert wrong in {fault.wrong for fault in case.judge()}
