"""The door of segments: audiences, who is in them, why and since when.

Later rooms subscribe to entries and exits by `read_changes`, from a position that they keep themselves.
"""

from regulars.segments.builtin import BUILT_IN, BuiltIn
from regulars.segments.compiling.calendar import Day
from regulars.segments.errors import (
    SegmentChanged,
    SegmentCodeTaken,
    SegmentInUse,
    SegmentInvalid,
    SegmentNotFound,
    SegmentsInCircle,
    TooSlowToCount,
    TreeInvalid,
)
from regulars.segments.operations.following import follow_changes, follow_quick_stamps, follow_stamps
from regulars.segments.operations.rebuilding import rebuild_due, rebuild_segment
from regulars.segments.operations.saving import (
    archive_segment,
    create_segment,
    keep_built_in,
    request_rebuild,
    update_segment,
)
from regulars.segments.queries.explaining import describe_tree, explain_change
from regulars.segments.queries.membership import (
    count_members_as_of,
    find_last_change,
    list_history,
    list_members_of,
    list_segments_of,
    read_changes,
)
from regulars.segments.queries.segments import (
    count_overlap,
    find_tree,
    get_segment,
    list_segments,
    list_sizes,
    preview,
)
from regulars.segments.types import (
    Belonging,
    Cause,
    ChangePosition,
    FactLine,
    Followed,
    MemberIn,
    MembershipChange,
    Preview,
    Rebuilt,
    SegmentInput,
    SegmentState,
    SegmentView,
)
from regulars.segments.vocabulary import ATTRIBUTE, Vocabulary, load_vocabulary

__all__ = [
    "ATTRIBUTE",
    "BUILT_IN",
    "Belonging",
    "BuiltIn",
    "Cause",
    "ChangePosition",
    "Day",
    "FactLine",
    "Followed",
    "MemberIn",
    "MembershipChange",
    "Preview",
    "Rebuilt",
    "SegmentChanged",
    "SegmentCodeTaken",
    "SegmentInUse",
    "SegmentInput",
    "SegmentInvalid",
    "SegmentNotFound",
    "SegmentState",
    "SegmentView",
    "SegmentsInCircle",
    "TooSlowToCount",
    "TreeInvalid",
    "Vocabulary",
    "archive_segment",
    "count_members_as_of",
    "count_overlap",
    "create_segment",
    "describe_tree",
    "explain_change",
    "find_last_change",
    "find_tree",
    "follow_changes",
    "follow_quick_stamps",
    "follow_stamps",
    "get_segment",
    "keep_built_in",
    "list_history",
    "list_members_of",
    "list_segments",
    "list_segments_of",
    "list_sizes",
    "load_vocabulary",
    "preview",
    "read_changes",
    "rebuild_due",
    "rebuild_segment",
    "request_rebuild",
    "update_segment",
]
