"""Refusals of analytics."""

from regulars.kit.errors import InvalidInput, NotFound


class PeriodUnusable(InvalidInput):
    """The period ends before it begins."""

    code = "period_invalid"


class NothingBehind(InvalidInput):
    """No list of members stands behind this measure under this key."""

    code = "nothing_behind"


class MemberUnmeasured(NotFound):
    """The member has not been measured yet."""

    code = "member_unmeasured"
