"""Steps of balances tell how many members can pay a price: as many as a count of the wallets says."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from tests.ledger.posting import earn, spend
from tests.ledger.reading import run

pytestmark = pytest.mark.django_db
FILL = """
TRUNCATE ledger_wallet;
INSERT INTO ledger_wallet (member_id, currency, balance)
SELECT row_number() OVER (), 'points', balance FROM unnest(ARRAY[{}]::bigint[]) balance
"""


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 10**7), min_size=1, max_size=40),
    st.lists(st.integers(1, 10**7), min_size=1, max_size=8),
)
@pytest.mark.django_db
def test_steps_say_what_the_wallets_say(balances: list[int], prices: list[int]) -> None:
    run(FILL.format(",".join(map(str, balances))))
    now = utc_now()
    ledger.renew_reach(now=now)
    stored = ledger.count_reach(prices, now)
    read = ledger.count_reach(prices, now + timedelta(hours=1))
    assert stored.members == read.members
    assert (stored.counted_at, read.counted_at) == (now, now + timedelta(hours=1))
    held = (sum(map(bool, balances)), sum(balances))
    assert ledger.count_holders(now) == ledger.count_holders(now + timedelta(hours=1)) == held
    for price, members in stored.members.items():
        rounded = price == int(str(price)[:3].ljust(len(str(price)), "0"))
        true = sum(balance >= price for balance in balances)
        width = 10 ** max(len(str(price)) - 3, 0)
        floor = price - price % width
        within = sum(floor <= balance < floor + width for balance in balances)
        assert members == true if rounded else abs(members - true) <= within
    run("TRUNCATE ledger_wallet; DELETE FROM ledger_reachstep")


def test_what_changed_since_is_counted_by_the_next_round() -> None:
    now = utc_now()
    for number in range(1, 4):
        earn(number * 100, "k", member=MemberId(number), now=now)
    assert ledger.count_reach([100, 200, 300, 301], now).members == {100: 3, 200: 2, 300: 1, 301: 0}
    ledger.renew_reach(now=now)
    spend(300, "s", member=MemberId(3), now=now)
    assert ledger.count_reach([300], now).members == {300: 1}
    ledger.renew_reach(now=now)
    assert ledger.count_reach([100, 300], now).members == {100: 2, 300: 0}
    assert ledger.count_reach([], now).members == {}
