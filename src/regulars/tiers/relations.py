"""What may be asked of the tiers: where members stand by the last word on each, and how far the next is."""

from django.utils.translation import gettext_lazy as _

from regulars.kit.relations import Declaration, Stamp, Trait, Unit, ValueKind, Watch
from regulars.ledger.facade import JOURNAL_WATCH
from regulars.rules.facade import Metric, Programme

CHANGES = "tiers.changes"
PROGRAMME = "tiers.programme"
_SOURCE = ("tiers_tierstatus standing", "standing.member_id")
_UNITS = {Metric.POINTS: Unit.POINTS, Metric.SPEND: Unit.MONEY}


def declare_relations(programme: Programme | None) -> Declaration:
    """What may be asked under a programme: the names of its tiers and their thresholds are part of it."""
    policy = None if programme is None else programme.tiers
    tiers = () if policy is None else policy.tiers
    # Thresholds are whole numbers out of the checked document.
    steps = [f"WHEN standing.qualified < {tier.threshold:d} THEN {tier.threshold:d}" for tier in tiers]
    missing = f"(CASE {' '.join(steps)} END - standing.qualified)" if steps else "NULL::bigint"
    unit = Unit.PLAIN if policy is None else _UNITS.get(policy.metric, Unit.PLAIN)
    return Declaration(
        traits=(
            Trait(
                "tier.code",
                _("tier"),
                ValueKind.TEXT,
                "nullif(standing.tier, '')",
                *_SOURCE,
                choices=tuple((tier.code, tier.name) for tier in tiers),
                watches=(CHANGES,),
                stamps=(PROGRAMME,),
            ),
            Trait(
                "tier.missing_for_next",
                _("missing for the next tier"),
                ValueKind.NUMBER,
                missing,
                *_SOURCE,
                unit,
                watches=(CHANGES, JOURNAL_WATCH),
                stamps=(PROGRAMME,),
            ),
        ),
        watches=(
            Watch(
                CHANGES,
                "SELECT member_id, id::text FROM tiers_tierchange WHERE id > %(above)s",
                "SELECT coalesce(max(id), 0) FROM tiers_tierchange",
            ),
        ),
        stamps=(
            Stamp(PROGRAMME, f"SELECT '{0 if programme is None else programme.version:d}'", is_quick=True),
        ),
    )
