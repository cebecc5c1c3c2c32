"""Members to look around as, in a demonstration."""

from dataclasses import dataclass
from datetime import datetime

from regulars.design.facade import format_points
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers

EXAMPLES = 6
LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Example:
    """One member to look around as."""

    member_id: MemberId
    external_id: str
    name: str
    note: str

    @property
    def initial(self) -> str:
        """The first letter of the name."""
        return self.name[:1]


def list_examples(programme: rules.Programme | None, now: datetime) -> tuple[Example, ...]:
    """The one with the most points of each tier, then others with many; the number of queries is fixed."""
    found = members.search_members("", size=LOOKED_AT).items
    if programme is None or not found:
        return ()
    ids = [member.id for member in found]
    balances = ledger.get_balances(ids, now)
    standings = tiers.get_standings(ids, programme, now)
    richest_first = sorted(found, key=lambda member: -balances[member.id].active)
    first_of_tier: dict[str, members.MemberProfile] = {}
    for member in richest_first:
        first_of_tier.setdefault(standings[member.id].tier, member)
    leading = sorted(first_of_tier.values(), key=lambda member: -standings[member.id].rank)
    others = [member for member in richest_first if member not in leading]
    return tuple(
        _introduce(member, programme, balances[member.id].active, standings[member.id].tier)
        for member in [*leading, *others][:EXAMPLES]
    )


def _introduce(member: members.MemberProfile, programme: rules.Programme, points: int, code: str) -> Example:
    tier = programme.find_tier(code)
    note = f"{format_points(points)} {programme.points_name.of(points)}"
    return Example(member.id, member.external_id, member.name, f"{tier.name} · {note}" if tier else note)
