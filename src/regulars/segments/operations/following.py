"""Following what rooms record: whoever something happened to is tested again, in the segments it concerns.

Nothing is added to the path of a posting: what was written is read afterwards, by number or by time. A row
can be committed after rows with higher numbers or later times were read. So each reading goes back as far
as the oldest transaction that was open at the reading before: numbers given out since that one began lie
above the highest number of any reading that ended before it began. What is read twice is tested once, as
long as the process lives; twice does no harm.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction

from regulars.kit.errors import Refusal
from regulars.kit.relations import Stamp, Watch
from regulars.segments.compiling.statements import Question
from regulars.segments.models import Position, SeenStamp, Segment
from regulars.segments.operations.retesting import find_reach, retest_members
from regulars.segments.queries.loading import Asking
from regulars.segments.tree.nodes import list_segments_named
from regulars.segments.types import Followed

MARGIN = timedelta(seconds=60)
"""How long before its transaction begins somebody may have looked at the clock."""
LOOK_BACK_MAX = timedelta(hours=1)
"""A transaction that is open for longer is not waited for: the daily rebuild covers what it writes."""
FIRST_OVERLAP = 10_000
"""Numbers below the highest one that are looked at on the first reading: some may not be committed yet."""
MEMBERS_MAX = 20_000
"""More than that at once is faster by a rebuild."""
BATCH = 2_000
ROUNDS_MAX = 10
MARKS_MAX = 120
_OPEN_SINCE = """
SELECT clock_timestamp(), (
    SELECT min(xact_start) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
        AND backend_type = 'client backend'
)
"""
_CHANGES = "segments.changes/"

log = logging.getLogger(__name__)
_Reach = list[tuple[list[int], list[int]]]
"""Whom to test and where to look, in batches."""
_tested: dict[tuple[str, int, str], datetime] = {}
"""What this process has tested already, and when it was read: the readings overlap."""


@dataclass(frozen=True, slots=True)
class _Follower:
    """A segment and what must be watched for it."""

    segment_id: int
    code: str
    question: Question
    watches: frozenset[str]
    stamps: frozenset[str]


def follow_changes(*, now: datetime) -> Followed:
    """Test again whom something happened to since the last time. Many transactions, one for each segment.

    Answers how many members and segments were concerned and how many entered or left. Where a segment's
    test fails it is asked for a rebuild, and its membership stays as it is.
    """
    asking = Asking(now)
    followers = _list_followers(asking)
    watches = _list_watches(asking, followers)
    members = segments = changes = 0
    for _round in range(ROUNDS_MAX):
        found, at = _read(watches)
        _begin_watching(followers, found, now)
        concerned = _find_concerned(followers, found)
        reaches: dict[frozenset[int], _Reach] = {}
        changed = 0
        for follower, member_ids in concerned:
            changed += _test(follower, member_ids, reaches, now)
        _note_tested([follower.segment_id for follower, _ids in concerned], now)
        _keep(found, at)
        members += len({one for _, ids in concerned for one in ids})
        segments += len(concerned)
        changes += changed
        # Who entered or left may thereby enter or leave segments that are defined by these.
        if not changed or not any(name.startswith(_CHANGES) for name in watches):
            break
    return Followed(members, segments, changes)


def follow_stamps(*, now: datetime) -> int:
    """Ask for a rebuild of segments that stand on what changed for many at once; answers how many."""
    asking = Asking(now)
    return _follow(asking, list(asking.vocabulary.stamps.values()), now)


def follow_quick_stamps(*, now: datetime) -> int:
    """The same of what can be asked every few seconds: what rewards cost and whether any are left."""
    asking = Asking(now)
    return _follow(asking, [one for one in asking.vocabulary.stamps.values() if one.is_quick], now)


def _follow(asking: Asking, stamps: Sequence[Stamp], now: datetime) -> int:
    seen = dict(SeenStamp.objects.values_list("name", "value"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"({stamp.sql})::text" for stamp in stamps))
        values = {stamp.name: value or "" for stamp, value in zip(stamps, cursor.fetchone(), strict=True)}
    changed = {name for name, value in values.items() if seen.get(name) != value}
    if not changed:
        return 0
    for name in changed:
        SeenStamp.objects.update_or_create(name=name, defaults={"value": values[name]})
    concerned = [one.segment_id for one in _list_followers(asking) if one.stamps & changed]
    return Segment.objects.filter(pk__in=concerned).update(wanted_at=now)


def _list_followers(asking: Asking) -> list[_Follower]:
    """The segments that can be asked. What cannot be read any more is left to the rebuild, which says so."""
    rows = list(Segment.objects.filter(archived_at__isnull=True).order_by("pk"))
    found = []
    for row in rows:
        try:
            node = asking.read(row.tree)
            question = asking.question(node, row.uid)
        except Refusal:
            continue
        compiled = question.compile(scoped=True)
        others = {f"{_CHANGES}{question.segment_ids[code]}" for code in list_segments_named(node)}
        found.append(_Follower(row.pk, row.code, question, compiled.watches | others, compiled.stamps))
    return found


def _list_watches(asking: Asking, followers: Iterable[_Follower]) -> dict[str, Watch]:
    """What must be read, by name; a watch that no condition names is not."""
    wanted = {name for one in followers for name in one.watches}
    watches = {name: asking.vocabulary.watches[name] for name in wanted if not name.startswith(_CHANGES)}
    for name in wanted - watches.keys():
        number = int(name.removeprefix(_CHANGES))
        watches[name] = Watch(
            name,
            f"SELECT member_id, id::text FROM segments_change WHERE segment_id = {number:d}"  # noqa: S608
            " AND id > %(above)s",
            "SELECT coalesce(max(id), 0) FROM segments_change",
        )
    return watches


@dataclass(slots=True)
class _Reading:
    """What was found by one watch, and from where to read the next time."""

    rows: list[tuple[int, str]]
    read_until: datetime
    low: int
    marks: list[list[Any]]
    is_first: bool


def _read(watches: dict[str, Watch]) -> tuple[dict[str, _Reading], datetime]:
    """New rows of every watch. Who is open is asked first: whoever begins later is seen the next time."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_SINCE)
        at, open_since = cursor.fetchone()
    floor = max(min(at, open_since or at), at - LOOK_BACK_MAX)
    known = {row.name: row for row in Position.objects.all()}
    return {name: _read_watch(watch, known.get(name), at, floor) for name, watch in watches.items()}, at


def _read_watch(watch: Watch, known: Position | None, at: datetime, floor: datetime) -> _Reading:
    if known is not None and (known.read_at is None or known.read_at < at - LOOK_BACK_MAX):
        known = None  # nobody read for long, and too much may stand there: a rebuild covers it
    low, marks, after = (0, [], at) if known is None else (known.low, list(known.marks), known.read_until)
    with connection.cursor() as cursor:
        if watch.top:
            cursor.execute(watch.top)
            (top,) = cursor.fetchone()
            low = max(top - FIRST_OVERLAP, 0) if known is None else low
            # Whoever begins after this instant is given a number above the top.
            cursor.execute("SELECT clock_timestamp()")
            marks.append([cursor.fetchone()[0].isoformat(), top])
            cursor.execute(watch.sql, {"above": low})
        else:
            cursor.execute(watch.sql, {"after": after - MARGIN})
        rows = [(member_id, key) for member_id, key in cursor.fetchall()]
    fresh = [row for row in rows if (watch.name, *row) not in _tested]
    # The highest number at a reading before the oldest open transaction began.
    ended = [mark for mark in marks if datetime.fromisoformat(mark[0]) <= floor]
    if ended:
        low = max(low, ended[-1][1])
        marks = [ended[-1], *[mark for mark in marks if mark not in ended]]
    return _Reading(fresh, floor, low, marks[:1] + marks[1:][-MARKS_MAX:], is_first=known is None)


def _begin_watching(followers: Iterable[_Follower], found: dict[str, _Reading], now: datetime) -> None:
    """What was recorded before the first reading is not tested one by one: a rebuild covers it."""
    first = {name for name, reading in found.items() if reading.is_first}
    if first:
        concerned = [one.segment_id for one in followers if one.watches & first]
        Segment.objects.filter(pk__in=concerned).update(wanted_at=now)


def _find_concerned(
    followers: Iterable[_Follower], found: dict[str, _Reading]
) -> list[tuple[_Follower, frozenset[int]]]:
    concerned = []
    for follower in followers:
        member_ids = {
            member_id
            for name in follower.watches
            if name in found and not found[name].is_first
            for member_id, _key in found[name].rows
        }
        if member_ids:
            concerned.append((follower, frozenset(member_ids)))
    return concerned


def _test(
    follower: _Follower, member_ids: frozenset[int], reaches: dict[frozenset[int], _Reach], now: datetime
) -> int:
    if len(member_ids) > MEMBERS_MAX:
        Segment.objects.filter(pk=follower.segment_id).update(wanted_at=now)
        return 0
    changed = 0
    try:
        if member_ids not in reaches:
            ordered = sorted(member_ids)
            batches = (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))
            reaches[member_ids] = [find_reach(batch) for batch in batches]
        for scope, reach in reaches[member_ids]:
            changed += retest_members(
                segment_id=follower.segment_id, question=follower.question, scope=scope, reach=reach, now=now
            )
    except DatabaseError:
        log.exception("A live test of segment %s failed; a rebuild will make up for it", follower.code)
        Segment.objects.filter(pk=follower.segment_id).update(wanted_at=now)
    return changed


def _note_tested(segment_ids: list[int], now: datetime) -> None:
    """When somebody was tested last; a segment that a rebuild holds at this moment is passed by."""
    if segment_ids:
        with transaction.atomic():
            free = Segment.objects.select_for_update(skip_locked=True).filter(pk__in=segment_ids)
            Segment.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(tested_at=now)


@transaction.atomic
def _keep(found: dict[str, _Reading], at: datetime) -> None:
    """Remember how far everything was read, and what was tested of it."""
    rows = [
        Position(name=name, read_at=at, read_until=reading.read_until, low=reading.low, marks=reading.marks)
        for name, reading in found.items()
    ]
    Position.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["read_at", "read_until", "low", "marks"],
    )
    for name, reading in found.items():
        for row in reading.rows:
            _tested[(name, *row)] = at
    old = at - LOOK_BACK_MAX - MARGIN
    for key in [key for key, read_at in _tested.items() if read_at < old]:
        del _tested[key]
