"""Every key that a programme document may hold, by table. The documentation is tested against this."""

from collections.abc import Mapping

SCHEMA: Mapping[str, tuple[str, ...]] = {
    "": ("programme", "expiry", "pending", "returns", "excluded", "earn", "tiers"),
    "programme": ("name", "time_zone", "currency", "points_name", "rounding", "round_at", "stacking"),
    "programme.points_name": ("singular", "plural"),
    "expiry": ("kind", "months", "on", "period"),
    "pending": ("days", "awaits"),
    "returns": ("shortfall", "lapsed_grace_days"),
    "excluded": ("kinds", "skus", "brands", "categories"),
    "earn": (
        "id",
        "name",
        "type",
        "enabled",
        "points",
        "per",
        "factor",
        "event",
        "match",
        "window",
        "audience",
        "first_purchase",
        "basket_min",
        "caps",
        "pending",
        "expiry",
        "rounding",
        "qualifying",
        "when",
    ),
    "earn.match": (
        "skus",
        "brands",
        "categories",
        "not_skus",
        "not_brands",
        "not_categories",
        "quantity_min",
    ),
    "earn.window": ("active_from", "active_to", "weekdays", "time_from", "time_to"),
    "earn.audience": ("tiers", "segments"),
    "earn.caps": ("scope", "period", "points"),
    "earn.pending": ("days", "awaits"),
    "earn.expiry": ("kind", "months", "on", "period"),
    "tiers": ("metric", "window", "window_months", "grace_days", "tier"),
    "tiers.tier": ("code", "name", "threshold", "earn_multiplier", "early_access_hours", "perks"),
}

LISTED: frozenset[str] = frozenset({"earn", "earn.caps", "tiers.tier"})
"""The tables of which there may be several: in TOML these stand in double brackets."""

SYNONYMS: Mapping[str, str] = {
    "program": "programme",
    "loyalty": "programme",
    "rule": "earn",
    "rules": "earn",
    "earning": "earn",
    "tier": "tiers",
    "levels": "tiers",
    "exclude": "excluded",
    "exclusions": "excluded",
    "timezone": "time_zone",
    "tz": "time_zone",
    "multiplier": "factor",
    "rate": "points",
    "amount": "points",
    "every": "per",
    "minimum": "basket_min",
    "min_basket": "basket_min",
    "minimum_basket": "basket_min",
    "condition": "when",
    "if": "when",
    "active": "enabled",
    "disabled": "enabled",
    "sku": "skus",
    "product": "skus",
    "products": "skus",
    "days_of_week": "weekdays",
    "from": "active_from",
    "to": "active_to",
    "until": "active_to",
    "start": "active_from",
    "end": "active_to",
    "segment": "segments",
    "limit": "points",
    "max": "points",
    "date": "on",
    "after_months": "months",
    "after_days": "days",
    "title": "name",
    "label": "name",
}
"""What people write for what they mean, where the spelling alone would not tell."""


def section_of(path: tuple[str | int, ...]) -> str:
    """The name in SCHEMA of the table at a path of the document: positions in lists do not count."""
    return ".".join(part for part in path if isinstance(part, str))
