"""The shelves in a real browser: fetched when about to be seen, nothing jumps, and what one says holds."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from regulars.recommend import facade as recommend
from tests.barriers import find_barriers
from tests.browser import DESKTOP, PHONE, watched
from tests.store.conftest import LiveShop

# A browser, a server and a year of purchases: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]
TOP = "e => e.getBoundingClientRect().top + window.scrollY"


def test_why_not_for_me_undo_and_off(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(live_shop.url)
    page.locator(".shelf-slot").scroll_into_view_if_needed()
    again = page.get_by_role("region", name="Buy again")
    coffee = again.get_by_role("listitem").filter(has_text="Coffee beans")
    why = coffee.get_by_text("You bought it")
    expect(why).to_be_hidden()
    coffee.get_by_text("Why this?").click()
    expect(why).to_be_visible()
    coffee.get_by_text("Why this?").click()
    coffee.get_by_role("button", name="Not for me: Coffee beans").press("Enter")
    expect(coffee.get_by_role("button", name="Undo")).to_be_focused()
    expect(coffee.get_by_role("heading")).to_be_hidden()
    coffee.get_by_role("button", name="Undo").press("Enter")
    expect(coffee.get_by_role("button", name="Not for me: Coffee beans")).to_be_focused()
    expect(coffee.get_by_role("heading")).to_be_visible()
    assert recommend.list_dismissals(live_shop.shop.anna) == ()
    coffee.get_by_role("button", name="Not for me: Coffee beans").click()
    coffee.get_by_text("is not shown to you").wait_for()
    again.get_by_role("listitem").filter(has_text="Apples").get_by_text("Why this?").click()
    again.get_by_role("link", name="What we know of you").first.click()
    expect(page.get_by_role("button", name="Put back: Coffee beans")).to_be_visible()
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("heading", name="Personal recommendations are off")).to_be_visible()
    page.goto(f"{live_shop.url}/for-you/")
    expect(page.get_by_text("you see what is popular")).to_be_visible()
    expect(page.get_by_role("heading", name="Buy again")).to_have_count(0)


def hold_shelves(page: Page) -> list[Route]:
    """Requests for shelves wait here until the test lets them go on."""
    held: list[Route] = []
    page.route("**/for-you/*", lambda route: held.append(route))  # noqa: PLW0108  (it marks the function)
    return held


@pytest.mark.parametrize(
    ("viewport", "name", "last"),
    [(DESKTOP, "anna", "Everything picked for you"), (PHONE, "ben", "What do you like?")],
)
def test_nothing_jumps_when_the_shelves_come(
    live_shop: LiveShop, browser: Browser, viewport: dict[str, int], name: str, last: str
) -> None:
    context = browser.new_context(viewport=viewport, reduced_motion="reduce")  # type: ignore[arg-type]
    live_shop.let_in(context, getattr(live_shop.shop, name))
    with watched(context) as (page, complaints):
        held = hold_shelves(page)
        with page.expect_request("**/for-you/*"):
            page.goto(live_shop.url)
            page.locator(".shelf-slot").scroll_into_view_if_needed()
        lately = page.get_by_role("heading", name="Lately")
        before = lately.evaluate(TOP)
        held[0].continue_()
        expect(page.get_by_text(last)).to_be_visible()
        assert lately.evaluate(TOP) == pytest.approx(before, abs=1)
    assert not complaints


def test_a_row_is_moved_by_keys_and_by_buttons(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.set_viewport_size({"width": 640, "height": 900})
    page.goto(f"{live_shop.url}/for-you/")
    row = page.get_by_role("group", name="Buy again")
    page.get_by_role("button", name="Buy again: further").click()
    page.wait_for_function("e => e.scrollLeft > 0", arg=row.element_handle())
    page.get_by_role("button", name="Buy again: back").click()
    page.wait_for_function("e => e.scrollLeft === 0", arg=row.element_handle())
    row.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("e => e.scrollLeft > 0", arg=row.element_handle())


def test_without_scripts_home_leads_to_the_shelves(live_shop: LiveShop, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    live_shop.let_in(context, live_shop.shop.anna)
    with watched(context) as (page, complaints):
        page.goto(live_shop.url)
        page.get_by_role("link", name="Show them").click()
        expect(page).to_have_url(re.compile("/for-you/$"))
        coffee = page.get_by_role("listitem").filter(has_text="Coffee beans").first
        coffee.get_by_text("Why this?").click()
        expect(coffee.get_by_text("You bought it")).to_be_visible()
        coffee.get_by_text("Why this?").click()
        coffee.get_by_role("button", name="Not for me").click()
        expect(page.get_by_text("“Coffee beans, 1 lb” is not shown to you any more.")).to_be_visible()
    assert not complaints


def test_the_shelves_have_no_barriers(live_shop: LiveShop, browser: Browser) -> None:
    findings = []
    for name, member_id in (("anna", live_shop.shop.anna), ("ben", live_shop.shop.ben)):
        context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
        live_shop.let_in(context, member_id)
        with watched(context) as (page, complaints):
            page.goto(f"{live_shop.url}/for-you/")
            if name == "anna":
                page.get_by_text("Why this?").first.click()
                page.get_by_role("button", name="Not for me").last.click()
                page.get_by_role("button", name="Undo").wait_for()
            findings += find_barriers(page, f"shelves of {name}")
            page.goto(f"{live_shop.url}/profile/recommendations/")
            findings += find_barriers(page, f"taste of {name}")
        assert not complaints
    assert findings == []
