"""The one timeline: rooms register where their entries come from; reading merges them."""

import heapq
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from regulars.kit.ids import MemberId
from regulars.kit.paging import BadCursor, Page, clamp_page_size, decode_cursor, encode_cursor
from regulars.members.models import Member
from regulars.members.types import TimelineEntry, TimelinePoint, TimelineSource

REF_MAX = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_sources: dict[str, TimelineSource] = {}

_Key = tuple[datetime, str, int]


def register_timeline(source: TimelineSource) -> None:
    """Add a room's entries to every member's timeline. Called once, when the room's app is ready."""
    known = _sources.setdefault(source.name, source)
    if known is not source and type(known) is not type(source):
        raise ValueError(f"A timeline source called {source.name!r} is registered already.")


def list_timeline(
    member_id: MemberId, before: str | None = None, size: int | None = None
) -> Page[TimelineEntry]:
    """What happened to a member, latest first, out of all sources; `before` is the last page's cursor.

    Every entry comes once, in the order of (occurred_at, source, ref), however many happened at one
    instant. Each source is asked once, for one page at most.
    """
    limit = clamp_page_size(size)
    upper = _read_cursor(before)
    streams = [_stream(source, member_id, upper, limit + 1) for source in _sources.values()]
    merged = heapq.merge(*streams, key=lambda pair: pair[0], reverse=True)
    found = [pair for pair, _number in zip(merged, range(limit + 1), strict=False)]
    shown = found[:limit]
    next_cursor = _write_cursor(shown[-1][0]) if len(found) > limit else None
    return Page(tuple(entry for _key, entry in shown), next_cursor)


class MembershipTimeline:
    """The members room's own entries: joining, and the erasure of personal data."""

    name = "members"

    def list_entries(
        self, member_id: MemberId, *, before: TimelinePoint | None, size: int
    ) -> Sequence[TimelineEntry]:
        """At most two entries."""
        row = Member.objects.filter(id=member_id).values_list("joined_at", "anonymised_at").first()
        if row is None:
            return []
        joined_at, anonymised_at = row
        entries = [TimelineEntry(joined_at, "member.joined", _("Joined"), ref=1)]
        if anonymised_at:
            entries.append(TimelineEntry(anonymised_at, "member.erased", _("Personal data erased"), ref=2))
        entries.sort(key=lambda entry: (entry.occurred_at, entry.ref), reverse=True)
        if before:
            point = (before.occurred_at, before.ref)
            entries = [entry for entry in entries if (entry.occurred_at, entry.ref) < point]
        return entries[:size]


def _stream(
    source: TimelineSource, member_id: MemberId, upper: _Key | None, size: int
) -> Iterator[tuple[_Key, TimelineEntry]]:
    before = _point_for(source.name, upper) if upper else None
    for entry in source.list_entries(member_id, before=before, size=size):
        yield (entry.occurred_at, source.name, entry.ref), entry


def _point_for(name: str, upper: _Key) -> TimelinePoint:
    """Where this source goes on after the entry `upper`, which may be another source's.

    At the same instant, sources come in the descending order of their names: those whose turn has
    passed go on before that instant, those still to come give all they have of it.
    """
    occurred_at, upper_name, ref = upper
    if name == upper_name:
        return TimelinePoint(occurred_at, ref)
    return TimelinePoint(occurred_at, REF_MAX if name < upper_name else 0)


def _write_cursor(key: _Key) -> str:
    occurred_at, name, ref = key
    return encode_cursor((occurred_at - _EPOCH) // timedelta(microseconds=1), name, ref)


def _read_cursor(cursor: str | None) -> _Key | None:
    if not cursor:
        return None
    micros, name, ref = decode_cursor(cursor, (int, str, int))
    try:
        return _EPOCH + timedelta(microseconds=int(micros)), str(name), int(ref)
    except OverflowError as error:
        raise BadCursor("The cursor is not one that this server gave; start from the first page.") from error
