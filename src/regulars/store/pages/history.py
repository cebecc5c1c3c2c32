"""The history: every entry explains itself, and opens line by line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from regulars.design.facade import format_points
from regulars.earning import facade as earning
from regulars.kit.ids import JournalSeq, MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EntryKind
from regulars.store.pages.entries import (
    SHOWN,
    EntryView,
    build_entries,
    describe,
    find_posting,
    load_background,
)
from regulars.store.pages.statements import Period

PAGE_SIZE = 25
EVERYTHING, EARNED, SPENT, LAPSED = "", "earned", "spent", "lapsed"
KINDS = {
    EVERYTHING: SHOWN,
    EARNED: frozenset({EntryKind.EARN, EntryKind.ACTIVATE, EntryKind.TRANSFER_IN, EntryKind.ADJUST}),
    SPENT: frozenset(
        {EntryKind.SPEND, EntryKind.HOLD, EntryKind.RELEASE, EntryKind.REFUND, EntryKind.TRANSFER_OUT}
    ),
    LAPSED: frozenset({EntryKind.EXPIRE, EntryKind.REVERSE, EntryKind.REPAY, EntryKind.WAIVE}),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter above the list."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """Points that lapse when `day` is over."""

    points: int
    day: datetime


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page of the journal; `ahead` stands beside the first."""

    show: str
    entries: tuple[EntryView, ...]
    next_href: str
    balance: ledger.Balance | None = None
    period: Period | None = None
    ahead: tuple[Ahead, ...] = ()

    @property
    def filters(self) -> list[Choice]:
        """What can be shown."""
        return [
            Choice(EVERYTHING, _("Everything")),
            Choice(EARNED, _("Earned")),
            Choice(SPENT, _("Spent")),
            Choice(LAPSED, _("Lapsed and returned")),
        ]


@dataclass(frozen=True, slots=True)
class LineView:
    """What one line of the order brought in all, and how that adds up where several rules met on it."""

    name: str
    points: int
    sum: str


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """One entry: what each rule gave, and what each line brought. `small` lines brought less than a point."""

    title: str
    occurred_at: datetime
    points: int
    place: str
    parts: tuple[earning.PartView, ...]
    lines: tuple[LineView, ...]
    small: int
    notes: tuple[str, ...]
    good_until: datetime | None


def load_entries(
    member_id: MemberId, show: str, cursor: str | None, month: str, now: datetime
) -> HistoryPage:
    """One page of entries. `month` is the last one shown on the page before. Raises BadCursor."""
    show = show if show in KINDS else EVERYTHING
    found = ledger.list_entries(member_id, Currency.POINTS, cursor=cursor, size=PAGE_SIZE, kinds=KINDS[show])
    entries = build_entries(found.items, now, month)
    next_href = ""
    if found.next_cursor:
        last = next((entry.month for entry in reversed(entries) if entry.month), month)
        query = {"show": show, "cursor": found.next_cursor, "month": last}
        next_href = f"{reverse('store:history')}?{urlencode(query)}"
    return HistoryPage(show, entries, next_href)


def load_ahead(member_id: MemberId, now: datetime) -> tuple[Ahead, ...]:
    """What lapses within the next year, by day, earliest first."""
    return tuple(
        Ahead(points, expires_at - timedelta(microseconds=1))
        for expires_at, points in ledger.list_expiring(member_id, now, 366)[:6]
    )


def load_entry(member_id: MemberId, seq: JournalSeq, now: datetime) -> EntryDetail:
    """One entry with what each rule gave on each line. Raises EntryUnknown."""
    entry = ledger.get_entry(member_id, Currency.POINTS, seq)
    background = load_background([entry])
    view = describe(entry, background, now)
    source = earning.parse_source(entry.source)
    award = background.awards.get(source) if source is not None else None
    posting = find_posting(award, entry)
    expires_at = posting.expires_at if posting is not None else None
    lines = add_up(posting.parts) if posting is not None else ()
    return EntryDetail(
        title=view.title,
        occurred_at=view.occurred_at,
        points=view.points,
        place=view.place,
        parts=posting.parts if posting is not None else (),
        lines=tuple(line for line in lines if line.points),
        small=sum(not line.points for line in lines),
        notes=award.notes if award is not None else (),
        good_until=expires_at - timedelta(microseconds=1) if expires_at is not None else None,
    )


def add_up(parts: Iterable[earning.PartView]) -> tuple[LineView, ...]:
    """The shares of all rules, line by line, in the order of the receipt."""
    shares: dict[int, list[earning.ShareView]] = {}
    for part in parts:
        for share in part.shares:
            shares.setdefault(share.line_no, []).append(share)
    lines = []
    for _line_no, own in sorted(shares.items()):
        points = [share.points for share in own if share.points]
        told = " + ".join(format_points(number) for number in points) if len(points) > 1 else ""
        lines.append(LineView(own[0].name, sum(points), told))
    return tuple(lines)
