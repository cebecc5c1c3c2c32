"""What of redemption goes into facts: redemptions in their present state, under who the member is now."""

from regulars.facts.facade import Extract
from regulars.members.facade import REWRITTEN, join_survivor, name_survivor

EXTRACT = Extract(
    table="redemptions",
    source=f"redemption_redemption r {join_survivor('r.member_id')}",
    columns={
        "redemption_id": "r.id",
        "member_id": name_survivor("r.member_id"),
        "occurred_at": "r.reserved_at",
        "reward_id": "r.reward_id",
        "state": "r.state",
        "units": "r.units",
        "points": "r.price_points",
        "money": "r.price_money",
        "refunded_points": "r.refunded_points",
        "fulfilled_at": "r.fulfilled_at",
        "cancelled_at": "r.cancelled_at",
    },
    written=("r",),
    owner="r.member_id",
    rewritten=REWRITTEN,
)
