"""What of the tiers goes into facts: each change of a standing, and the present tier beside the member.

A merged member's changes stay under the merged member: they are what was told of that standing.
"""

from regulars.facts.facade import Addition, Extract

EXTRACT = Extract(
    table="tier_changes",
    source="tiers_tierchange c",
    columns={
        "change_id": "c.id",
        "member_id": "c.member_id",
        "occurred_at": "c.occurred_at",
        "from_tier": "c.from_tier",
        "to_tier": "c.to_tier",
        "reason": "c.reason",
    },
    written=("c",),
)
TIER_OF_MEMBER = Addition(
    table="members",
    column="tier",
    join="LEFT JOIN tiers_tierstatus standing ON standing.member_id = m.id",
    sql="coalesce(standing.tier, '')",
    written="standing",
)
