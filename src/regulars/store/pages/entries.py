"""Entries of the journal as a member reads them: what happened, why, and how many points."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    """What the entries of one page refer to, read together."""

    awards: dict[earning.Source, earning.AwardView]
    redemptions: dict[RedemptionId, redemption.RedemptionView]


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
    redeemed = [RedemptionId(int(text.partition(":")[2])) for text in texts if text.startswith("redemption:")]
    return Background(
        awards=explain(sources),
        redemptions=redemption.get_redemptions(redeemed),
    )


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
    found = _find_redemption(entry, background)
    return EntryView(
        icon=icon,
        tone=tone,
        title=title,
        points=signed_amount(entry),
        occurred_at=entry.occurred_at,
        pending=entry.credit is Account.PENDING,
        place=place,
        sentences=tuple(_explain(entry, award, now)),
        href=reverse("store:redemption", args=[found.id]) if found else "",
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
    found = _find_redemption(entry, background)
    if found is not None:
        return _redemption_titles()[entry.kind] % {"reward": found.reward_name}, ""
    source = earning.parse_source(entry.source)
    award = background.awards.get(source) if source is not None else None
    if source is not None and source.kind is earning.SourceKind.RETURN:
        return _("Return"), ""
    if award is not None and award.order is not None:
        return _name_order(award.order)
    if award is not None and award.event_kind:
        return _name_event(award.event_kind), ""
    return str(_plain_titles().get(entry.kind, _("Points"))), ""


def _redemption_titles() -> dict[EntryKind, str]:
    spent, back = _("Redeemed: %(reward)s"), _("Back to you: %(reward)s")
    return dict.fromkeys(EntryKind, spent) | {
        EntryKind.HOLD: _("Set aside: %(reward)s"),
        EntryKind.RELEASE: back,
        EntryKind.REFUND: back,
    }


def _plain_titles() -> dict[EntryKind, str]:
    return {
        EntryKind.EARN: _("Points for you"),
        EntryKind.ACTIVATE: _("Yours to spend now"),
        EntryKind.SPEND: _("Spent"),
        EntryKind.HOLD: _("Set aside"),
        EntryKind.RELEASE: _("Back to you"),
        EntryKind.EXPIRE: _("Lapsed"),
        EntryKind.REVERSE: _("Taken back"),
        EntryKind.REPAY: _("Settled"),
        EntryKind.WAIVE: _("Let go"),
        EntryKind.REFUND: _("Back to you"),
        EntryKind.ADJUST: _("Corrected by the shop"),
        EntryKind.TRANSFER_OUT: _("Given to another member"),
        EntryKind.TRANSFER_IN: _("From another member"),
        EntryKind.MERGE_OUT: _("Moved to your other account"),
        EntryKind.MERGE_IN: _("From your other account"),
    }


def _name_order(order: activity.OrderSummary) -> tuple[str, str]:
    title = _("Purchase of %(amount)s") % {"amount": format_money(order.amount, order.currency)}
    place = _("Store %(store)s") % {"store": order.store} if order.store.isdigit() else order.store
    return title, place


def _name_event(kind: str) -> str:
    known = {
        "signup": _("Welcome"),
        "sign_up": _("Welcome"),
        "birthday": _("Happy birthday"),
        "visit": _("Visit"),
        "review": _("Review"),
        "share": _("Shared"),
        "survey": _("Survey"),
        "referral": _("Friend brought along"),
        "log_in": _("Stopped by"),
        "login": _("Stopped by"),
    }
    return known.get(kind) or kind.replace("_", " ").capitalize()


def _explain(entry: Entry, award: earning.AwardView | None, now: datetime) -> Iterable[str]:
    """Why: the rules' own sentences where rules gave the points, ours for the rest."""
    if entry.kind is EntryKind.EARN:
        yield from _explain_earning(entry, award, now)
    elif entry.kind is EntryKind.EXPIRE:
        yield _("Not used by the end of %(day)s.") % {"day": _last_day(entry, now)}
    elif entry.kind is EntryKind.REVERSE:
        yield from (award.sentences if award is not None and award.sentences else ())
        told = _taken_from().get(entry.debit, "")
        if told:
            yield told
    else:
        told = _reasons().get(entry.kind, "")
        if told:
            yield told
    if entry.reason:
        yield entry.reason


def _taken_from() -> dict[Account, str]:
    return {
        Account.PENDING: _("These were still on their way."),
        Account.EXPIRED: _("These had lapsed already: nothing more is taken."),
        Account.DEBT: _("These had been spent: the next points make up for them."),
    }


def _reasons() -> dict[EntryKind, str]:
    return {
        EntryKind.ACTIVATE: _("They were on their way, and can be spent from now on."),
        EntryKind.HOLD: _("The points wait until the reward is paid for."),
        EntryKind.RELEASE: _("The points that were set aside are yours again."),
        EntryKind.REPAY: _("Went against what a return had left open."),
        EntryKind.WAIVE: _("A return would have taken these; you keep them."),
        EntryKind.REFUND: _("The reward was taken back; its points keep the expiry they had."),
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


def _find_redemption(entry: Entry, background: Background) -> redemption.RedemptionView | None:
    kind, _colon, number = entry.source.partition(":")
    return background.redemptions.get(RedemptionId(int(number))) if kind == "redemption" else None


def _last_day(entry: Entry, now: datetime) -> str:
    """Points lapse at an instant that ends a day; the last day is the one before it."""
    return format_day(entry.occurred_at - timedelta(microseconds=1), now)
