"""What keeps people out of a page: axe's rules, and whatever lies beyond the edge of a screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import DESKTOP, PHONE

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The widest and the narrowest that pages are made for.
SCREENS = {"desktop": DESKTOP, "narrow": PHONE | {"width": 320}}
# The same marks in other colours: nothing else can have changed.
COLOURS = ["color-contrast", "link-in-text-block"]
_axe = Axe()


def find_barriers(page: Page, name: str, *, but: str = "") -> list[str]:
    """Barriers of a page as it stands, wide and narrow, light and dark, but in the part that `but` selects.

    The page is left as it was found, and light. It is not loaded again: what was typed or opened stays.
    """
    before = page.viewport_size
    found = []
    for size, viewport in SCREENS.items():
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        found += _break_rules(page, f"{name}, {size}", RULES, but)
        page.emulate_media(color_scheme="dark")
        found += _break_rules(page, f"{name}, {size}, dark", COLOURS, but)
        page.emulate_media(color_scheme="light")
    found += find_overflow(page, name)
    page.set_viewport_size(before or DESKTOP)  # type: ignore[arg-type]
    return found


def find_overflow(page: Page, name: str) -> list[str]:
    """By how much the page is wider than the narrowest screen, where it is."""
    before = page.viewport_size
    page.set_viewport_size(SCREENS["narrow"])  # type: ignore[arg-type]
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    page.set_viewport_size(before or DESKTOP)  # type: ignore[arg-type]
    return [f"{name}: {wider} pixels wider than the narrowest screen"] if wider > 0 else []


def _break_rules(page: Page, name: str, rules: list[str], but: str) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe.axe_script)
    response = page.evaluate(
        "([context, options]) => axe.run(context, options)",
        [
            {"include": [["html"]], "exclude": [[but]] if but else []},
            {"runOnly": rules, "resultTypes": ["violations"]},
        ],
    )
    return [
        f"{name}: {each['id']} ({each['help']}): {[node['html'][:160] for node in each['nodes']]}"
        for each in response["violations"]
    ]
