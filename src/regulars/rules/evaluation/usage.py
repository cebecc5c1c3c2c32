"""Which use of caps an evaluation depends on."""

from datetime import datetime

from regulars.rules.evaluation.plan import plan_of
from regulars.rules.types import Programme, UsageKey


def list_usage_keys(programme: Programme, occurred_at: datetime) -> tuple[UsageKey, ...]:
    """The keys of all caps of enabled rules, for events at that instant; load their use before evaluating.

    Keys of scope `member` are counted for each member, those of scope `programme` once for everyone.
    """
    plan = plan_of(programme)
    rooms = plan.rooms(occurred_at.astimezone(plan.zone).date())
    return tuple(room.key for found in rooms.values() for room in found)
