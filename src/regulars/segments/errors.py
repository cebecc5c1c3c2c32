"""Refusals of segments."""

from regulars.kit.errors import Conflict, InvalidInput, NotFound, Unavailable


class TreeInvalid(InvalidInput):
    """The condition tree says something that cannot be asked. `path` leads to the place in it."""

    code = "tree_invalid"


class SegmentInvalid(InvalidInput):
    """A name, a code or another part of a segment cannot be so."""

    code = "segment_invalid"


class SegmentNotFound(NotFound):
    """There is no such segment."""

    code = "segment_not_found"


class SegmentCodeTaken(Conflict):
    """Another segment has this code."""

    code = "segment_code_taken"


class SegmentsInCircle(Conflict):
    """The segment would be defined by itself, by way of others."""

    code = "segments_in_circle"


class SegmentInUse(Conflict):
    """Other segments are defined by this one."""

    code = "segment_in_use"


class SegmentChanged(Conflict):
    """Somebody changed the segment since it was read."""

    code = "segment_changed"


class TooSlowToCount(Unavailable):
    """The count took longer than somebody can wait for."""

    code = "too_slow_to_count"
