"""The list of members."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.activity import facade as activity
from regulars.console.desk import Desk
from regulars.console.forms_tables import MembersForm
from regulars.console.tables.state import TableState
from regulars.console.tables.types import BulkAction, Column, Table
from regulars.identity import facade as identity
from regulars.identity.facade import Permission
from regulars.kit.ids import MemberId
from regulars.kit.paging import Page
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Balance
from regulars.members import facade as members
from regulars.members.facade import MemberFilter, MemberProfile, MemberSort, MemberState
from regulars.rules.facade import TierDefinition
from regulars.tiers import facade as tiers


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member in a list: who, where they stand, what they have, when they were last active."""

    profile: MemberProfile
    balance: Balance
    tier: TierDefinition | None
    active_at: datetime | None

    @property
    def id(self) -> MemberId:
        """By which it is chosen."""
        return self.profile.id


MEMBERS = Table(
    name="members",
    caption=_("Members"),
    view="console:members",
    csv_view="console:members_csv",
    sort="name",
    form=MembersForm,
    cell="console/tables/member_cell.html",
    empty="console/tables/members_none.html",
    columns=(
        Column("number", _("Number"), lambda row: row.profile.id, sort="asc", number=True, shown=False),
        Column("name", _("Member"), lambda row: row.profile.name, sort="asc", fixed=True),
        Column("external_id", _("Shop’s id"), lambda row: row.profile.external_id, shown=False),
        Column("points", _("Points"), lambda row: row.balance.active, sort="desc", number=True),
        Column("pending", _("Pending"), lambda row: row.balance.pending, number=True, shown=False),
        Column("owed", _("Owed"), lambda row: row.balance.debt, number=True, shown=False),
        Column("tier", _("Tier"), lambda row: row.tier.name if row.tier else "", sort="desc"),
        Column("email", _("E-mail"), lambda row: row.profile.email),
        Column("phone", _("Phone"), lambda row: row.profile.phone, shown=False),
        Column("language", _("Language"), lambda row: row.profile.locale, shown=False),
        Column("birthday", _("Birthday"), lambda row: row.profile.birthday, shown=False),
        Column("joined", _("Joined"), lambda row: row.profile.joined_at, sort="desc", number=True),
        Column("last_activity", _("Last active"), lambda row: row.active_at, number=True),
    ),
)
ADJUST = BulkAction("console:adjust_many", _("Adjust points"), "pencil-line")
REACH = 1_000
"""How many hits of each kind a page looks at; a file looks at all."""
BALANCES = {"points", "pending", "owed"}


def read_members(
    desk: Desk, state: TableState, cursor: str | None, size: int, *, reach: int | None = None
) -> Page[MemberRow]:
    """Members as the state has them, backwards from the cursor where it says so.

    A constant number of queries for a set of columns; nobody for a form that is not valid. Balances, tiers
    and activity only where their columns show.
    """
    form = state.form
    if not isinstance(form, MembersForm):
        return Page(())
    form.offer_tiers(_tiers(desk))
    if not form.is_valid():
        return Page(())
    joined_from, joined_before = form.span(desk.zone)
    tier = _tier(desk, form.cleaned_data.get("tier"))
    page = members.list_members(
        narrowed=MemberFilter(
            text=form.cleaned_data["q"],
            reach=reach,
            state=MemberState(form.cleaned_data["state"] or MemberState.ACTIVE),
            joined_from=joined_from,
            joined_before=joined_before,
            tier_rank=tier.rank if tier else None,
        ),
        sort=MemberSort(state.sorted_by),
        descending=state.descending,
        cursor=cursor,
        backwards=state.backwards,
        size=size,
    )
    rows = _rows(desk, page.items, set(state.cols))
    return Page(tuple(rows), page.next_cursor, page.previous_cursor)


def export_members(
    desk: Desk, state: TableState, cursor: str | None
) -> tuple[Sequence[MemberRow], str | None]:
    """The same for a file: as many as are read at a time, always forwards, and the next cursor."""
    page = read_members(desk, replace(state, backwards=False), cursor, members.EXPORT_SIZE)
    return page.items, page.next_cursor


def find_note(state: TableState) -> str:
    """What to say of a search that means too many to show; one query where something is searched for."""
    text = state.filters.get("q", "")
    if text and members.is_broad(text, REACH):
        return gettext("Very many members match. These are some of them: write more of what you know.")
    return ""


def find_hint(state: TableState) -> str:
    """How old what orders and narrows the list is, where it is not of now."""
    if state.sorted_by in (MemberSort.POINTS, MemberSort.TIER) or "tier" in state.filters:
        return gettext(
            "Order and tier follow what was counted within the last few minutes; the figures are of now."
        )
    return ""


def list_actions(desk: Desk) -> list[BulkAction]:
    """What this operator may do with many members at once."""
    return [ADJUST] if identity.can(desk.operator, Permission.POINTS_ADJUST) else []


def _rows(desk: Desk, profiles: Sequence[MemberProfile], cols: set[str]) -> list[MemberRow]:
    ids = [profile.id for profile in profiles]
    balances = ledger.get_balances(ids, desk.now) if ids and cols & BALANCES else {}
    standings = {}
    if ids and desk.programme and "tier" in cols:
        standings = tiers.get_standings(ids, desk.programme, desk.now)
    activity_at = activity.find_last_activity(ids) if ids and "last_activity" in cols else {}
    return [
        MemberRow(
            profile=profile,
            balance=balances.get(profile.id, Balance()),
            tier=_tier(desk, standings[profile.id].tier if profile.id in standings else None),
            active_at=activity_at.get(profile.id),
        )
        for profile in profiles
    ]


def _tiers(desk: Desk) -> Sequence[TierDefinition]:
    return desk.programme.tiers.tiers if desk.programme else ()


def _tier(desk: Desk, code: str | None) -> TierDefinition | None:
    return desk.programme.find_tier(code) if desk.programme and code else None
