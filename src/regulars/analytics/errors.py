"""Refusals of analytics."""

from regulars.kit.errors import InvalidInput, NotFound, Refusal


class PeriodUnusable(InvalidInput):
    """The period ends before it begins."""

    code = "period_invalid"


class NothingBehind(InvalidInput):
    """No list of members stands behind this measure under this key."""

    code = "nothing_behind"


class MemberUnmeasured(NotFound):
    """The member has not been measured yet."""

    code = "member_unmeasured"


class FactsMissing(Refusal):
    """There are no facts to measure: none have been synchronised."""

    code = "facts_missing"
