"""What finance needs to know of the programme."""

from regulars.rules.facade import Programme


def list_tiers(programme: Programme) -> list[tuple[str, str, int]]:
    """Code, name and threshold of every tier, lowest first."""
    return [
        (tier.code, tier.name, tier.threshold)
        for tier in sorted(programme.tiers.tiers, key=lambda tier: tier.rank)
    ]
