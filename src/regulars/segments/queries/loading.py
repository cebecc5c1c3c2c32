"""Segments as they are stored, and as questions that can be asked."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from regulars.rules.facade import Programme
from regulars.segments.compiling.calendar import Day
from regulars.segments.compiling.statements import Question
from regulars.segments.errors import SegmentNotFound, TreeInvalid
from regulars.segments.models import Segment
from regulars.segments.tree.nodes import Node, list_segments_named
from regulars.segments.tree.reading import read_tree
from regulars.segments.types import SegmentState, SegmentView
from regulars.segments.vocabulary import Vocabulary, build_vocabulary, find_programme

UTC = ZoneInfo("UTC")


def to_view(row: Segment) -> SegmentView:
    """A row as others see it."""
    return SegmentView(
        id=row.pk,
        code=row.code,
        uid=row.uid,
        name=row.name,
        description=row.description,
        built_in=row.built_in,
        tree=row.tree,
        version=row.version,
        state=_state_of(row),
        members_count=row.members_count,
        created_at=row.created_at,
        updated_at=row.updated_at,
        wanted_at=row.wanted_at,
        rebuilt_at=row.rebuilt_at,
        rebuilt_on=row.rebuilt_on,
        rebuilt_seconds=row.rebuilt_seconds,
        tested_at=row.tested_at,
        changed_at=row.changed_at,
        error=row.error,
        failed_at=row.failed_at,
    )


def _state_of(row: Segment) -> SegmentState:
    if row.archived_at is not None:
        return SegmentState.ARCHIVED
    if row.error:
        return SegmentState.FAILING
    return SegmentState.CURRENT if row.membership_version == row.version else SegmentState.BUILDING


def get_row(code: str, *, lock: bool = False) -> Segment:
    """The segment of a code, archived or not. Raises SegmentNotFound."""
    rows = Segment.objects.select_for_update() if lock else Segment.objects
    row = rows.filter(code=code).first() if "\0" not in code else None
    if row is None:
        raise SegmentNotFound(_("There is no segment %(code)s.") % {"code": code}, segment=code)
    return row


class Asking:
    """What questions need to know at one instant: the words there are, the day, the segments by code."""

    def __init__(self, now: datetime) -> None:
        self.programme: Programme | None = find_programme(now)
        self.vocabulary: Vocabulary = build_vocabulary(self.programme)
        self.day = Day.of(now, UTC if self.programme is None else self.programme.time_zone)

    def read(self, tree: object) -> Node:
        """A tree as nodes. Raises TreeInvalid."""
        return read_tree(tree, self.vocabulary)

    def question(self, node: Node, uid: object) -> Question:
        """The question that a tree asks today. One query where it names segments. Raises TreeInvalid."""
        named = list_segments_named(node)
        ids = find_ids(named)
        if missing := named - ids.keys():
            absent = _("There is no segment %(codes)s; it may have been archived.")
            raise TreeInvalid(
                "match: " + absent % {"codes": ", ".join(sorted(missing))},
                path="match",
                codes=sorted(missing),
            )
        return Question(node, self.vocabulary, self.day, str(uid), ids)


def find_ids(codes: Iterable[str]) -> dict[str, int]:
    """The numbers of segments that are not archived, by code."""
    wanted = list(codes)
    if not wanted:
        return {}
    rows = Segment.objects.filter(code__in=wanted, archived_at__isnull=True)
    return dict(rows.values_list("code", "id"))
