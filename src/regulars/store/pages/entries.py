"""Entries of the journal as a member reads them: what happened, why, and how many points."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from regulars.activity import facade as activity
from regulars.design.facade import format_day, format_points
from regulars.earning import facade as earning
from regulars.kit.ids import RedemptionId
from regulars.kit.money import format_money
from regulars.ledger.facade import Account, Entry, EntryKind
from regulars.redemption import facade as redemption

SHOWN = frozenset(EntryKind) - {EntryKind.CAPTURE, EntryKind.EXTEND, EntryKind.RESTORE}
"""Left out is what moves nothing for the member: points held before are captured, a date moves on."""


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry. `points` is signed; `pending` says they cannot be spent yet. `month` heads a new month.

    `balance` is what could be spent after it.
    """

    icon: str
    tone: str
    title: str
    points: int
    occurred_at: datetime
    pending: bool = False
    place: str = ""
    sentences: tuple[str, ...] = ()
    href: str = ""
    detail_href: str = ""
    month: str = ""
    balance: int = 0


@dataclass(frozen=True, slots=True)
class Background:
    """What the entries of one page refer to, read together: awards, and what was redeemed."""

    awards: dict[earning.Source, earning.AwardView]
    redeemed: dict[RedemptionId, str]


def build_entries(entries: Sequence[Entry], now: datetime, month_before: str = "") -> tuple[EntryView, ...]:
    """Entries as they are shown, in their order. As many queries for one as for thirty."""
    background = load_background(entries)
    views = []
    for entry in entries:
        month = date_format(localtime(entry.occurred_at), "YEAR_MONTH_FORMAT")
        view = describe(entry, background, now)
        views.append(view if month == month_before else replace(view, month=month))
        month_before = month
    return tuple(views)


def summarise_entries(entries: Sequence[Entry], now: datetime) -> tuple[EntryView, ...]:
    """The same for a glance: nothing is read line by line."""
    background = load_background(entries, earning.summarise_sources)
    return tuple(describe(entry, background, now) for entry in entries)


def load_background(
    entries: Iterable[Entry],
    explain: Callable[
        [list[earning.Source]], dict[earning.Source, earning.AwardView]
    ] = earning.explain_sources,
) -> Background:
    """Everything that the entries refer to, kind by kind."""
    texts = {entry.source for entry in entries}
    sources = [source for text in texts if (source := earning.parse_source(text)) is not None]
    redeemed = [number for text in texts if (number := _read_redemption(text)) is not None]
    return Background(awards=explain(sources), redeemed=redemption.name_redemptions(redeemed))


def signed_amount(entry: Entry) -> int:
    """What the entry did to the points that the member can spend, or will be able to; 0 where nothing."""
    if entry.kind is EntryKind.WAIVE or entry.debit is Account.EXPIRED or entry.debit is entry.credit:
        return 0
    if entry.credit in {Account.ACTIVE, Account.PENDING}:
        return entry.amount
    return -entry.amount


def describe(entry: Entry, background: Background, now: datetime) -> EntryView:
    """One entry in the member's words."""
    title, place = _name(entry, background)
    icon, tone = _LOOKS.get(entry.kind, ("circle-star", "honey"))
    source = earning.parse_source(entry.source)
    if entry.kind is EntryKind.EARN and source is not None and source.kind is earning.SourceKind.EVENT:
        icon, tone = "sparkles", "plum"
    award = background.awards.get(source) if source is not None else None
    redeemed = _read_redemption(entry.source)
    return EntryView(
        icon=icon,
        tone=tone,
        title=title,
        points=signed_amount(entry),
        occurred_at=entry.occurred_at,
        pending=entry.credit is Account.PENDING,
        place=place,
        sentences=tuple(_explain(entry, award, now)),
        href=reverse("store:redemption", args=[redeemed]) if redeemed in background.redeemed else "",
        balance=entry.balance_after,
        detail_href=(
            reverse("store:entry", args=[entry.seq])
            if entry.kind is EntryKind.EARN and award is not None and _has_lines(award, entry)
            else ""
        ),
    )


_LOOKS = {
    EntryKind.EARN: ("shopping-basket", "leaf"),
    EntryKind.ACTIVATE: ("clock", "leaf"),
    EntryKind.REPAY: ("undo-2", "sky"),
    EntryKind.SPEND: ("gift", "honey"),
    EntryKind.HOLD: ("lock", "honey"),
    EntryKind.RELEASE: ("rotate-ccw", "honey"),
    EntryKind.EXPIRE: ("calendar-x-2", "tomato"),
    EntryKind.REVERSE: ("undo-2", "sky"),
    EntryKind.WAIVE: ("undo-2", "sky"),
    EntryKind.REFUND: ("rotate-ccw", "honey"),
    EntryKind.ADJUST: ("pencil-line", "plum"),
    EntryKind.TRANSFER_OUT: ("arrow-left-right", "sky"),
    EntryKind.TRANSFER_IN: ("arrow-left-right", "sky"),
    EntryKind.MERGE_OUT: ("arrow-left-right", "sky"),
    EntryKind.MERGE_IN: ("arrow-left-right", "sky"),
}


def _name(entry: Entry, background: Background) -> tuple[str, str]:
    """The title, and where it took place."""
    redeemed = _read_redemption(entry.source)
    if redeemed in background.redeemed:
        return _title_redemption(entry.kind) % {"reward": background.redeemed[redeemed]}, ""
    source = earning.parse_source(entry.source)
    award = background.awards.get(source) if source is not None else None
    if source is not None and source.kind is earning.SourceKind.RETURN:
        return _("Return"), ""
    if award is not None and award.order is not None:
        return _name_order(award.order)
    if award is not None and award.event_kind:
        return _name_event(award.event_kind), ""
    return _(_PLAIN_TITLES.get(entry.kind) or gettext_noop("Points")), ""


def _title_redemption(kind: EntryKind) -> str:
    match kind:
        case EntryKind.HOLD:
            return _("Set aside: %(reward)s")
        case EntryKind.RELEASE | EntryKind.REFUND:
            return _("Back to you: %(reward)s")
        case _:
            return _("Redeemed: %(reward)s")


_PLAIN_TITLES = {
    EntryKind.EARN: gettext_noop("Points for you"),
    EntryKind.ACTIVATE: gettext_noop("Yours to spend now"),
    EntryKind.SPEND: gettext_noop("Spent"),
    EntryKind.HOLD: gettext_noop("Set aside"),
    EntryKind.RELEASE: gettext_noop("Back to you"),
    EntryKind.EXPIRE: gettext_noop("Lapsed"),
    EntryKind.REVERSE: gettext_noop("Taken back"),
    EntryKind.REPAY: gettext_noop("Settled"),
    EntryKind.WAIVE: gettext_noop("Let go"),
    EntryKind.REFUND: gettext_noop("Back to you"),
    EntryKind.ADJUST: gettext_noop("Corrected by the shop"),
    EntryKind.TRANSFER_OUT: gettext_noop("Given to another member"),
    EntryKind.TRANSFER_IN: gettext_noop("From another member"),
    EntryKind.MERGE_OUT: gettext_noop("Moved to your other account"),
    EntryKind.MERGE_IN: gettext_noop("From your other account"),
}


def _name_order(order: activity.OrderSummary) -> tuple[str, str]:
    title = _("Purchase of %(amount)s") % {"amount": format_money(order.amount, order.currency)}
    place = _("Store %(store)s") % {"store": order.store} if order.store.isdigit() else order.store
    return title, place


_EVENTS = {
    "signup": gettext_noop("Welcome"),
    "sign_up": gettext_noop("Welcome"),
    "birthday": gettext_noop("Happy birthday"),
    "visit": gettext_noop("Visit"),
    "review": gettext_noop("Review"),
    "share": gettext_noop("Shared"),
    "survey": gettext_noop("Survey"),
    "referral": gettext_noop("Friend brought along"),
    "log_in": gettext_noop("Stopped by"),
    "login": gettext_noop("Stopped by"),
}


def _name_event(kind: str) -> str:
    return _(_EVENTS[kind]) if kind in _EVENTS else kind.replace("_", " ").capitalize()


def _explain(entry: Entry, award: earning.AwardView | None, now: datetime) -> Iterable[str]:
    """Why: the rules' own sentences where rules gave the points, ours for the rest."""
    if entry.kind is EntryKind.EARN:
        yield from _explain_earning(entry, award, now)
    elif entry.kind is EntryKind.EXPIRE:
        yield _("Not used by the end of %(day)s.") % {"day": _last_day(entry, now)}
    elif entry.kind is EntryKind.REVERSE:
        yield from (award.sentences if award is not None and award.sentences else ())
        if entry.debit in _TAKEN_FROM:
            yield _(_TAKEN_FROM[entry.debit])
    elif entry.kind in _REASONS:
        yield _(_REASONS[entry.kind])
    if entry.reason:
        yield entry.reason


_TAKEN_FROM = {
    Account.PENDING: gettext_noop("These were still on their way."),
    Account.EXPIRED: gettext_noop("These had lapsed already: nothing more is taken."),
    Account.DEBT: gettext_noop("These had been spent: the next points make up for them."),
}
_REASONS = {
    EntryKind.ACTIVATE: gettext_noop("They were on their way, and can be spent from now on."),
    EntryKind.HOLD: gettext_noop("The points wait until the reward is paid for."),
    EntryKind.RELEASE: gettext_noop("The points that were set aside are yours again."),
    EntryKind.REPAY: gettext_noop("Went against what a return had left open."),
    EntryKind.WAIVE: gettext_noop("A return would have taken these; you keep them."),
    EntryKind.REFUND: gettext_noop("The reward was taken back; its points keep the expiry they had."),
}


def _explain_earning(entry: Entry, award: earning.AwardView | None, now: datetime) -> Iterable[str]:
    posting = find_posting(award, entry)
    if posting is not None and len(posting.parts) == 1 and award is not None and _is_event(award):
        yield posting.parts[0].sentence  # a fixed number: saying it twice explains nothing
    elif posting is not None and posting.parts:
        text = ngettext("%(points)s point: %(why)s", "%(points)s points: %(why)s", entry.amount)
        why = ", ".join(part.sentence for part in posting.parts)
        yield text % {"points": format_points(entry.amount), "why": why}
    if entry.credit is Account.PENDING and entry.activates_at is not None:
        yield _("On their way until %(day)s.") % {"day": format_day(entry.activates_at, now)}
    elif entry.credit is Account.PENDING:
        yield _("On their way.")


def _is_event(award: earning.AwardView) -> bool:
    return award.source.kind is earning.SourceKind.EVENT


def find_posting(award: earning.AwardView | None, entry: Entry) -> earning.PostingView | None:
    """The credit of the award that this entry is."""
    return award.posting_of(entry.currency, entry.seq) if award is not None else None


def _has_lines(award: earning.AwardView, entry: Entry) -> bool:
    posting = find_posting(award, entry)
    return posting is not None and any(part.shares for part in posting.parts)


def _read_redemption(source: str) -> RedemptionId | None:
    """The redemption that an entry came from, where it did."""
    kind, _colon, number = source.partition(":")
    return RedemptionId(int(number)) if kind == "redemption" else None


def _last_day(entry: Entry, now: datetime) -> str:
    """Points lapse at an instant that ends a day; the last day is the one before it."""
    return format_day(entry.occurred_at - timedelta(microseconds=1), now)
