"""Whether a rule holds at all: its window, its audience, a first purchase, and its `when`."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from regulars.rules.conditions import ConditionFailed
from regulars.rules.conditions.run import make_context
from regulars.rules.evaluation.codes import Code
from regulars.rules.types import EarnRule, Explanation, MemberState, Window

if TYPE_CHECKING:
    import cel

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def is_open(rule: EarnRule, state: MemberState, occurred_at: datetime, local: datetime) -> bool:
    """True where a rule holds for this member at this moment, whatever is bought."""
    audience = rule.audience
    if rule.first_purchase and state.orders_before:
        return False
    if audience.tiers and state.tier not in audience.tiers:
        return False
    if audience.segments and audience.segments.isdisjoint(state.segments):
        return False
    return is_within(rule.window, occurred_at, local)


def is_within(window: Window, occurred_at: datetime, local: datetime) -> bool:
    """True where a moment falls in a window. Past midnight, a night belongs to the day on which it began."""
    if window.active_from is not None and occurred_at < window.active_from:
        return False
    if window.active_to is not None and occurred_at >= window.active_to:
        return False
    weekday, clock = local.weekday(), local.time()
    begins, ends = window.time_from, window.time_to
    if begins is not None and ends is not None and begins > ends:
        if ends <= clock < begins:
            return False
        if clock < ends:
            weekday = (weekday - 1) % 7
    elif (begins is not None and clock < begins) or (ends is not None and clock >= ends):
        return False
    return not window.weekdays or weekday in window.weekdays


class Conditions:
    """The values that `when` sees in one evaluation, converted once, and only if a rule asks."""

    __slots__ = ("_context", "_fields", "_values")

    def __init__(self, fields: frozenset[tuple[str, str]], values: Mapping[str, Mapping[str, Any]]) -> None:
        self._fields = fields
        self._values = values
        self._context: cel.Context | None = None

    def hold(self, code: Code, notes: list[Explanation]) -> bool:
        """True where the rule's condition is met. One that fails does not hold, and a note says why."""
        if code.condition is None:
            return True
        try:
            if self._context is None:
                self._context = make_context(self._chosen())
            return code.condition.holds(self._context)
        except ConditionFailed as failed:
            rule = code.rule
            params = {"rule": rule.id, "name": rule.name, "error": str(failed)}
            notes.append(Explanation("condition_failed", params))
            return False

    def _chosen(self) -> dict[str, dict[str, Any]]:
        return {
            name: {field: _plain(value) for field, value in fields.items() if (name, field) in self._fields}
            for name, fields in self._values.items()
        }


def member_values(state: MemberState, today: date) -> dict[str, Any]:
    """What a `when` may know of the member. Unknown dates are 0, no tier is the empty text."""
    born, joined = state.birthday, state.joined_on
    return {
        "tier": state.tier or "",
        "segments": sorted(state.segments),
        "orders": state.orders_before,
        "joined_days": max((today - joined) // timedelta(days=1), 0) if joined else 0,
        "birth_month": born.month if born else 0,
        "birth_day": born.day if born else 0,
        "attributes": state.attributes,
    }


def time_values(occurred_at: datetime, local: datetime) -> dict[str, Any]:
    """What a `when` may know of the moment: the instant, and clock and calendar of the programme's zone."""
    return {
        "at": occurred_at,
        "weekday": WEEKDAYS[local.weekday()],
        "hour": local.hour,
        "day": local.day,
        "month": local.month,
    }


def _plain(value: Any) -> Any:
    """A value as CEL can take it: what it has no type for becomes text."""
    if value is None or isinstance(value, bool | int | float | str | datetime):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(str(item) for item in value)
    return str(value)
