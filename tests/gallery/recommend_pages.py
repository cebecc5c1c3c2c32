"""The console's pages of recommendations; what the member was shown comes from the store's own pictures."""

from playwright.sync_api import Page, expect

from tests.gallery.shots import Group, Scene, Shot, Who


def look_at_the_comparison(page: Page, scene: Scene) -> None:
    """Where models were compared: a demonstration that has just begun has no table yet."""
    tables = page.locator("main table.sums")
    if tables.count():
        tables.first.evaluate("e => e.closest('section, .panel').scrollIntoView({behavior: 'instant'})")


def open_what_was_shown(page: Page, scene: Scene) -> None:
    rows = page.locator(".row-link")
    products = rows.filter(has_text="New for you")
    (products if products.count() else rows).first.click()
    page.locator("#shown-list").wait_for()
    page.locator(".row-link").first.click()
    expect(page.locator("#picked")).to_be_visible()


RECOMMEND = Group(
    "console-recommend",
    "The console: recommendations",
    "How well models foresee, what a member sees and why, and what the shop decides itself.",
    Who.OPERATOR,
    (
        Shot(
            "quality",
            "console:recommendations",
            "/console/recommendations/",
            "Which models serve, and how well each would have foreseen what members bought",
            act=look_at_the_comparison,
            minor=True,
        ),
        Shot(
            "shelves",
            "console:shelves",
            "/console/members/{member}/shelves/",
            "The shelves of a member as they see them, with the reasons they read",
            minor=True,
        ),
        Shot(
            "why",
            "console:shown_why",
            "/console/members/{member}/shown/",
            "Why did she see this? A list that was shown, with what spoke for each item",
            act=open_what_was_shown,
            minor=True,
        ),
        Shot(
            "marks",
            "console:marks",
            "/console/recommendations/marks/",
            "Pins, boosts, bans, and what is never recommended",
            minor=True,
        ),
    ),
)
RECOMMEND_GROUPS = (RECOMMEND,)
