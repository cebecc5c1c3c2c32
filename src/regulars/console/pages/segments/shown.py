"""What the pages of segments show: names in the reader's language, sizes over time, who, why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext

from regulars.analytics import facade as analytics
from regulars.console.desk import Desk
from regulars.kit.clock import local_date
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId
from regulars.kit.paging import Page
from regulars.members import facade as members
from regulars.members.facade import MemberProfile
from regulars.segments import facade as segments
from regulars.segments.facade import FactLine, MembershipChange, SegmentView

SPARK_WIDTH, SPARK_HEIGHT = 96, 24
OVERLAP_MAX = 12
_BUILT_IN = {one.code: one for one in segments.BUILT_IN}


@dataclass(frozen=True, slots=True)
class Spark:
    """Sizes as a line: points of an SVG, and the same in words."""

    points: str
    last_x: float
    last_y: float
    first_day: date
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment in a list."""

    segment: SegmentView
    name: str
    meaning: str
    spark: Spark | None
    waits: bool = False
    """It stands on measures, and none have been taken yet."""
    is_measured: bool = False


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of a segment."""

    profile: MemberProfile
    since: object


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """An entry or an exit, with who it was and which segment."""

    change: MembershipChange
    profile: MemberProfile | None
    name: str


@dataclass(frozen=True, slots=True)
class OverlapCell:
    """Members in both, and their share of the row's, from 0 to 1."""

    count: int
    share: float
    is_same: bool

    @property
    def step(self) -> int:
        """How dark the cell is, 0 to 5."""
        return 0 if self.is_same or not self.count else min(int(self.share * 5) + 1, 5)


def name_segment(segment: SegmentView) -> str:
    """A built-in segment's name is translated; others are the shop's own words."""
    known = _BUILT_IN.get(segment.code) if segment.built_in else None
    return str(known.name) if known else segment.name


def list_rows(desk: Desk) -> list[SegmentRow]:
    """All segments. Three queries, however many there are."""
    found = segments.list_segments()
    sizes = segments.list_sizes([one.id for one in found], local_date(desk.now, desk.zone))
    unmeasured = analytics.find_measured_on() is None
    return [_to_row(one, sizes.get(one.id, []), unmeasured=unmeasured) for one in found]


def read_row(desk: Desk, segment: SegmentView) -> SegmentRow:
    """One segment. Two queries."""
    sizes = segments.list_sizes([segment.id], local_date(desk.now, desk.zone))
    unmeasured = analytics.find_measured_on() is None
    return _to_row(segment, sizes.get(segment.id, []), unmeasured=unmeasured)


def list_member_rows(code: str, cursor: str | None, as_of: datetime | None = None) -> Page[MemberRow]:
    """Who is in a segment, or was at an instant, with their names."""
    page = segments.list_members_of(code, cursor=cursor, as_of=as_of)
    profiles = members.get_profiles([one.member_id for one in page.items])
    rows = tuple(
        MemberRow(profiles[one.member_id], one.since) for one in page.items if one.member_id in profiles
    )
    return Page(rows, page.next_cursor)


def say_fault(segment: SegmentView, desk: Desk) -> str:
    """Why the last rebuild failed, in the reader's language; empty where it did not."""
    if not segment.error:
        return ""
    try:
        segments.describe_tree(tree=segment.tree, now=desk.now)
    except Refusal as refusal:
        return refusal.detail
    # What is stored are sentences of ours; what the database said has no translation and stays as it is.
    return gettext(segment.error)


def list_change_rows(
    *, code: str | None = None, member_id: MemberId | None = None, cursor: str | None = None
) -> Page[ChangeRow]:
    """Entries and exits with names."""
    page = segments.list_history(code=code, member_id=member_id, cursor=cursor)
    profiles = members.get_profiles(sorted({one.member_id for one in page.items}))
    names = {one.code: name_segment(one) for one in segments.list_segments(with_archived=True)}
    rows = tuple(
        ChangeRow(one, profiles.get(one.member_id), names.get(one.segment_code, one.segment_code))
        for one in page.items
    )
    return Page(rows, page.next_cursor)


def explain(change: MembershipChange | None, desk: Desk) -> list[FactLine]:
    """The conditions with the values they had."""
    return [] if change is None else segments.explain_change(change, now=desk.now)


def list_overlap(rows: Sequence[SegmentRow]) -> list[tuple[SegmentRow, list[OverlapCell]]]:
    """How many are in two segments at once, for the largest. One query."""
    shown = sorted(rows, key=lambda row: -row.segment.members_count)[:OVERLAP_MAX]
    counts = segments.count_overlap([row.segment.id for row in shown])
    return [
        (
            row,
            [_to_cell(counts.get((row.segment.id, other.segment.id), 0), row, other) for other in shown],
        )
        for row in shown
    ]


def _to_cell(count: int, row: SegmentRow, other: SegmentRow) -> OverlapCell:
    whole = row.segment.members_count
    return OverlapCell(count, count / whole if whole else 0.0, row is other)


def _to_row(segment: SegmentView, sizes: Sequence[tuple[date, int]], *, unmeasured: bool) -> SegmentRow:
    known = _BUILT_IN.get(segment.code) if segment.built_in else None
    meaning = known.sentence if known else segment.description
    return SegmentRow(
        segment,
        name_segment(segment),
        str(meaning or ""),
        _draw(sizes),
        unmeasured and _is_measured(segment.tree),
        _is_measured(segment.tree),
    )


def _is_measured(tree: object) -> bool:
    """Whether a tree names a measure of a member or of the shop."""
    if isinstance(tree, Mapping):
        named = str(tree.get("trait", ""))
        return named.startswith("measure.") or "shop" in tree or any(map(_is_measured, tree.values()))
    return isinstance(tree, list) and any(map(_is_measured, tree))


def _draw(sizes: Sequence[tuple[date, int]]) -> Spark | None:
    """A line over the days, from nothing at the foot to the most at the top."""
    if len(sizes) < 2:
        return None
    (first_day, first), (last_day, last) = sizes[0], sizes[-1]
    span, most = (last_day - first_day).days, max(members for _day, members in sizes) or 1
    points = [
        (
            2 + (SPARK_WIDTH - 4) * (day - first_day).days / span,
            2 + (SPARK_HEIGHT - 4) * (1 - size / most),
        )
        for day, size in sizes
    ]
    return Spark(
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points), points[-1][0], points[-1][1], first_day, first, last
    )
