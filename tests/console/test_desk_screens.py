"""The member's desk in a real browser: a look at the store and back, and pages without barriers."""

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.identity.facade import Role
from regulars.kit.clock import utc_now
from regulars.members import facade as members
from tests.barriers import find_barriers
from tests.browser import DESKTOP, watched
from tests.console.conftest import LiveConsole

# A browser, a server and a shop: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_agent_sees_what_the_member_sees_and_comes_back(live_console: LiveConsole, page: Page) -> None:
    anna = live_console.staffed.shop.anna
    live_console.let_in(page.context, Role.SUPPORT)
    page.goto(f"{live_console.url}/console/members/{anna}/")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="See the store as they do").click()
    expect(page.get_by_text("You see what Anna Lindqvist sees.")).to_be_visible()
    expect(page.get_by_role("heading", name="Hello, Anna")).to_be_visible()
    page.get_by_role("button", name="Stop looking").click()
    expect(page.get_by_role("heading", name="Anna Lindqvist")).to_be_visible()
    page.goto(live_console.url)
    expect(page.get_by_text("Anna")).to_have_count(0)


def test_the_desks_pages_have_no_barriers(live_console: LiveConsole, browser: Browser) -> None:
    shop, staff = live_console.staffed.shop, live_console.staffed.staff
    members.write_note(
        actor=staff[Role.SUPPORT].actor, now=utc_now(), member_id=shop.anna, text="Prefers a call.",
        idempotency_key="n",
    )  # fmt: skip
    base = f"{live_console.url}/console/members/"
    findings: list[str] = []
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    live_console.let_in(context, Role.SUPPORT)
    with watched(context) as (page, complaints):
        for name in ("new", f"{shop.anna}", f"{shop.anna}/invite"):
            page.goto(f"{base}{name}/")
            findings += find_barriers(page, name.replace("/", "-"))
        page.goto(f"{base}{shop.anna}/transfer/")
        page.get_by_label("The member who gets them").fill(f"#{shop.ben}")
        page.get_by_label("Points", exact=True).fill("40")
        page.get_by_label("Reason").fill("They share a card.")
        findings += find_barriers(page, "transfer")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="Pass 40 points on")).to_be_visible()
        findings += find_barriers(page, "transfer-confirm")
        page.goto(f"{base}{shop.anna}/")
        page.get_by_text("More", exact=True).click()
        findings += find_barriers(page, "member-menu")
        page.get_by_role("button", name="See the store as they do").click()
        expect(page.get_by_role("button", name="Stop looking")).to_be_visible()
        findings += find_barriers(page, "look")
    assert complaints == []
    assert findings == []
