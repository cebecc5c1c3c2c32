"""Small shops as facts, and the published CDNOW purchases. `bench.bench_models` takes shops from here too."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa

from regulars.analytics.forecast.flows import Cause, Flows
from regulars.facts.facade import Facts, facts_from_arrow

FIRST = date(2024, 1, 1)


def find_cdnow(name: str) -> Path:
    """A file of the data that the package carries. It is not imported: only what it was fitted on is read."""
    spec = find_spec("lifetimes")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "datasets" / name


def hold_orders(
    rows: Sequence[tuple[int, date, int]], as_of: date, skus: Sequence[str] = (), **tables: pa.Table
) -> Facts:
    """Orders of (member, day, minor units), each with one line of a product where `skus` are given."""
    at = [datetime.combine(day, time(12)) for _, day, _ in rows]
    ids = list(range(1, len(rows) + 1))
    who, days, paid = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    ones, nothing = [1] * len(rows), [""] * len(rows)
    orders = {
        "order_id": ids,
        "member_id": who,
        "occurred_at": at,
        "occurred_on": days,
        "currency": ["USD"] * len(rows),
        "amount": paid,
        "lines_count": ones,
        "store": nothing,
        "channel": nothing,
    }
    held = {"orders": pa.table(orders)}
    if skus:
        lines = {name: orders[name] for name in ("order_id", "member_id", "occurred_at", "occurred_on")}
        lines |= {"line_no": ones, "sku": list(skus), "kind": ["product"] * len(rows), "quantity": ones}
        held["order_lines"] = pa.table(lines | {"amount": paid, "discount": [0] * len(rows)})
    return facts_from_arrow(held | tables, as_of)


def simulate_shop(
    members: int, weeks: int, *, seed: int, leave_weekly: float = 0.01, rate: float = 1.0
) -> list[tuple[int, date, int]]:
    """Members who buy at random, at rates of their own (mean `rate` a week), and leave at random."""
    rng = np.random.default_rng(seed)
    rows = []
    for member in range(1, members + 1):
        own = rng.gamma(2.0, rate / 2)
        until = min(weeks * 7.0, 7 * rng.exponential(1 / leave_weekly))
        at, paid = float(rng.uniform(0, 28)), rng.lognormal(8, 0.5)
        while at < until:
            rows.append((member, FIRST + timedelta(days=int(at)), int(paid * rng.lognormal(0, 0.4))))
            at += float(rng.exponential(7 / own))
    return rows


def simulate_flows(
    seed: int, *, weeks: int = 40, rate: float = 0.02, validity: int = 20, wander: float = 0.0
) -> Flows:
    """Points given and spent at random: each point has the same chance in a week to be spent, which from week
    to week wanders by `wander` (a standard deviation of its logarithm).
    """
    rng = np.random.default_rng(seed)
    level = 10_000 * np.exp(np.cumsum(rng.normal(0, 0.02, weeks)))
    given = np.rint(level * rng.lognormal(0, 0.1, weeks))
    pace = np.exp(np.cumsum(rng.normal(0, wander, weeks))) if wander else np.ones(weeks)
    gone = []
    for week in range(weeks):
        left = given[week] / 2
        rest = given[week] / 2
        for age in range(weeks - week):
            if age >= validity:
                gone.append((week, week + age, Cause.EXPIRED, left + rest))
                break
            spent = rng.binomial(200, min(rate * pace[week + age], 1.0)) / 200 * left
            gone.append((week, week + age, Cause.SPENT, spent))
            left, rest = left - spent + rest, 0.0
    opened, at_week, cause, amount = (np.array(column) for column in zip(*gone, strict=True))
    born = np.arange(weeks)
    return Flows(
        FIRST,
        weeks,
        born,
        born + validity,
        given,
        opened,
        opened + validity,
        at_week,
        cause,
        amount.astype(float),
    )
