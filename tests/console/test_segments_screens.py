"""Segments in a real browser: the count follows the form, and the pages have no barriers."""

import pytest
from playwright.sync_api import Browser, expect

from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.segments import facade as segments
from regulars.segments.facade import SegmentInput
from tests.barriers import find_barriers
from tests.browser import DESKTOP, PHONE, watched
from tests.console.conftest import LiveConsole

# A browser, a server and a shop: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_count_follows_the_form(live_console: LiveConsole, browser: Browser) -> None:
    told = SegmentInput("With points", {"version": 1, "match": {"trait": "points.balance", "at_least": 1}})
    segments.create_segment(actor=SYSTEM, now=utc_now(), told=told)
    segments.rebuild_due(now=utc_now())
    anna = live_console.staffed.shop.anna
    base = f"{live_console.url}/console/segments/"
    findings: list[str] = []
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    live_console.let_in(context, Role.OWNER)
    with watched(context) as (page, complaints):
        page.goto(f"{base}new/")
        page.get_by_label("What", exact=True).select_option(label="points balance")
        expect(page.get_by_label("Within days", exact=True)).to_be_hidden()
        page.get_by_label("With", exact=True).fill("999999")
        expect(page.locator("#segment-meaning")).to_contain_text("0 members")
        page.get_by_label("With", exact=True).fill("many")
        expect(page.locator("#segment-meaning")).to_contain_text("Write a number")
        findings += find_barriers(page, "segment-form")
        for name in ("", "overlap/", "with-points/", "with-points/history/", f"with-points/members/{anna}/"):
            page.goto(f"{base}{name}")
            findings += find_barriers(page, f"segments-{name}".replace("/", "-"))
    assert complaints == []
    assert findings == []


def test_groups_are_built_by_the_keyboard_alone(live_console: LiveConsole, browser: Browser) -> None:
    for viewport in (DESKTOP, PHONE):
        context = browser.new_context(viewport=viewport, reduced_motion="reduce")  # type: ignore[arg-type]
        live_console.let_in(context, Role.MARKETER)
        with watched(context) as (page, complaints):
            page.goto(f"{live_console.url}/console/segments/new/")
            add = page.get_by_role("button", name="Add a group", exact=True)
            add.focus()
            page.keyboard.press("Enter")
            # The new condition has the focus: one goes on typing where one is.
            inner = page.get_by_role("group", name="Condition 2.1").get_by_label("What", exact=True)
            expect(inner).to_be_focused()
            page.get_by_role("button", name="Add a group to group 2", exact=True).press("Enter")
            expect(page.get_by_role("group", name="Condition 2.2.1")).to_be_visible()
            page.get_by_label("Name", exact=True).fill("By keyboard")
            page.get_by_label("Name", exact=True).press("Enter")
            # Enter counts; it takes nothing out and saves nothing.
            expect(page.locator("#segment-meaning")).to_contain_text("member")
            expect(page.get_by_role("group", name="Condition 2.2.1")).to_be_visible()
            assert find_barriers(page, f"segments-groups-{viewport['width']}") == []
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert complaints == []
        context.close()
