"""The pages of the counter: the queue, what a code stands for, the packing list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from regulars.console.desk import Desk
from regulars.console.forms_fulfilment import QueueForm
from regulars.console.pages.people import name_actors, parse_actor
from regulars.finance import facade as finance
from regulars.kit.clock import local_date
from regulars.kit.ids import MemberId, RedemptionId
from regulars.members import facade as members
from regulars.members.facade import MemberProfile
from regulars.redemption import facade as redemption
from regulars.redemption.facade import (
    CounterVerdict,
    FulfilmentView,
    QueueFilter,
    QueueStatus,
    RedemptionNote,
    RedemptionView,
)

PAGE_SIZE = 25
CHOSEN_MAX = 100
STATUS_NAMES: Mapping[QueueStatus, Promise] = {
    QueueStatus.TO_DO: gettext_lazy("To do"),
    QueueStatus.IN_PART: gettext_lazy("In part"),
    QueueStatus.DONE: gettext_lazy("Done"),
    QueueStatus.CANCELLED: gettext_lazy("Cancelled"),
}


@dataclass(frozen=True, slots=True)
class QueueTab:
    """One status above the queue. `count` goes as far as the room counts: then `many` is said."""

    name: Promise
    href: str
    count: int
    many: bool
    current: bool


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One redemption of the queue, whose it is, and the latest note on it."""

    view: RedemptionView
    member: MemberProfile | None
    note: str
    waiting_days: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue."""

    status: QueueStatus
    tabs: tuple[QueueTab, ...]
    rows: tuple[QueueRow, ...]
    more: str
    narrowed: bool

    @property
    def open(self) -> bool:
        """Whether something is still to be done with what is listed."""
        return self.status in {QueueStatus.TO_DO, QueueStatus.IN_PART}


@dataclass(frozen=True, slots=True)
class Handed:
    """One line of what was handed over, with the name of who did it."""

    line: FulfilmentView
    who: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A note, with the name of who wrote it."""

    note: RedemptionNote
    who: str


@dataclass(frozen=True, slots=True)
class CounterPage:
    """What the counter shows of one redemption: whose, what, and whether it is good."""

    view: RedemptionView
    member: MemberProfile
    verdict: CounterVerdict
    handed: tuple[Handed, ...]
    notes: tuple[Noted, ...]

    @property
    def last(self) -> Handed | None:
        """The last time that something was handed over."""
        return next((one for one in reversed(self.handed) if one.line.kind == "handed"), None)


def read_filter(form: QueueForm, desk: Desk) -> QueueFilter:
    """What a valid form narrows by; nothing where the form is not valid."""
    if not form.is_valid():
        return QueueFilter()
    told = form.cleaned_data
    days = int(told["age"]) if told["age"] else 0
    return QueueFilter(
        reward_code=told["reward"],
        taken_before=desk.now - timedelta(days=days) if days else None,
        text=told["q"],
    )


def read_queue(
    desk: Desk, status: QueueStatus, wanted: QueueFilter, query: Mapping[str, str], cursor: str | None
) -> QueuePage:
    """One page of the queue with its counts. The same queries however much is on it."""
    page = redemption.list_queue(status=status, wanted=wanted, cursor=cursor, size=PAGE_SIZE)
    counts = redemption.count_queue(wanted)
    given = {name: value for name, value in query.items() if value}
    tabs = tuple(
        QueueTab(
            name,
            _address({**given, "status": one.value}),
            min(counts[one], redemption.COUNT_MAX - 1),
            counts[one] >= redemption.COUNT_MAX,
            one is status,
        )
        for one, name in STATUS_NAMES.items()
    )
    more = ""
    if page.next_cursor:
        more = _address({**given, "status": status.value, "cursor": page.next_cursor})
    return QueuePage(status, tabs, tuple(tell_rows(desk, page.items)), more, bool(given))


def tell_rows(desk: Desk, views: Sequence[RedemptionView]) -> Iterable[QueueRow]:
    """Rows with their members and notes; three queries, however many."""
    people = _read_people(views)
    notes = redemption.list_notes_of([view.id for view in views])
    for view in views:
        written = notes.get(view.id, [])
        waiting = (desk.now - view.reserved_at).days
        yield QueueRow(view, people.get(view.id), written[0].text if written else "", waiting)


def read_counter(desk: Desk, redemption_id: RedemptionId) -> CounterPage:
    """What the counter shows of one redemption. Raises RedemptionNotFound."""
    view = redemption.get_redemption(redemption_id)
    handed, notes = read_handed(view.id), read_notes(view.id)
    return CounterPage(
        view,
        members.get_member(view.member_id),
        redemption.find_verdict(view, desk.now),
        tuple(handed),
        tuple(notes),
    )


def read_handed(redemption_id: RedemptionId) -> list[Handed]:
    """What was handed over, with names."""
    lines = redemption.list_fulfilments(redemption_id)
    names = _name({line.actor for line in lines})
    return [Handed(line, names[line.actor]) for line in lines]


def read_notes(redemption_id: RedemptionId) -> list[Noted]:
    """The notes, with names."""
    notes = redemption.list_notes(redemption_id)
    names = _name({note.actor for note in notes})
    return [Noted(note, names[note.actor]) for note in notes]


def read_chosen(desk: Desk, texts: Iterable[str]) -> list[QueueRow]:
    """The redemptions of these numbers, oldest first; whatever is no number or unknown is left out."""
    numbers = [
        RedemptionId(int(text)) for text in texts if text.isascii() and text.isdigit() and len(text) < 19
    ]
    found = redemption.get_redemptions(numbers[:CHOSEN_MAX])
    ordered = sorted(found.values(), key=lambda view: (view.reserved_at, view.id))
    return list(tell_rows(desk, ordered))


def write_packing(rows: Iterable[QueueRow], zone: ZoneInfo) -> finance.Table:
    """The packing list for a spreadsheet, with the days of the programme's time zone."""
    columns = (
        *("reference", "taken_on", "reward", "units_left", "units"),
        *("member", "member_id", "email", "phone", "note"),
    )
    return finance.Table(columns, tuple(_packing_row(row, zone) for row in rows))


def _packing_row(row: QueueRow, zone: ZoneInfo) -> tuple[str | int | None, ...]:
    view, member = row.view, row.member
    return (
        view.reference,
        local_date(view.reserved_at, zone).isoformat(),
        view.reward_name,
        view.units_left,
        view.units,
        member.name if member else "",
        member.external_id if member else "",
        member.email if member else "",
        member.phone if member else "",
        row.note,
    )


def _read_people(views: Sequence[RedemptionView]) -> dict[RedemptionId, MemberProfile]:
    """Whose each is now: the survivor's, where a member was merged."""
    ids = {view.member_id for view in views}
    survivors = members.find_survivors(ids) if ids else {}
    people = members.get_profiles(survivors.get(one, one) for one in ids)
    found: dict[RedemptionId, MemberProfile] = {}
    for view in views:
        whose: MemberId = survivors.get(view.member_id, view.member_id)
        if whose in people:
            found[view.id] = people[whose]
    return found


def _name(actors: set[str]) -> dict[str, str]:
    parsed = {text: parse_actor(text) for text in actors}
    names = name_actors(actor for actor in parsed.values() if actor)
    return {text: names[actor].text if actor else text for text, actor in parsed.items()}


def _address(query: Mapping[str, str]) -> str:
    return f"{reverse('console:fulfilment')}?{urlencode(query)}"
