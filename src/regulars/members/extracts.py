"""What of members goes into facts, and whose what somebody did is once two turned out to be one person."""

from regulars.facts.facade import Extract

REWRITTEN = (
    "SELECT merge.member_id FROM members_membermerge merge WHERE {fresh:merge}",
    "SELECT gone.id FROM members_member gone WHERE gone.anonymised_at IS NOT NULL AND {fresh:gone}",
)
"""Members of whom everything is copied anew: merged, parted again, or erased."""

EXTRACT = Extract(
    table="members",
    source="members_member m",
    columns={
        "member_id": "m.id",
        "joined_at": "m.joined_at",
        "erased": "m.anonymised_at IS NOT NULL",
        "merged_into": "m.merged_into",
        "tier": "''",
        "language": "m.locale",
    },
    written=("m",),
)


def join_survivor(owner: str) -> str:
    """A join by which `name_survivor` knows who the member in the column `owner` is now."""
    return f"LEFT JOIN members_member survivor ON survivor.id = {owner} AND survivor.merged_into IS NOT NULL"


def name_survivor(owner: str) -> str:
    """The member in the column `owner`, or the one they were merged into."""
    return f"coalesce(survivor.merged_into, {owner})"
