"""Law 6 over generated programmes: however an order comes back, it ends as though it had come at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from regulars.activity.facade import ReturnInput
from regulars.earning.facade import SubmitStatus
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from tests.activity.makers import NOW, make_members
from tests.earning.test_laws import baskets, make_order, returns_of, splits
from tests.earning.worlds import publish, snapshot, stock_products, submit_orders, submit_returns

pytestmark = pytest.mark.slow  # every example publishes a programme and shops on a real database

expiries = st.sampled_from(
    [
        "",
        'kind = "after_months"\nmonths = 1',
        'kind = "end_of_period"\nperiod = "month"',
        'kind = "inactivity"\nmonths = 2',
        'kind = "fixed_date"\non = 2030-03-31',
    ]
)
DAILY = "{ scope = 'member', period = 'day', points = 7 }"
MONTHLY = "{ scope = 'member', period = 'month', points = 40 }"
BUDGET = "{ scope = 'programme', period = 'month', points = 55 }"
caps = st.sampled_from(["", *(f"caps = [{cap}]" for cap in (DAILY, MONTHLY, BUDGET, f"{DAILY}, {BUDGET}"))])
matches = st.sampled_from(["", 'match = { categories = ["bread"] }', 'match = { skus = ["milk", "soap"] }'])
own_terms = st.sampled_from(
    ["", "pending = { days = 3 }", "pending = { days = 0 }", 'expiry = { kind = "after_months", months = 3 }']
)


@st.composite
def rules(draw: st.DrawFn, number: int) -> str:
    """One rule that an order can meet: of any type, with any of what a rule may have of its own."""
    kind = draw(st.sampled_from(["per_amount", "per_amount", "per_quantity", "multiplier", "bonus"]))
    lines = ["[[earn]]", f'id = "rule{number}"', f'type = "{kind}"', draw(matches), draw(own_terms)]
    if kind in {"per_amount", "per_quantity"}:
        lines.append(f"points = {draw(st.sampled_from(['1', '0.333', '2.5', '7']))}")
        lines.append(
            "per = " + draw(st.sampled_from(["1.00", "0.30", "7.77"] if "am" in kind else ["1", "3"]))
        )
    elif kind == "multiplier":
        lines.append(f"factor = {draw(st.sampled_from(['1.5', '2', '2.75']))}")
    else:
        lines.append(f"points = {draw(st.sampled_from([1, 13, 100]))}")
        lines.append(draw(st.sampled_from(["", "first_purchase = true", "basket_min = 20.00"])))
    lines.append(draw(caps))
    return "\n".join(line for line in lines if line)


@st.composite
def programmes(draw: st.DrawFn) -> str:
    """A programme of several rules, with any rounding, waiting, expiry, shortfall and metric."""
    expiry, pending = draw(expiries), draw(st.sampled_from(["", "", "days = 2", "days = 20"]))
    tables = [
        '[programme]\nname = "Test"\ntime_zone = "Europe/Berlin"\ncurrency = "EUR"',
        f'rounding = "{draw(st.sampled_from(["floor", "half_up", "ceil"]))}"',
        f'round_at = "{draw(st.sampled_from(["line", "subtotal"]))}"',
        f'stacking = "{draw(st.sampled_from(["multiply", "best"]))}"',
        f"[expiry]\n{expiry}" if expiry else "",
        f"[pending]\n{pending}" if pending else "",
        f'[returns]\nshortfall = "{draw(st.sampled_from(["debt", "balance_only", "pending_only"]))}"',
        '[[earn]]\nid = "base"\ntype = "per_amount"\npoints = 1\nper = 1.00',
        *[draw(rules(number)) for number in range(draw(st.integers(0, 3)))],
        f'[tiers]\nmetric = "{draw(st.sampled_from(["points", "spend", "visits"]))}"\n'
        'window = "rolling"\nwindow_months = 12\ngrace_days = 0',
        '[[tiers.tier]]\ncode = "basic"\nname = "Basic"\nthreshold = 0',
        '[[tiers.tier]]\ncode = "top"\nname = "Top"\nthreshold = 2\nearn_multiplier = 1.5',
    ]
    return "\n".join(table for table in tables if table)


class Returns(TestCase):
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.data(),
        programmes(),
        st.lists(baskets, min_size=1, max_size=3),
        st.integers(0, 120),
        st.sampled_from([1, 1, 10, 45]),
    )
    def test_any_split_in_any_order_ends_as_whole_returns(
        self, data: st.DataObject, programme: str, shopping: list[Any], share: int, day: int
    ) -> None:
        """Balances, lots, tier, caps, budgets; also where points are pending, spent or lapsed meanwhile."""
        publish(programme)
        stock_products()
        (ada,) = make_members(1)
        orders = [make_order(f"O-{n}", ada, basket, n) for n, basket in enumerate(shopping)]
        assert {one.status for one in submit_orders(*orders)} == {SubmitStatus.ACCEPTED}
        now = NOW + timedelta(days=day)
        spend_share(ada, share)
        ledger.activate_due(now=now)
        picked = sorted(data.draw(st.sets(st.sampled_from(range(len(shopping))), min_size=1)))
        whole, pieces = [], []
        for n in picked:
            everything = {number: row[1:] for number, row in enumerate(shopping[n], 1)}
            whole += returns_of(f"W-{n}", f"O-{n}", [everything])
            pieces += returns_of(f"S-{n}", f"O-{n}", data.draw(splits(shopping[n])))
        mixed = data.draw(st.permutations(pieces))
        ends = [after_returns(ada, batch, now) for batch in (whole, mixed)]
        assert ends[0] == ends[1]


def spend_share(member_id: MemberId, share: int) -> None:
    there = ledger.get_balance(member_id, NOW).active
    if amount := there * min(share, 100) // 100:
        ledger.spend(actor=SYSTEM, now=NOW, member_id=member_id, amount=amount, key="spent", source="test")


def after_returns(member_id: MemberId, batch: Sequence[ReturnInput], now: Any) -> dict[str, Any]:
    """How things stand after these returns, one by one; then as though they had never been."""
    savepoint = transaction.savepoint()
    try:
        for back in batch:
            (outcome,) = submit_returns(back, now=now)
            assert outcome.status is SubmitStatus.ACCEPTED, outcome.refusal
        assert ledger.prove().problems == ()
        return snapshot([member_id], now)
    finally:
        transaction.savepoint_rollback(savepoint)
