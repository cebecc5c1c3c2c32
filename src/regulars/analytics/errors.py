"""Refusals of analytics."""

from regulars.kit.errors import InvalidInput, NotFound


class PeriodUnusable(InvalidInput):
    """The period ends before it begins."""

    code = "period_invalid"


class BracketsInvalid(InvalidInput):
    """Brackets of days that overlap, are too many or make no sense."""

    code = "brackets_invalid"


class NothingBehind(InvalidInput):
    """No list of members stands behind this measure under this key."""

    code = "nothing_behind"


class MemberUnmeasured(NotFound):
    """The member has not been measured yet."""

    code = "member_unmeasured"


class LearningSettingInvalid(InvalidInput):
    """A pattern is empty or too long, or a horizon is out of bounds."""

    code = "learning_setting_invalid"


class LifestyleUnknown(NotFound):
    """There is no such lifestyle."""

    code = "lifestyle_unknown"


class LifestyleNameInvalid(InvalidInput):
    """The name is too long, or another lifestyle has it."""

    code = "lifestyle_name_invalid"
