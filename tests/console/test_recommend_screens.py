"""Recommendations in a real browser: a mark from the search to the list, and pages without barriers."""

import pytest
from playwright.sync_api import Browser, expect

from regulars.identity.facade import Role
from regulars.kit.clock import utc_now
from regulars.recommend import facade as recommend
from regulars.recommend.facade import Placement, ShelfCode
from regulars.recommend.models import Shown
from tests.barriers import find_barriers
from tests.browser import PHONE, watched
from tests.console.conftest import LiveConsole
from tests.console.test_recommend import SKUS, compare
from tests.recommend.shop import learn, stock

# A browser, a server and a shop: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_marketer_bans_on_a_phone_and_every_page_is_without_barriers(
    live_console: LiveConsole, browser: Browser
) -> None:
    compare()
    stock(*SKUS)
    anna, now = live_console.staffed.shop.anna, utc_now()
    learn(anna, ShelfCode.NEW, *SKUS[:12], as_of=now.date())
    recommend.list_shelves(member_id=anna, now=now, placement=Placement.HOME)
    shown = Shown.objects.get(shelf="new").pk
    base = f"{live_console.url}/console/"
    findings: list[str] = []
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    live_console.let_in(context, Role.OWNER)
    with watched(context) as (page, complaints):
        page.goto(f"{base}recommendations/marks/new/")
        page.get_by_role("searchbox", name="Search", exact=True).fill("The p07")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        found = page.get_by_role("link", name="The p07")
        expect(found).to_be_visible()
        findings += find_barriers(page, "mark-find")
        found.click()
        expect(page.get_by_role("button", name="Save")).to_be_visible()
        findings += find_barriers(page, "mark-new")
        page.get_by_label("Ban: On no shelf, for a time").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("row", name="The p07")).to_contain_text("Ban")
        for address in (
            "recommendations/",
            "recommendations/marks/",
            f"members/{anna}/shelves/",
            f"members/{anna}/shown/",
            f"members/{anna}/shown/{shown}/?item=p03",
        ):
            page.goto(f"{base}{address}")
            findings += find_barriers(page, address.replace("/", "-"))
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, address
        # The whole row is the link, and each row leads to its own list.
        page.goto(f"{base}members/{anna}/shown/")
        link = page.locator(".row-link").first
        shelf = link.inner_text()
        assert page.locator(".row-link").count() > 1
        link.click()
        expect(page.locator("#shown-list")).to_have_text(shelf)
    assert complaints == []
    assert findings == []
