"""The judge of barriers finds what it is there to find: otherwise every page is clean."""

import pytest
from playwright.sync_api import Browser

from tests.barriers import find_barriers
from tests.browser import DESKTOP, watched

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a browser

GOOD = """<!doctype html><html lang="en"><head><title>Good</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body { background: white; color: black }
@media (prefers-color-scheme: dark) { body { background: black; color: white } }
</style></head><body><main><h1>Good</h1><p>Words</p></main></body></html>"""


def restyle(where: str, style: str) -> str:
    """The good page, whose words look otherwise on some screens."""
    return GOOD.replace("</style>", f"@media {where} {{ p {{ {style} }} }}</style>")


NARROW = "(width < 400px)"
DARK = "(prefers-color-scheme: dark)"
BUTTON = '<button style="color: #ddd; background: #eee">Words</button>'
BAD = [
    ("image-alt", GOOD.replace("Words", '<img src="data:," width="1" height="1">')),
    ("bad, desktop, dark: color-contrast", GOOD.replace("color: white", "color: #222")),
    ("bad, desktop: color-contrast", GOOD.replace("</p>", '</p><p style="color: #eee">Words</p>')),
    ("color-contrast", GOOD.replace("<p>", '<p>Words</p><div style="opacity: .2"><p>')),
    ("color-contrast", GOOD.replace("</p>", f"</p>{BUTTON.replace('>', ' disabled>', 1)}{BUTTON}")),
    ("bad, narrow: color-contrast", restyle(NARROW, "color: #eee")),
    ("bad, narrow, dark: color-contrast", restyle(f"{NARROW} and {DARK}", "background: #eee")),
    ("wider than the narrowest screen", GOOD.replace("<p>", '<p style="width: 400px">')),
]


def test_barriers_are_found_where_there_are_some_and_nowhere_else(browser: Browser) -> None:
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    with watched(context) as (page, _complaints):
        page.set_content(GOOD)
        assert find_barriers(page, "good") == []
        for barrier, html in BAD:
            page.set_content(html)
            found = find_barriers(page, "bad")
            assert found and all(barrier in one for one in found), (barrier, found)
        assert page.viewport_size == DESKTOP
