"""A statement for a period: what was there, what came and went and why, what is there now."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext as _

from regulars.kit.clock import add_months, end_of_day, start_of_day
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Account, Currency, Entry
from regulars.store.pages.entries import build_entries
from regulars.store.visits import MemberVisit

MONTHS_BY_DEFAULT = 3
ENTRIES_MAX = 20_000
READ_AT_ONCE = 100
_OWN = frozenset({Account.ACTIVE, Account.PENDING, Account.DEBT})
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class StatementTooLong(Exception):
    """So many entries lie in the period that it must be asked for in parts."""


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days in the active time zone, both of them included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One movement: how many points, why, and what was there after it."""

    occurred_at: datetime
    title: str
    why: str
    points: int
    balance: int


@dataclass(frozen=True, slots=True)
class Statement:
    """`opening` plus all the rows is `closing`.

    Both count what is on its way, less what a return left open.
    """

    period: Period
    opening: int
    rows: tuple[StatementRow, ...]
    closing: int

    @property
    def came(self) -> int:
        """What came in, in all."""
        return sum(row.points for row in self.rows if row.points > 0)

    @property
    def went(self) -> int:
        """What went out, in all; 0 or less."""
        return sum(row.points for row in self.rows if row.points < 0)


def read_period(query: QueryDict, now: datetime) -> Period:
    """The period out of an address; the last three months where it says nothing that makes sense."""
    today = localtime(now).date()
    last = _read_day(query.get("to", "")) or today
    first = _read_day(query.get("from", "")) or add_months(min(last, today), -MONTHS_BY_DEFAULT)
    return Period(min(first, last), max(first, last))


def load_statement(visit: MemberVisit, period: Period) -> Statement:
    """The statement of one member, earliest first, by the time at which things happened.

    Reads the journal backwards, a hundred entries at a time, until what was written down before the period.
    Raises StatementTooLong beyond 20,000 entries read.
    """
    zone = ZoneInfo(str(get_current_timezone()))
    since, until = start_of_day(period.first, zone), end_of_day(period.last, zone)
    within: list[Entry] = []
    closing: int | None = None
    for entry in _read_back(visit.member_id, since):
        if closing is None:
            closing = entry.balance_after + entry.pending_after - entry.debt_after
        if entry.occurred_at >= until:
            closing -= moved(entry)
        elif entry.occurred_at >= since and moved(entry):
            within.append(entry)
    within.sort(key=lambda entry: (entry.occurred_at, entry.seq))
    closing = closing or 0
    opening = balance = closing - sum(moved(entry) for entry in within)
    rows = []
    for first in range(0, len(within), READ_AT_ONCE):
        part = within[first : first + READ_AT_ONCE]
        for entry, view in zip(part, build_entries(part, visit.now), strict=True):
            balance += moved(entry)
            title = f"{view.title} · {view.place}" if view.place else view.title
            rows.append(
                StatementRow(entry.occurred_at, title, " ".join(view.sentences), moved(entry), balance)
            )
    return Statement(period, opening, tuple(rows), closing)


def moved(entry: Entry) -> int:
    """What an entry did to the member's own: active, pending, less debt. Between those it moves nothing."""
    if (entry.debit in _OWN) is (entry.credit in _OWN):
        return 0
    return entry.amount if entry.credit in _OWN else -entry.amount


def write_csv(statement: Statement) -> str:
    """The statement as spreadsheets read it: days as ISO 8601, commas between, the opening balance first."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("Day"), _("What happened"), _("Why"), _("Points"), _("Balance")])
    writer.writerow([statement.period.first.isoformat(), _("Balance before"), "", "", statement.opening])
    for row in statement.rows:
        day = localtime(row.occurred_at).date().isoformat()
        writer.writerow([day, _harmless(row.title), _harmless(row.why), row.points, row.balance])
    # The mark tells spreadsheets that it is UTF-8.
    return "\ufeff" + out.getvalue()


def _read_back(member_id: MemberId, since: datetime) -> Iterator[Entry]:
    cursor, read = None, 0
    while True:
        page = ledger.list_entries(member_id, Currency.POINTS, cursor=cursor, size=READ_AT_ONCE)
        yield from page.items
        read += len(page.items)
        cursor = page.next_cursor
        # Nothing is written down before it happens: what comes further back lies before the period.
        if cursor is None or page.items[-1].recorded_at < since:
            return
        if read >= ENTRIES_MAX:
            raise StatementTooLong


def _read_day(raw: str) -> date | None:
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
