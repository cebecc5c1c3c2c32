"""How many members can pay how much: counted in steps now and then, so that no page reads every wallet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from regulars.ledger.types import Currency

# A balance cut down to its first three figures: every step is at most a hundredth of what it counts.
# The sign of the remainder is doubled: these texts travel with parameters.
STEP = "balance - balance %% (10 ^ greatest(length(balance::text) - 3, 0))::bigint"
# The domain is cast away: it would be checked anew for every wallet.
COUNT_NOW = f"""
    SELECT {STEP} AS floor_points, count(*) AS wallets, sum(balance + pending) AS points
    FROM (
        SELECT balance::bigint AS balance, pending::bigint AS pending
        FROM ledger_wallet WHERE currency = %(currency)s
    ) w
    WHERE balance + pending > 0 GROUP BY 1
"""  # noqa: S608  (no word of it comes from outside)
_COUNTED_AT = "SELECT min(counted_at) FROM ledger_reachstep WHERE currency = %(currency)s"
_STORED = "SELECT floor_points, wallets, points FROM ledger_reachstep WHERE currency = %(currency)s"
STALE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many members have that many points, by points, as counted at `counted_at`."""

    members: dict[int, int]
    counted_at: datetime


def count_reach(prices: Iterable[int], now: datetime, currency: Currency = Currency.POINTS) -> Reach:
    """How many wallets hold at least each of these prices, all in two queries.

    Counts wallets with that balance of active points: not who may have a reward by tier or limit, and with
    points that lapsed but were not swept yet (five minutes at most). A merged member's wallet is empty, so a
    person counts once. Exact for prices of three figures and zeros behind them (250, 1,250, 12,500);
    for others the step that holds the price, at most a hundredth of it wide, is divided evenly.
    The steps are counted every five minutes (`renew_reach`); where they are older than fifteen, all
    wallets are read instead, which takes about a second for a million.
    """
    wanted = {price for price in prices if price > 0}
    steps, counted_at = _read_steps(now, currency)
    by_price = [(floor, wallets) for floor, wallets, _points in steps]
    return Reach(_add_up(by_price, wanted), counted_at)


def count_holders(now: datetime, currency: Currency = Currency.POINTS) -> tuple[int, int]:
    """How many members hold points of a currency, active or pending, and how many points. Two queries.

    Out of the same steps as `count_reach`, and as old; what has lapsed since the last sweep still counts.
    """
    steps, _counted_at = _read_steps(now, currency)
    return sum(wallets for _floor, wallets, _points in steps), int(sum(points for *_step, points in steps))


def _read_steps(now: datetime, currency: Currency) -> tuple[list[tuple[int, int, int]], datetime]:
    """The steps (floor, wallets, points) from the highest down, and as of when they are."""
    values = {"currency": currency.value}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED_AT, values)
        (counted_at,) = cursor.fetchone()
        fresh = counted_at is not None and counted_at > now - STALE_AFTER
        cursor.execute(_STORED if fresh else COUNT_NOW, values)
        return sorted(cursor.fetchall(), reverse=True), counted_at if fresh else now


def _add_up(steps: Sequence[tuple[int, int]], prices: Iterable[int]) -> dict[int, int]:
    """How many wallets hold at least each price, by steps (floor, wallets) from the highest down."""
    members, total, at = {}, 0, 0
    for price in sorted(prices, reverse=True):
        while at < len(steps) and steps[at][0] >= price:
            total += steps[at][1]
            at += 1
        share = 0
        if at < len(steps):
            floor, wallets = steps[at]
            width = 10 ** max(len(str(floor)) - 3, 0)
            share = max(wallets * (floor + width - price) // width, 0)
        members[price] = total + share
    return members
