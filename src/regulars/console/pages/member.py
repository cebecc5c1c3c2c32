"""The page of one member: who, what they have, where they stand, what happened lately."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.console.desk import Desk
from regulars.console.forms_desk import MemberNoteForm
from regulars.console.pages.entries import HistoryPage, read_history
from regulars.console.pages.people import name_actors, parse_actor
from regulars.console.pages.segments.shown import name_segment
from regulars.design import facade as design
from regulars.kit.ids import MemberId
from regulars.kit.money import format_money
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Balance, Lot
from regulars.members import facade as members
from regulars.members.facade import MemberNote, MemberProfile, MergeView
from regulars.redemption import facade as redemption
from regulars.redemption.facade import RedemptionView
from regulars.rules.facade import Metric, Programme
from regulars.segments import facade as segments
from regulars.segments.facade import Belonging
from regulars.tiers import facade as tiers
from regulars.tiers.facade import TierProgress

SOON = timedelta(days=30)
LOTS_SHOWN, LOTS_LISTED = 6, 100
NOTES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class TierPanel:
    """Where the member stands, in words."""

    progress: TierProgress
    qualified: str
    threshold: str
    needed: str
    needed_to_keep: str


@dataclass(frozen=True, slots=True)
class MemberHead:
    """What stands above every page about a member."""

    profile: MemberProfile
    tier: TierPanel | None
    merges: tuple[MergeView, ...] = ()


@dataclass(frozen=True, slots=True)
class NotedMember:
    """A note on a member, with the name of who wrote it."""

    note: MemberNote
    who: str


@dataclass(frozen=True, slots=True)
class MemberOverview:
    """The first page about a member. `expiring` is what lapses within thirty days.

    `lots_rest` is counted only: nobody reads thousands.
    """

    balance: Balance
    expiring: int
    lots: tuple[Lot, ...]
    lots_more: tuple[Lot, ...]
    lots_rest: tuple[Lot, ...]
    history: HistoryPage
    redemptions: tuple[RedemptionView, ...]
    notes: tuple[NotedMember, ...]
    note_form: MemberNoteForm
    belongings: tuple[tuple[str, Belonging], ...] = ()


def read_head(desk: Desk, member_id: MemberId) -> MemberHead:
    """Who it is. Raises MemberUnknown."""
    profile = members.get_member(member_id)
    return MemberHead(profile, _read_tier(desk, member_id), tuple(members.list_merges(member_id)))


def read_overview(desk: Desk, member_id: MemberId) -> MemberOverview:
    """What they have and what happened lately. The same queries however much there is."""
    lots = ledger.list_lots(member_id, desk.now)
    expiring = ledger.list_expiring(member_id, desk.now, SOON.days)
    return MemberOverview(
        balance=ledger.get_balance(member_id, desk.now),
        expiring=sum(points for _expires_at, points in expiring),
        lots=lots[:LOTS_SHOWN],
        lots_more=lots[LOTS_SHOWN:LOTS_LISTED],
        lots_rest=lots[LOTS_LISTED:],
        history=read_history(member_id, size=8),
        redemptions=redemption.list_redemptions(member_id=member_id, size=5).items,
        notes=tuple(_read_notes(member_id)),
        note_form=MemberNoteForm(),
        belongings=tuple((name_segment(one.segment), one) for one in segments.list_segments_of(member_id)),
    )


def _read_notes(member_id: MemberId) -> Iterator[NotedMember]:
    """The latest notes, with who wrote them."""
    notes = members.list_notes(member_id, NOTES_SHOWN)
    actors = {note.actor: parse_actor(note.actor) for note in notes}
    names = name_actors(actor for actor in actors.values() if actor)
    for note in notes:
        actor = actors[note.actor]
        yield NotedMember(note, names[actor].text if actor else note.actor)


def write_amount(programme: Programme, metric: Metric, amount: int) -> str:
    """An amount that counts for tiers, in the metric's unit: `240 points`, `€120.00`, `3 visits`."""
    match metric:
        case Metric.SPEND:
            return format_money(amount, programme.currency)
        case Metric.VISITS:
            return ngettext("%(count)s visit", "%(count)s visits", amount) % {
                "count": design.format_points(amount)
            }
        case _:
            return _("%(count)s %(points)s") % {
                "count": design.format_points(amount),
                "points": programme.points_name.of(amount),
            }


def _read_tier(desk: Desk, member_id: MemberId) -> TierPanel | None:
    progress = tiers.get_progress(member_id, desk.programme, desk.now) if desk.programme else None
    if progress is None or desk.programme is None:
        return None
    write = partial(write_amount, desk.programme, progress.metric)
    return TierPanel(
        progress=progress,
        qualified=write(progress.qualified),
        threshold=write(progress.next_threshold or 0),
        needed=write(progress.needed),
        needed_to_keep=write(progress.needed_to_keep),
    )
