"""The list of members."""

from dataclasses import dataclass

from regulars.console.desk import Desk
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Balance
from regulars.members import facade as members
from regulars.members.facade import MemberProfile
from regulars.rules.facade import TierDefinition
from regulars.tiers import facade as tiers


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member in a list: who, where they stand, what they have."""

    profile: MemberProfile
    balance: Balance
    tier: TierDefinition | None


@dataclass(frozen=True, slots=True)
class MembersPage:
    """A page of members."""

    rows: tuple[MemberRow, ...]
    next_cursor: str | None


def read_members(desk: Desk, text: str, cursor: str | None) -> MembersPage:
    """Members found by the beginning of what is known of them, with balance and tier. Constant queries."""
    page = members.search_members(text, cursor, 25)
    ids = [profile.id for profile in page.items]
    balances = ledger.get_balances(ids, desk.now) if ids else {}
    standings = tiers.get_standings(ids, desk.programme, desk.now) if ids and desk.programme else {}
    rows = tuple(
        MemberRow(
            profile=profile,
            balance=balances.get(profile.id, Balance()),
            tier=_tier(desk, standings[profile.id].tier if profile.id in standings else None),
        )
        for profile in page.items
    )
    return MembersPage(rows, page.next_cursor)


def _tier(desk: Desk, code: str | None) -> TierDefinition | None:
    return desk.programme.find_tier(code) if desk.programme and code else None
