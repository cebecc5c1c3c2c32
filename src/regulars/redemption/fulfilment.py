"""Reads of the counter: the queue, what a code stands for, and what was handed over."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from regulars.catalogue import facade as catalogue
from regulars.kit.ids import MemberId, RedemptionId
from regulars.kit.paging import BadCursor, Page, clamp_page_size, decode_cursor, encode_cursor
from regulars.members import facade as members
from regulars.redemption.models import PAID, Fulfilment, Note, Redemption
from regulars.redemption.policies import read_reference
from regulars.redemption.queries import to_views
from regulars.redemption.types import (
    FulfilmentKind,
    FulfilmentView,
    QueueFilter,
    QueueStatus,
    RedemptionNote,
    RedemptionState,
    RedemptionView,
)

COUNT_MAX = 1_000
"""The queue counts no further: a thousand says enough."""
FOUND_MEMBERS_MAX = 50
CODE_LENGTH_MAX = 200
REFERENCE_PREFIX_MIN = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_STATUSES: Mapping[QueueStatus, Q] = {
    QueueStatus.TO_DO: Q(state=RedemptionState.CONFIRMED, units_handed=0),
    QueueStatus.IN_PART: Q(state=RedemptionState.CONFIRMED, units_handed__gt=0),
    QueueStatus.DONE: Q(state=RedemptionState.FULFILLED),
    QueueStatus.CANCELLED: Q(state=RedemptionState.CANCELLED),
}
# What waits is served in the order in which it came; what is over is looked up, latest first.
_OLDEST_FIRST = frozenset({QueueStatus.TO_DO, QueueStatus.IN_PART})


def list_queue(
    *, status: QueueStatus, wanted: QueueFilter, cursor: str | None = None, size: int | None = None
) -> Page[RedemptionView]:
    """One page of the queue: what waits oldest first, what is over latest first.

    The same queries whatever the size: three, and four more to find what `text` names. Raises BadCursor.
    """
    size = clamp_page_size(size)
    rows = _narrow(Redemption.objects.filter(_STATUSES[status]), wanted)
    forwards = status in _OLDEST_FIRST
    if cursor:
        rows = rows.filter(_beyond(cursor, forwards=forwards))
    order = ("reserved_at", "id") if forwards else ("-reserved_at", "-id")
    found = list(rows.order_by(*order)[: size + 1])
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    next_cursor = encode_cursor((last.reserved_at - _EPOCH) // _MICROSECOND, last.pk) if last else None
    return Page(tuple(to_views(shown)), next_cursor)


def count_queue(wanted: QueueFilter) -> dict[QueueStatus, int]:
    """How many there are of each status, counted to a thousand. One query each."""
    rows = _narrow(Redemption.objects.all(), wanted)
    return {
        status: rows.filter(condition).order_by()[:COUNT_MAX].count()
        for status, condition in _STATUSES.items()
    }


def find_at_counter(word: str) -> list[RedemptionView]:
    """What a scanned or typed word stands for: a reference, or a code in any pool. Mostly one or none.

    Codes that nobody was shown stand for nothing. Four queries at most.
    """
    typed = word.replace("\x00", "").strip()
    if not typed or len(typed) > CODE_LENGTH_MAX:
        return []
    codes = Q(code_id__in=catalogue.find_code_ids(typed), state__in=PAID)
    rows = Redemption.objects.filter(Q(reference=read_reference(typed)) | codes)
    return to_views(list(rows.order_by("-id")[:5]))


def list_fulfilments(redemption_id: RedemptionId) -> list[FulfilmentView]:
    """What was handed over or given up, earliest first. One query."""
    rows = Fulfilment.objects.filter(redemption_id=redemption_id).order_by("id")
    return [
        FulfilmentView(row.occurred_at, FulfilmentKind(row.kind), row.units, row.actor, row.reason)
        for row in rows
    ]


def list_notes(redemption_id: RedemptionId) -> list[RedemptionNote]:
    """The notes on a redemption, latest first. One query."""
    return [read_note(row) for row in Note.objects.filter(redemption_id=redemption_id).order_by("-id")]


def list_notes_of(redemption_ids: Iterable[RedemptionId]) -> dict[RedemptionId, list[RedemptionNote]]:
    """The notes on several redemptions, latest first; those without are left out. One query."""
    found: dict[RedemptionId, list[RedemptionNote]] = {}
    for row in Note.objects.filter(redemption_id__in=set(redemption_ids)).order_by("-id"):
        found.setdefault(RedemptionId(row.redemption_id), []).append(read_note(row))
    return found


def read_note(row: Note) -> RedemptionNote:
    """A row as the value that crosses the door."""
    return RedemptionNote(row.pk, RedemptionId(row.redemption_id), row.written_at, row.actor, row.text)


def _narrow(rows: QuerySet[Redemption], wanted: QueueFilter) -> QuerySet[Redemption]:
    if wanted.reward_code:
        rows = rows.filter(reward__code=wanted.reward_code)
    if wanted.taken_before is not None:
        rows = rows.filter(reserved_at__lt=wanted.taken_before)
    text = wanted.text.replace("\x00", "").strip()[:CODE_LENGTH_MAX]
    return rows.filter(_named(text)) if text else rows


def _named(text: str) -> Q:
    """Whatever a word may name: a reference as it begins, a code, or whose it is."""
    named = Q(code_id__in=catalogue.find_code_ids(text)) | Q(member_id__in=_find_members(text))
    reference = read_reference(text)
    return named | Q(reference__startswith=reference) if len(reference) >= REFERENCE_PREFIX_MIN else named


def _find_members(text: str) -> list[MemberId]:
    """Those whom a word finds, and those merged into them."""
    found = [profile.id for profile in members.search_members(text, size=FOUND_MEMBERS_MAX).items]
    traits = members.get_traits(found).values() if found else ()
    return [*found, *(other for trait in traits for other in trait.merged)]


def _beyond(cursor: str, *, forwards: bool) -> Q:
    micros, last_id = decode_cursor(cursor, (int, int))
    try:
        instant = _EPOCH + timedelta(microseconds=int(micros))
    except OverflowError as error:
        raise BadCursor("The cursor is not one that this server gave; start from the first page.") from error
    if forwards:
        return Q(reserved_at__gt=instant) | Q(reserved_at=instant, id__gt=int(last_id))
    return Q(reserved_at__lt=instant) | Q(reserved_at=instant, id__lt=int(last_id))
