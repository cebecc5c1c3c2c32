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
    """The middle one of each tier, then those with the most points; the number of queries is fixed."""
    found = members.search_members("", size=LOOKED_AT).items
    if programme is None or not found:
        return ()
    ids = [member.id for member in found]
    balances = ledger.get_balances(ids, now)
    standings = tiers.get_standings(ids, programme, now)
    by_points = sorted(found, key=lambda member: balances[member.id].active)
    by_tier: dict[str, list[members.MemberProfile]] = {}
    for member in by_points:
        by_tier.setdefault(standings[member.id].tier, []).append(member)
    # The one in the middle has something to have now and something to save for.
    leading = [peers[len(peers) // 2] for peers in by_tier.values()]
    leading.sort(key=lambda member: -standings[member.id].rank)
    others = [member for member in reversed(by_points) if member not in leading]
    return tuple(
        _introduce(member, programme, balances[member.id].active, standings[member.id].tier)
        for member in [*leading, *others][:EXAMPLES]
    )


def _introduce(member: members.MemberProfile, programme: rules.Programme, points: int, code: str) -> Example:
    tier = programme.find_tier(code)
    note = f"{format_points(points)} {programme.points_name.of(points)}"
    return Example(member.id, member.external_id, member.name, f"{tier.name} · {note}" if tier else note)
