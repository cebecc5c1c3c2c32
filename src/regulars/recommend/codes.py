"""Codes that learning and serving share. Imports nothing of ours: what learns runs without Django."""

from enum import StrEnum


class Task(StrEnum):
    """What a model is asked: which products a member buys next."""

    ANY = "any"
    """Of all products, those bought before too."""
    NEW = "new"
    """Of products that the member has never bought."""


class ShelfCode(StrEnum):
    """The shelves of products."""

    AGAIN = "again"
    """Bought before, and due again."""
    NEW = "new"
    """Never bought, and likely to please."""
    BECAUSE = "because"
    """Goes with something bought lately."""
    BRANDS = "brands"
    """New and popular from brands the member prefers."""
    ALIKE = "alike"
    """Popular among members like this one."""
    POPULAR = "popular"
    """Popular in the shop: what is left for somebody nothing is known of, or who wants it so."""


class ReasonCode(StrEnum):
    """Why an item is on a shelf; behind each, the names of its values."""

    BOUGHT_OFTEN = "bought_often"
    """orders: how many with it; last_on: ISO day of the last"""
    BOUGHT_WITH = "bought_with"
    """sku, name: of the member's purchase that it goes with; last_on"""
    SEEN = "seen"
    """sku, name: what was looked at or put into the basket just now, and it goes with"""
    BRAND = "brand"
    """brand; percent: of what the member buys in its categories; lift_percent: against everybody"""
    CATEGORY = "category"
    """category; orders: of the member with something of it"""
    INTEREST = "interest"
    """interest: that the member ticked"""
    ALIKE = "alike"
    """segment: its name; buyers: how many of it bought the item; days: within how many"""
    POPULAR = "popular"
    """buyers; days"""
    PINNED = "pinned"
    """The shop chose it."""
    AFFORDABLE = "affordable"
    """points: left after it"""
    NEAR = "near"
    """points: missing; days: at the member's pace; amount: of one basket that would close it, minor units;
    currency"""
    EXPIRING = "expiring"
    """points: about to lapse that it would use; on: ISO day"""
    GOAL = "goal"
    """The member set it as their goal."""
    TAKEN_OFTEN = "taken_often"
    """members: how many took it; days"""
