"""Entries of a wallet as people read them: what happened, why, and what it did to the points."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console.pages.people import Named, name_actors, parse_actor
from regulars.earning import facade as earning
from regulars.earning.facade import AwardView, PostingView, SourceKind
from regulars.kit.actor import ActorKind
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Account, Currency, Entry, EntryKind
from regulars.redemption import facade as redemption
from regulars.redemption.facade import RedemptionView

# What can be chosen above the history, and the kinds of entries behind it.
CHOICES: Mapping[str, tuple[Promise, Collection[EntryKind] | None]] = {
    "": (gettext_lazy("Everything"), None),
    "earned": (
        gettext_lazy("Earned"),
        (EntryKind.EARN, EntryKind.ACTIVATE, EntryKind.REPAY, EntryKind.TRANSFER_IN, EntryKind.MERGE_IN),
    ),
    "spent": (
        gettext_lazy("Spent"),
        (
            EntryKind.SPEND,
            EntryKind.HOLD,
            EntryKind.CAPTURE,
            EntryKind.RELEASE,
            EntryKind.REFUND,
            EntryKind.TRANSFER_OUT,
            EntryKind.MERGE_OUT,
        ),
    ),
    "expired": (gettext_lazy("Expired"), (EntryKind.EXPIRE,)),
    "corrections": (gettext_lazy("Corrections"), (EntryKind.ADJUST, EntryKind.REVERSE, EntryKind.WAIVE)),
}

_TITLES: Mapping[EntryKind, Promise] = {
    EntryKind.EARN: gettext_lazy("Earned"),
    EntryKind.ACTIVATE: gettext_lazy("Pending points became spendable"),
    EntryKind.REPAY: gettext_lazy("Went to what was owed"),
    EntryKind.SPEND: gettext_lazy("Spent"),
    EntryKind.HOLD: gettext_lazy("Held"),
    EntryKind.CAPTURE: gettext_lazy("Held points were spent"),
    EntryKind.RELEASE: gettext_lazy("Held points came back"),
    EntryKind.EXPIRE: gettext_lazy("Expired"),
    EntryKind.REVERSE: gettext_lazy("Taken back"),
    EntryKind.WAIVE: gettext_lazy("Let go"),
    EntryKind.REFUND: gettext_lazy("Given back"),
    EntryKind.ADJUST: gettext_lazy("Adjusted by hand"),
    EntryKind.TRANSFER_OUT: gettext_lazy("Passed on to another member"),
    EntryKind.TRANSFER_IN: gettext_lazy("Received from another member"),
    EntryKind.EXTEND: gettext_lazy("Expiry moved"),
    EntryKind.RESTORE: gettext_lazy("Given back to points that had stood in"),
    EntryKind.MERGE_OUT: gettext_lazy("Moved to the account merged with"),
    EntryKind.MERGE_IN: gettext_lazy("Came from the account merged with"),
}
_ACCOUNTS: Mapping[Account, Promise] = {
    Account.ACTIVE: gettext_lazy("spendable points"),
    Account.PENDING: gettext_lazy("pending points"),
    Account.HELD: gettext_lazy("points set aside"),
    Account.DEBT: gettext_lazy("points owed"),
    Account.ISSUED: gettext_lazy("the programme: issued"),
    Account.SPENT: gettext_lazy("the programme: spent"),
    Account.EXPIRED: gettext_lazy("the programme: expired"),
    Account.REVERSED: gettext_lazy("the programme: taken back"),
    Account.WAIVED: gettext_lazy("the programme: let go"),
    Account.ADJUSTED: gettext_lazy("the programme: adjusted by hand"),
    Account.TRANSFERRED: gettext_lazy("another member"),
}
# Icon and tone; what is not named here is grey.
_LOOKS: Mapping[EntryKind, tuple[str, str]] = {
    EntryKind.EARN: ("plus", "leaf"),
    EntryKind.ACTIVATE: ("circle-check", "leaf"),
    EntryKind.SPEND: ("gift", "honey"),
    EntryKind.HOLD: ("hourglass", "honey"),
    EntryKind.CAPTURE: ("gift", "honey"),
    EntryKind.RELEASE: ("undo-2", "leaf"),
    EntryKind.REFUND: ("undo-2", "leaf"),
    EntryKind.EXPIRE: ("calendar-clock", ""),
    EntryKind.REVERSE: ("rotate-ccw", "tomato"),
    EntryKind.REPAY: ("hand-coins", "tomato"),
    EntryKind.WAIVE: ("hand-coins", ""),
    EntryKind.ADJUST: ("pencil-line", "sky"),
    EntryKind.TRANSFER_OUT: ("arrow-left-right", "plum"),
    EntryKind.TRANSFER_IN: ("arrow-left-right", "plum"),
    EntryKind.EXTEND: ("calendar-clock", "sky"),
    EntryKind.RESTORE: ("undo-2", "leaf"),
    EntryKind.MERGE_OUT: ("arrow-left-right", "plum"),
    EntryKind.MERGE_IN: ("arrow-left-right", "plum"),
}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry. `change` is what it did to the spendable points, `pending` to those that wait."""

    entry: Entry
    href: str
    icon: str
    tone: str
    title: str
    sentences: tuple[str, ...]
    change: int
    pending: int
    who: Named | None
    posting: PostingView | None
    award: AwardView | None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of entries, latest first."""

    rows: tuple[EntryRow, ...]
    next_cursor: str | None


def read_history(
    member_id: MemberId, *, choice: str = "", cursor: str | None = None, size: int = 25
) -> HistoryPage:
    """A page of a member's points history, each entry with its reason. The same queries for any number."""
    _label, kinds = CHOICES.get(choice, CHOICES[""])
    page = ledger.list_entries(member_id, Currency.POINTS, cursor, size, kinds)
    return HistoryPage(read_rows(page.items), page.next_cursor)


def read_rows(entries: Sequence[Entry]) -> tuple[EntryRow, ...]:
    """Entries of one member with what they came from."""
    if not entries:
        return ()
    sources = {entry.source: source for entry in entries if (source := earning.parse_source(entry.source))}
    awards = earning.explain_sources(sources.values())
    redemptions = _find_redemptions(entries)
    actors = {text: parse_actor(text) for text in {entry.actor for entry in entries}}
    names = name_actors(actor for actor in actors.values() if actor and actor.kind is ActorKind.OPERATOR)
    rows = []
    for entry in entries:
        source = sources.get(entry.source)
        actor = actors[entry.actor]
        who = names.get(actor) if actor else None
        rows.append(_row(entry, awards.get(source) if source else None, redemptions, who))
    return tuple(rows)


def _row(
    entry: Entry,
    award: AwardView | None,
    redemptions: Mapping[str, RedemptionView],
    who: Named | None,
) -> EntryRow:
    posting = _posting_of(entry, award)
    icon, tone = _LOOKS.get(entry.kind, ("circle", ""))
    return EntryRow(
        entry=entry,
        href=reverse("console:entry", args=[entry.member_id, entry.currency.value, entry.seq]),
        icon=icon,
        tone=tone,
        title=_title(entry, award, redemptions.get(entry.source)),
        sentences=_sentences(entry, award, posting),
        change=_change(entry, Account.ACTIVE),
        pending=_change(entry, Account.PENDING),
        who=who,
        posting=posting,
        award=award,
    )


def _title(entry: Entry, award: AwardView | None, taken: RedemptionView | None) -> str:
    plain = str(_TITLES[entry.kind])
    if taken is not None:
        return (
            f"{taken.reward_name} · {plain.lower()}"
            if entry.kind is not EntryKind.SPEND
            else taken.reward_name
        )
    if award is None:
        return plain
    if entry.kind is EntryKind.EARN:
        return name_award(award)
    return f"{plain} · {name_award(award)}"


def name_award(award: AwardView) -> str:
    """What gave or took: `Order 17`, `Return 3`, `Review`."""
    match award.source.kind:
        case SourceKind.ORDER:
            return _("Order %(number)s") % {"number": award.reference}
        case SourceKind.RETURN:
            return _("Return %(number)s") % {"number": award.reference}
        case _:
            return _name_event(award.event_kind) or award.reference


def _name_event(kind: str) -> str:
    """What a member did, in words; a kind that only the shop knows is told as it was sent."""
    known = {
        "sign_up": _("Signed up"),
        "birthday": _("Birthday"),
        "visit": _("Visit"),
        "review": _("Review"),
        "share": _("Shared"),
        "survey": _("Survey"),
        "log_in": _("Stopped by"),
    }
    return known.get(kind) or kind.replace("_", " ").capitalize()


def name_account(account: Account) -> str:
    """One side of an entry, in words."""
    return str(_ACCOUNTS[account])


def name_kind(kind: EntryKind) -> str:
    """What an entry records, in words."""
    return str(_TITLES[kind])


def _sentences(entry: Entry, award: AwardView | None, posting: PostingView | None) -> tuple[str, ...]:
    told = _what_happened(entry)
    if entry.reason:
        return (told, entry.reason) if told else (entry.reason,)
    if entry.kind is EntryKind.EARN and posting is not None:
        return tuple(part.sentence for part in posting.parts)
    if entry.kind is EntryKind.REVERSE and award is not None:
        return (*award.sentences, told) if told else award.sentences
    return (told,) if told else ()


def _what_happened(entry: Entry) -> str:
    """Where a reversal found its points, where that is not plain from the numbers."""
    if entry.kind is EntryKind.WAIVE:
        return _("Not taken back: by the programme's return policy, the member keeps them.")
    if entry.kind is not EntryKind.REVERSE:
        return ""
    if entry.debit is Account.PENDING:
        return _("Taken from points that were still pending.")
    if entry.debit is Account.EXPIRED:
        return _("These points had lapsed already: the balance stays.")
    if entry.debit is Account.DEBT:
        return _("Spent before the return: the next points make up for them.")
    return ""


def _posting_of(entry: Entry, award: AwardView | None) -> PostingView | None:
    """The part of an award that this entry posted."""
    if award is None:
        return None
    return next(
        (one for one in award.postings if (one.currency, one.seq) == (entry.currency, entry.seq)), None
    )


def _change(entry: Entry, account: Account) -> int:
    came = entry.amount if entry.credit is account else 0
    return came - entry.amount if entry.debit is account else came


def _find_redemptions(entries: Iterable[Entry]) -> dict[str, RedemptionView]:
    """The redemptions that entries name, among the member's latest hundred."""
    wanted = [entry for entry in entries if entry.source.startswith("redemption:")]
    if not wanted:
        return {}
    page = redemption.list_redemptions(member_id=wanted[0].member_id, size=100)
    return {f"redemption:{view.id}": view for view in page.items}
