"""What earning refuses, one class per reason."""

from regulars.kit.errors import NotFound


class UnknownAward(NotFound):
    """Nothing was awarded for that source."""

    code = "unknown_award"


class NoProgrammeYet(NotFound):
    """No programme has been published, so nothing can be earned."""

    code = "no_programme"
