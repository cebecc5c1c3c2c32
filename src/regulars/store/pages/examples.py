"""Members to look around as, in a demonstration."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from regulars.design.facade import format_points
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers

EXAMPLES = 6


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
    """A few members with what makes them worth a look; the number of queries is fixed."""
    found = members.search_members("", size=EXAMPLES).items
    if programme is None or not found:
        return ()
    ids = [member.id for member in found]
    balances = ledger.get_balances(ids, now)
    standings = tiers.get_standings(ids, programme, now)
    examples = []
    for member in found:
        tier = programme.find_tier(standings[member.id].tier)
        points = balances[member.id].active
        note = _("%(points)s %(word)s") % {
            "points": format_points(points),
            "word": programme.points_name.of(points),
        }
        examples.append(
            Example(member.id, member.external_id, member.name, f"{tier.name} · {note}" if tier else note)
        )
    return tuple(examples)
