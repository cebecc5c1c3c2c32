"""What caps and budgets have counted: loaded before a batch is evaluated, moved on after it.

A member's counters are guarded by the lock of their points wallet, which the caller holds. A budget is
one row for everyone and its own lock, taken after the wallets, and only where a programme has budgets.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection

from regulars.kit.ids import MemberId
from regulars.rules.facade import CapScope, UsageKey

_LOAD = """
SELECT u.member_id, u.rule, u.period, u.used
FROM earning_usage u JOIN unnest(%s::text[], %s::text[]) AS k (rule, period) USING (rule, period)
WHERE u.member_id = ANY(%s::bigint[])
"""
_ADD = """
INSERT INTO earning_usage AS u (member_id, rule, period, used)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (member_id, rule, period) DO UPDATE SET used = u.used + excluded.used
"""
_FREE = """
UPDATE earning_usage u SET used = u.used - k.used
FROM (
    SELECT member_id, rule, period, sum(used) AS used
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[]) AS k (member_id, rule, period, used)
    GROUP BY member_id, rule, period
) k
WHERE u.member_id = k.member_id AND u.rule = k.rule AND u.period = k.period
"""
_MAKE_BUDGETS = """
INSERT INTO earning_budget (rule, period, used)
SELECT rule, period, 0 FROM unnest(%s::text[], %s::text[]) AS k (rule, period) ORDER BY rule, period
ON CONFLICT DO NOTHING
"""
_LOCK_BUDGETS = """
SELECT b.rule, b.period, b.used
FROM earning_budget b JOIN unnest(%s::text[], %s::text[]) AS k (rule, period) USING (rule, period)
ORDER BY b.rule, b.period FOR UPDATE OF b
"""
_MOVE_BUDGETS = """
UPDATE earning_budget b SET used = b.used + k.used
FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS k (rule, period, used)
WHERE b.rule = k.rule AND b.period = k.period
"""


@dataclass(slots=True)
class Counters:
    """What a batch may still use, and has used: `use` moves both."""

    members: defaultdict[MemberId, dict[UsageKey, int]] = field(default_factory=lambda: defaultdict(dict))
    budgets: dict[UsageKey, int] = field(default_factory=dict)
    added: dict[tuple[MemberId, UsageKey], int] = field(default_factory=dict)

    def used_by(self, member_id: MemberId) -> Mapping[UsageKey, int]:
        """What the evaluator is told: the member's use, and everyone's of budgets."""
        own = self.members[member_id]
        return {**self.budgets, **own} if self.budgets else own

    def use(self, member_id: MemberId, usage: Iterable[tuple[UsageKey, int]]) -> None:
        """Count what an evaluation used up."""
        for key, amount in usage:
            counts = self.budgets if key.scope is CapScope.PROGRAMME else self.members[member_id]
            counts[key] = counts.get(key, 0) + amount
            place = (member_id, key)
            self.added[place] = self.added.get(place, 0) + amount


def load_counters(
    member_ids: Collection[MemberId], keys: Collection[UsageKey], merged: Mapping[MemberId, MemberId]
) -> Counters:
    """Load what has been used of `keys`; lock the budgets among them, by rule and period.

    `merged` members' use counts for their survivors.
    """
    counters = Counters()
    own = {(key.rule, key.period): key for key in keys if key.scope is CapScope.MEMBER}
    if own:
        with connection.cursor() as cursor:
            cursor.execute(_LOAD, [*_columns(own), "{" + ",".join(map(str, [*member_ids, *merged])) + "}"])
            for member_id, rule, period, used in cursor.fetchall():
                counts = counters.members[merged.get(member_id, member_id)]
                counts[own[rule, period]] = counts.get(own[rule, period], 0) + used
    budgets = {(key.rule, key.period): key for key in keys if key.scope is CapScope.PROGRAMME}
    if budgets:
        counters.budgets = {budgets[place]: used for place, used in _lock_budgets(budgets).items()}
    return counters


def save_counters(counters: Counters) -> None:
    """Keep what the batch used up."""
    own: list[tuple[MemberId, str, str, int]] = []
    budgets: dict[tuple[str, str], int] = defaultdict(int)
    for (member_id, key), amount in counters.added.items():
        if key.scope is CapScope.PROGRAMME:
            budgets[key.rule, key.period] += amount
        else:
            own.append((member_id, key.rule, key.period, amount))
    if own:
        own.sort()
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [list(column) for column in zip(*own, strict=True)])
    _move_budgets(budgets)


def free_counters(freed: Iterable[tuple[MemberId, UsageKey, int]]) -> None:
    """Give back what returned points had used up, in the period in which they had used it (law 14)."""
    own: list[tuple[MemberId, str, str, int]] = []
    budgets: dict[tuple[str, str], int] = defaultdict(int)
    for member_id, key, amount in freed:
        if key.scope is CapScope.PROGRAMME:
            budgets[key.rule, key.period] -= amount
        else:
            own.append((member_id, key.rule, key.period, amount))
    if own:
        with connection.cursor() as cursor:
            cursor.execute(_FREE, [list(column) for column in zip(*own, strict=True)])
    if budgets:
        _lock_budgets(budgets)
    _move_budgets(budgets)


def _lock_budgets(places: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    columns = _columns(places)
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_BUDGETS, columns)
        cursor.execute(_LOCK_BUDGETS, columns)
        return {(rule, period): used for rule, period, used in cursor.fetchall()}


def _move_budgets(moves: Mapping[tuple[str, str], int]) -> None:
    if moves:
        with connection.cursor() as cursor:
            cursor.execute(_MOVE_BUDGETS, [*_columns(moves), list(moves.values())])


def _columns(places: Collection[tuple[str, str]]) -> list[list[str]]:
    return [[rule for rule, _ in places], [period for _, period in places]]
