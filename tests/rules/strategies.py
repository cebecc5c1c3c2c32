"""Generated programmes, baskets and members, small enough to meet each other's corners.

Hypothesis draws one seed for each rule and each line, and so shrinks to the few that matter; what a
rule says is made of its seed, which is fifty times faster than drawing each of its keys.
"""

import random
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from regulars.kit.points import Rounding
from regulars.rules.types import (
    Audience,
    Basket,
    BasketLine,
    Cap,
    CapPeriod,
    CapScope,
    EarnRule,
    Excluded,
    Expiry,
    ExpiryKind,
    LineKind,
    Match,
    MemberState,
    Pending,
    Programme,
    RoundAt,
    RuleType,
    Stacking,
    TierDefinition,
    TierPolicy,
    Window,
)

SKUS, BRANDS, CATEGORIES = ["s1", "s2", "s3"], ["b1", "b2"], ["c1", "c2", "c3"]
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York")]
FACTORS = [Fraction(text) for text in ("1", "1.2", "1.25", "1.5", "2", "3")]
PENDINGS = [None, None, Pending(), Pending(days=14), Pending(awaits="delivered")]
EXPIRIES = [
    None,
    None,
    Expiry(),
    Expiry(ExpiryKind.AFTER_MONTHS, months=1),
    Expiry(ExpiryKind.INACTIVITY, months=6),
    Expiry(ExpiryKind.END_OF_PERIOD, period="quarter"),
    Expiry(ExpiryKind.FIXED_DATE, on=date(2030, 1, 31)),
]
BASE = (RuleType.PER_AMOUNT, RuleType.PER_QUANTITY)
START = datetime(2026, 1, 1, tzinfo=UTC)

seeds = st.integers(0, 2**48)


def some(chance: random.Random, values: list[str]) -> frozenset[str]:
    """Mostly nothing, else one or two of the values."""
    return frozenset(chance.sample(values, chance.choice((0, 0, 0, 1, 2))))


def maybe(chance: random.Random, value: object) -> object:
    """The value, or None as often."""
    return value if chance.random() < 0.5 else None


def make_instant(chance: random.Random) -> datetime:
    """Some minute of two years."""
    return START + timedelta(minutes=chance.randrange(2 * 365 * 24 * 60))


def make_match(chance: random.Random) -> Match:
    if chance.random() < 0.4:
        return Match()
    return Match(
        skus=some(chance, SKUS),
        brands=some(chance, BRANDS),
        categories=some(chance, CATEGORIES),
        not_skus=some(chance, SKUS),
        not_brands=some(chance, BRANDS),
        not_categories=some(chance, CATEGORIES),
        quantity_min=chance.choice((0, 0, 2, 5)),
    )


def make_window(chance: random.Random) -> Window:
    return Window(
        active_from=make_instant(chance) if chance.random() < 0.3 else None,
        active_to=make_instant(chance) if chance.random() < 0.3 else None,
        weekdays=frozenset(chance.sample(range(7), chance.choice((0, 0, 3, 5)))),
        time_from=chance.choice((None, None, time(7), time(17), time(22))),
        time_to=chance.choice((None, None, time(2), time(9), time(18))),
    )


def make_caps(chance: random.Random) -> tuple[Cap, ...]:
    kinds = {
        (chance.choice(list(CapScope)), chance.choice(list(CapPeriod)))
        for _ in range(chance.choice((0, 0, 1, 2)))
    }
    return tuple(Cap(scope, period, chance.randrange(1, 60)) for scope, period in sorted(kinds))


def make_rule(seed: int, number: int, kinds: tuple[RuleType, ...]) -> EarnRule:
    chance = random.Random(seed)
    kind = chance.choice(kinds)
    base, plain = kind in BASE, chance.random() < 0.6
    return EarnRule(
        id=f"rule-{number}",
        name=f"Rule {number}",
        type=kind,
        points=Fraction(chance.randrange(1, 4000), 100) if base else Fraction(chance.randrange(1, 200)),
        per=chance.randrange(1, 300) if kind is RuleType.PER_AMOUNT else chance.randrange(1, 4),
        factor=chance.choice(FACTORS) if kind is RuleType.MULTIPLIER else Fraction(1),
        event="review" if kind is RuleType.EVENT else "",
        match=make_match(chance),
        window=Window() if plain else make_window(chance),
        audience=Audience() if plain else Audience(some(chance, ["t1", "t2"]), some(chance, ["a", "b"])),
        first_purchase=not plain and chance.random() < 0.3,
        basket_min=0 if plain else chance.choice((0, 500, 2000)),
        caps=make_caps(chance),
        pending=chance.choice(PENDINGS),
        expiry=chance.choice(EXPIRIES),
        rounding=chance.choice((None, *Rounding)) if base else None,
        qualifying=chance.random() < 0.5,
        enabled=chance.random() < 0.9,
    )


def make_programme(seed: int, rule_seeds: list[int], kinds: tuple[RuleType, ...]) -> Programme:
    chance = random.Random(seed)
    tiers = tuple(TierDefinition(f"t{n}", f"Tier {n}", n, n * 10, chance.choice(FACTORS)) for n in range(3))
    return Programme(
        name="Generated",
        time_zone=chance.choice(ZONES),
        currency="EUR",
        rounding=chance.choice(list(Rounding)),
        round_at=chance.choice(list(RoundAt)),
        stacking=chance.choice(list(Stacking)),
        expiry=chance.choice(EXPIRIES) or Expiry(),
        pending=chance.choice(PENDINGS) or Pending(),
        excluded=chance.choice((Excluded(), Excluded(skus=frozenset({"s3"}), brands=frozenset({"b2"})))),
        rules=tuple(make_rule(rule_seed, number, kinds) for number, rule_seed in enumerate(rule_seeds)),
        tiers=TierPolicy(tiers=tiers) if chance.random() < 0.5 else TierPolicy(),
    )


def make_line(seed: int, number: int) -> BasketLine:
    chance = random.Random(seed)
    return BasketLine(
        line_no=number,
        sku=chance.choice(SKUS),
        quantity=chance.randrange(6),
        amount=chance.choice((0, chance.randrange(100), chance.randrange(3000))),
        kind=LineKind.PRODUCT if chance.random() < 0.8 else LineKind.SHIPPING,
        brand=chance.choice([*BRANDS, ""]),
        categories=tuple(sorted(some(chance, CATEGORIES))),
    )


def make_basket(seed: int, line_seeds: list[int]) -> Basket:
    lines = tuple(make_line(line_seed, number) for number, line_seed in enumerate(line_seeds, start=1))
    return Basket(make_instant(random.Random(seed)), lines)


def programmes(kinds: tuple[RuleType, ...] = tuple(RuleType)) -> st.SearchStrategy[Programme]:
    """Programmes of one to six rules of these types."""
    return st.builds(make_programme, seeds, st.lists(seeds, min_size=1, max_size=6), st.just(kinds))


baskets = st.builds(make_basket, seeds, st.lists(seeds, max_size=6))
states = st.builds(
    lambda seed: MemberState(
        tier=random.Random(seed).choice((None, "t0", "t1", "t2", "gone")),
        segments=some(random.Random(seed + 1), ["a", "b"]),
        orders_before=seed % 3,
    ),
    seeds,
)
