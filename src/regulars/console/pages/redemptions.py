"""The list of redemptions of all members."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from regulars.console.desk import Desk
from regulars.console.forms_tables import RedemptionsForm
from regulars.console.tables.state import TableState
from regulars.console.tables.types import BulkAction, Column, Table
from regulars.identity import facade as identity
from regulars.identity.facade import Permission
from regulars.kit.ids import RedemptionId
from regulars.kit.paging import PAGE_SIZE_MAX, Page
from regulars.members import facade as members
from regulars.members.facade import MemberProfile
from regulars.redemption import facade as redemption
from regulars.redemption.facade import RedemptionState, RedemptionView


@dataclass(frozen=True, slots=True)
class RedemptionRow:
    """One redemption and whose it is."""

    view: RedemptionView
    member: MemberProfile

    @property
    def id(self) -> RedemptionId:
        """By which it is chosen."""
        return self.view.id


REDEMPTIONS = Table(
    name="redemptions",
    caption=_("Redemptions"),
    view="console:all_redemptions",
    csv_view="console:all_redemptions_csv",
    sort="-taken",
    form=RedemptionsForm,
    cell="console/tables/redemption_cell.html",
    empty="console/tables/redemptions_none.html",
    columns=(
        Column("reward", _("Reward"), lambda row: row.view.reward_name, fixed=True),
        Column("reference", _("Reference"), lambda row: row.view.reference),
        Column("member", _("Member"), lambda row: row.member.name),
        Column("member_number", _("Member’s number"), lambda row: row.member.id, number=True, shown=False),
        Column("state", _("State"), lambda row: row.view.state.value),
        Column("points", _("Points"), lambda row: row.view.price_points, number=True),
        Column("refunded", _("Given back"), lambda row: row.view.refunded_points, number=True, shown=False),
        Column("valid_until", _("Good until"), lambda row: row.view.valid_until, number=True, shown=False),
        Column("delivered", _("Delivered"), lambda row: row.view.fulfilled_at, number=True, shown=False),
        Column("taken", _("Taken"), lambda row: row.view.reserved_at, number=True),
    ),
)
CANCEL = BulkAction("console:cancel_many", _("Cancel and give back"), "undo-2")


def read_redemptions(state: TableState, cursor: str | None, size: int) -> Page[RedemptionRow]:
    """Redemptions, latest first, backwards from the cursor where the state says so; none for a form that is
    not valid. Six queries at most.
    """
    form = state.form
    if not form.is_valid():
        return Page(())
    wanted = form.cleaned_data["state"]
    if reference := form.cleaned_data["q"]:
        found = redemption.find_redemption(reference)
        page = Page((found,) if found and wanted in ("", found.state.value) else ())
    else:
        states = [RedemptionState(wanted)] if wanted else []
        page = redemption.list_redemptions(states=states, cursor=cursor, backwards=state.backwards, size=size)
    return Page(tuple(name_rows(page.items)), page.next_cursor, page.previous_cursor)


def export_redemptions(state: TableState, cursor: str | None) -> tuple[Sequence[RedemptionRow], str | None]:
    """The same for a file: always forwards, and the next cursor."""
    page = read_redemptions(replace(state, backwards=False), cursor, PAGE_SIZE_MAX)
    return page.items, page.next_cursor


def name_rows(views: Sequence[RedemptionView]) -> list[RedemptionRow]:
    """The same with whose they are. Two queries, none where there are none."""
    people = members.get_profiles({view.member_id for view in views}) if views else {}
    return [RedemptionRow(view, people[view.member_id]) for view in views]


def list_actions(desk: Desk) -> list[BulkAction]:
    """What this operator may do with many redemptions at once."""
    return [CANCEL] if identity.can(desk.operator, Permission.REDEMPTIONS_MANAGE) else []
