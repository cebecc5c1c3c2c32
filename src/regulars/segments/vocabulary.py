"""Everything a condition may name: what the rooms declare, put together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from regulars.activity import facade as activity
from regulars.analytics import facade as analytics
from regulars.catalogue import facade as catalogue
from regulars.kit.relations import Declaration, Relation, ShopValue, Stamp, Trait, ValueKind, Watch
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.redemption import facade as redemption
from regulars.rules import facade as rules
from regulars.rules.facade import NoProgramme, Programme
from regulars.tiers import facade as tiers

ZONE = "rules.time_zone"
"""Tells that the shop's days begin at another hour."""
ATTRIBUTE = "member.attribute."
"""What a shop keeps of its members under names of its own follows this prefix."""
ATTRIBUTE_LENGTH_MAX = 64


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What there is to ask, by name. `everybody` watches who comes and goes: it concerns every segment.

    `causes`: what a watch stands for may also be told by these. What orders, events and returns post is
    written in their own transaction, and an import stamps all of it with the time at which it began.
    """

    relations: Mapping[str, Relation]
    traits: Mapping[str, Trait]
    watches: Mapping[str, Watch]
    stamps: Mapping[str, Stamp]
    shop_values: Mapping[str, ShopValue]
    everybody: tuple[str, ...] = (members.JOINING, members.LEAVING)
    causes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def find_trait(self, name: str) -> Trait | None:
        """A trait, declared or one of the shop's own attributes (whose kind the comparison decides)."""
        if name.startswith(ATTRIBUTE):
            key = name.removeprefix(ATTRIBUTE)
            fits = 0 < len(key) <= ATTRIBUTE_LENGTH_MAX and "\0" not in key and key.isprintable()
            return Trait(name, _("the shop's own attribute"), ValueKind.TEXT, "") if fits else None
        return self.traits.get(name)


def build_vocabulary(programme: Programme | None) -> Vocabulary:
    """What may be named under a programme."""
    merged = merge_declarations(
        (
            members.RELATIONS,
            activity.RELATIONS,
            catalogue.RELATIONS,
            ledger.RELATIONS,
            redemption.RELATIONS,
            tiers.declare_relations(programme),
            analytics.RELATIONS,
        )
    )
    zone = Stamp(ZONE, f"SELECT '{'' if programme is None else programme.time_zone.key}'", is_quick=True)
    return replace(
        merged,
        stamps={**merged.stamps, ZONE: zone},
        causes={ledger.JOURNAL_WATCH: tuple(one.name for one in activity.RELATIONS.watches)},
    )


def load_vocabulary(now: datetime) -> Vocabulary:
    """What may be named now; without a programme there are no tiers. At most one small query."""
    return build_vocabulary(find_programme(now))


def find_programme(now: datetime) -> Programme | None:
    """The programme in force, if any."""
    try:
        return rules.recall_current_programme(now)
    except NoProgramme:
        return None


def merge_declarations(declarations: Iterable[Declaration]) -> Vocabulary:
    """One vocabulary out of many. A name that two rooms use is a mistake of ours: ValueError."""
    found: dict[str, dict[str, object]] = {}
    for declaration in declarations:
        for part in ("relations", "traits", "watches", "stamps", "shop_values"):
            names = found.setdefault(part, {})
            for one in getattr(declaration, part):
                if one.name in names:
                    raise ValueError(f"Two rooms declare {one.name!r} among their {part}.")
                names[one.name] = one
    return Vocabulary(**found)  # type: ignore[arg-type]
