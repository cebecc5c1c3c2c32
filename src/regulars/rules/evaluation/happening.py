"""Evaluating what a member did other than buying."""

from regulars.rules.evaluation.award import Award
from regulars.rules.evaluation.gates import Conditions, is_open, member_values, time_values
from regulars.rules.evaluation.plan import Plan, plan_of
from regulars.rules.types import Evaluation, Happening, MemberState, Programme


def evaluate_happening(programme: Programme, state: MemberState, happening: Happening) -> Evaluation:
    """What a happening earns: every enabled rule for its kind that holds, each within its caps.

    Pure: the same arguments give the same answer. `state.used` must hold the use of all keys that
    `list_usage_keys` names for the instant; a missing key counts as unused.
    """
    plan = plan_of(programme)
    local = happening.occurred_at.astimezone(plan.zone)
    award = Award(plan, state, happening.occurred_at, local.date())
    conditions = _conditions(plan, state, happening)
    for code in plan.events:
        rule = code.rule
        if rule.event != happening.kind:
            continue
        if code.gated and not is_open(rule, state, happening.occurred_at, local):
            continue
        if conditions.hold(code, award.notes):
            award.grant(code, rule.points.numerator, (), code.reason)
    return award.finish()


def _conditions(plan: Plan, state: MemberState, happening: Happening) -> Conditions:
    local = happening.occurred_at.astimezone(plan.zone)
    event = {"kind": happening.kind, "attributes": happening.attributes}
    values = {
        "member": member_values(state, local.date()),
        "event": event | time_values(happening.occurred_at, local),
    }
    return Conditions(plan.fields, values)
