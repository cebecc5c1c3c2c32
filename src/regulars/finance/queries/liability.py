"""What is owed in points at any instant."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from regulars.finance import policies
from regulars.finance.queries.programme import list_tiers
from regulars.finance.queries.reading import (
    list_point_costs,
    read_flows,
    read_holdings,
    read_stored,
    snapshot,
    sum_effects,
)
from regulars.finance.types import (
    Expiry,
    ExpiryBucket,
    Holding,
    Liability,
    Period,
    PointCost,
    Position,
    TieOut,
)
from regulars.ledger.facade import Currency
from regulars.rules import facade as rules

STATES = ("active", "pending", "held", "debt")


def get_liability(*, as_of: datetime, now: datetime, currency: Currency = Currency.POINTS) -> Liability:
    """What members could claim before `as_of`, by the month in which it lapses and by tier.

    Only entries recorded before `as_of` count, so the answer for a closed day never changes; at an instant
    later than all entries it is what is stored. The same number of queries for any number of members and
    lots.
    Raises NoProgramme, PeriodInvalid.
    """
    policies.check_instant(as_of, now)
    programme = rules.get_current_programme(now)
    zone = programme.time_zone
    with snapshot():
        costs = list_point_costs() if currency is Currency.POINTS else []
        flows = read_flows(Period(as_of, as_of, zone), [currency])
        rows = read_holdings(as_of, zone, currency)
        stored = read_stored(currency)
    names = list_tiers(programme)
    lowest = next((code for code, _name, threshold in names if threshold == 0), "")
    found = [
        (lowest if tier is None else tier, policies.bucket_of(month, expiry), _holding(state, expiry, points))
        for tier, state, expiry, month, points in rows
    ]
    cost = policies.cost_before(costs, as_of, zone)
    total = _sum(one for _tier, _bucket, one in found)
    booked = sum_effects([flow for flow in flows if flow.phase == 0])
    since = sum_effects([flow for flow in flows if flow.phase != 0])
    return Liability(
        currency=currency,
        as_of=as_of,
        zone=zone,
        is_final=policies.is_final(as_of, now),
        total=replace(total, money=policies.value_of(total.claimable, cost)),
        by_expiry=_by_expiry(found, cost),
        by_tier=_by_tier(found, names, cost),
        since=since,
        entries=sum(flow.entries for flow in flows if flow.phase == 0),
        cost=cost,
        tie_outs=(
            *compare(
                "lots", booked, Position(total.active + total.due, total.pending, total.held, total.debt)
            ),
            *compare_stored(booked + since, stored),
        ),
    )


def compare(what: str, left: Position, right: Position) -> list[TieOut]:
    """Balance by balance."""
    return [TieOut(what, state, getattr(left, state), getattr(right, state)) for state in STATES]


def compare_stored(booked: Position, stored: Mapping[str, tuple[int, int]]) -> list[TieOut]:
    """All entries against the stored wallets, and these against the stored lots and holds."""
    wallets = Position(*(stored.get(state, (0, 0))[0] for state in STATES))
    lots = Position(*(stored.get(state, (0, 0))[1] for state in STATES))
    # A debt has no lots: there is nothing to compare it with.
    inner = [one for one in compare("stored", wallets, lots) if one.state != "debt"]
    return [*compare("wallets", booked, wallets), *inner]


def _holding(state: str, expiry: str, points: int) -> Holding:
    if state == "active" and expiry == Expiry.PAST:
        return Holding(due=points)
    return Holding(**{state: points})


def _sum(holdings: Iterable[Holding]) -> Holding:
    every = list(holdings)
    return Holding(
        active=sum(one.active for one in every),
        pending=sum(one.pending for one in every),
        held=sum(one.held for one in every),
        due=sum(one.due for one in every),
        debt=sum(one.debt for one in every),
    )


def _by_expiry(
    found: Sequence[tuple[str, ExpiryBucket, Holding]], cost: PointCost | None
) -> tuple[tuple[ExpiryBucket, Holding], ...]:
    groups: dict[ExpiryBucket, list[Holding]] = defaultdict(list)
    for _tier, bucket, one in found:
        if not one.debt:
            groups[bucket].append(one)
    buckets = list(policies.list_buckets(groups))
    sums = [_sum(groups.get(bucket, ())) for bucket in buckets]
    return tuple(zip(buckets, _valued(sums, cost), strict=True))


def _by_tier(
    found: Sequence[tuple[str, ExpiryBucket, Holding]],
    names: Sequence[tuple[str, str, int]],
    cost: PointCost | None,
) -> tuple[tuple[str, str, Holding], ...]:
    """Lowest tier first; tiers that the programme no longer has, and none at all, come before them."""
    groups: dict[str, list[Holding]] = defaultdict(list)
    for tier, _bucket, one in found:
        groups[tier].append(one)
    known = {code: name for code, name, _threshold in names}
    codes = [*sorted(set(groups) - set(known)), *known]
    sums = [_sum(groups.get(code, ())) for code in codes]
    return tuple(
        (code, known.get(code, code), one) for code, one in zip(codes, _valued(sums, cost), strict=True)
    )


def _valued(sums: Sequence[Holding], cost: PointCost | None) -> list[Holding]:
    values = policies.value_in_turn([one.claimable for one in sums], cost)
    return [replace(one, money=value) for one, value in zip(sums, values, strict=True)]
