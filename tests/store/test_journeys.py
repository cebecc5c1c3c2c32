"""What members do, as they do it: on a telephone and at a desk, in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.redemption.models import Redemption
from tests.browser import DESKTOP, PHONE, watched
from tests.store.conftest import LiveShop

# A browser, a server and a year of purchases: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(params=["phone", "desktop"])
def own_page(request: pytest.FixtureRequest, browser: Browser, live_shop: LiveShop) -> Iterator[Page]:
    """Anna's browser, by either size."""
    size = PHONE if request.param == "phone" else DESKTOP
    context = browser.new_context(viewport=size, reduced_motion="reduce", accept_downloads=True)
    live_shop.let_in(context, live_shop.shop.anna)
    with watched(context) as (page, complaints):
        yield page
    assert not complaints, complaints


def test_from_a_wish_to_the_reward_in_hand_and_back(live_shop: LiveShop, own_page: Page) -> None:
    page, anna = own_page, live_shop.shop.anna
    page.goto(f"{live_shop.url}/rewards/")
    page.get_by_text("More filters").click()
    page.get_by_label("Price in points").select_option("1000")
    expect(page).to_have_url(re.compile("price=1000"))
    expect(page.get_by_role("heading", name="A gift card of $20")).to_have_count(0)
    page.get_by_role("link", name="Clear all filters").click()
    page.get_by_role("link", name="A gift card of $20", exact=True).click()
    page.get_by_role("button", name="Make it my goal").click()
    expect(page.get_by_role("status")).to_contain_text("This is your goal now.")
    page.goto(live_shop.url)
    expect(page.locator(".pass footer")).to_contain_text("Your goal: A gift card of $20")
    ledger.adjust_points(actor=SYSTEM, now=utc_now(), member_id=anna, amount=2_000, reason="Gift", key="gift")
    page.reload()
    page.locator(".pass footer").get_by_role("link", name="Redeem A gift card of $20").click()
    page.get_by_role("dialog").get_by_role("button", name="Yes, redeem").click()
    expect(page.get_by_text("It is yours")).to_be_visible()
    expect(page.locator("svg.qr")).to_be_visible()
    assert Redemption.objects.count() == 1
    page.goto(live_shop.url)
    expect(page.locator(".pass footer")).not_to_contain_text("Your goal")


def test_undo_right_after_redeeming(live_shop: LiveShop, own_page: Page) -> None:
    page, anna = own_page, live_shop.shop.anna
    before = ledger.get_balance(anna, utc_now()).active
    page.goto(f"{live_shop.url}/rewards/loaf/")
    page.get_by_role("link", name="Redeem", exact=True).click()
    page.get_by_role("button", name="Yes, redeem").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("150 points are back.")
    assert ledger.get_balance(anna, utc_now()).active == before


def test_a_reminder_and_a_statement_are_downloaded(live_shop: LiveShop, own_page: Page) -> None:
    page = own_page
    page.goto(f"{live_shop.url}/rewards/coffee/redeem/")
    page.get_by_role("button", name="Yes, redeem").click()
    expect(page.get_by_text("It is yours")).to_be_visible()
    with page.expect_download() as reminder:
        page.get_by_role("link", name="Add to calendar").click()
    assert reminder.value.suggested_filename.endswith(".ics")
    page.goto(f"{live_shop.url}/history/")
    page.get_by_text("Statement to keep").click()
    for button, ending in (("Spreadsheet (CSV)", ".csv"), ("PDF", ".pdf")):
        with page.expect_download() as statement:
            page.get_by_role("button", name=button).click()
        assert statement.value.suggested_filename.endswith(ending)


def test_consents_are_given_and_withdrawn(live_shop: LiveShop, own_page: Page) -> None:
    page, anna = own_page, live_shop.shop.anna
    key = (members.ConsentChannel.EMAIL, members.ConsentPurpose.OFFERS)
    box = page.get_by_label("Offers and news: E-mail")
    for given in (True, False):
        page.goto(f"{live_shop.url}/profile/")
        box.set_checked(given)
        page.locator("form").filter(has=box).get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_contain_text("Saved.")
        assert members.get_consents(anna)[key] is given


def test_a_member_thinks_again_about_deleting_and_signs_out_elsewhere(
    live_shop: LiveShop, own_page: Page, browser: Browser
) -> None:
    elsewhere = browser.new_context()
    live_shop.let_in(elsewhere, live_shop.shop.anna)
    page = own_page
    page.goto(f"{live_shop.url}/profile/")
    page.get_by_text("Delete it", exact=True).click()
    page.get_by_label("I know what is lost").check()
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account will be deleted on")).to_be_visible()
    page.get_by_role("button", name="Keep my account").click()
    expect(page.get_by_role("status")).to_contain_text("Your account stays.")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)
    other = elsewhere.new_page()
    other.goto(f"{live_shop.url}/profile/")
    expect(other).to_have_url(re.compile("/sign-in/"))
    elsewhere.close()
    page.reload()
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()


def test_the_journeys_need_no_scripts(live_shop: LiveShop, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    live_shop.let_in(context, live_shop.shop.anna)
    with watched(context) as (page, complaints):
        page.goto(f"{live_shop.url}/rewards/")
        page.get_by_text("More filters").click()
        page.get_by_label("Status").select_option("gold")
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("article")).to_have_count(1)
        page.get_by_role("link", name="An evening at the roastery").click()
        page.get_by_role("button", name="Make it my goal").click()
        expect(page.get_by_text("Let it go")).to_be_visible()
        page.goto(f"{live_shop.url}/rewards/loaf/redeem/")
        page.get_by_role("button", name="Yes, redeem").click()
        expect(page.locator("svg.qr")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Taken back").first).to_be_visible()
        page.goto(f"{live_shop.url}/profile/")
        page.get_by_label("First name").fill("Anne")
        page.locator("form").filter(has=page.get_by_label("First name")).get_by_role("button").click()
        expect(page.get_by_role("status")).to_contain_text("Saved.")
        page.goto(live_shop.url)
        expect(page.get_by_role("heading", name="Hello, Anne")).to_be_visible()
    assert complaints == []


def test_a_narrow_screen_and_large_letters_hide_nothing(live_shop: LiveShop, browser: Browser) -> None:
    """320 pixels are also what a desk of 1280 shows at four times the size."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    live_shop.let_in(context, live_shop.shop.anna)
    wider = {}
    with watched(context) as (page, complaints):
        page.goto(f"{live_shop.url}/rewards/coffee/redeem/")
        page.get_by_role("button", name="Yes, redeem").click()
        expect(page.locator("svg.qr")).to_be_visible()
        for address in (page.url, "/", "/rewards/?price=500", "/status/", "/profile/", "/history/"):
            page.goto(address if address.startswith("http") else live_shop.url + address)
            page.locator("details.terms, details.more-filters").evaluate_all(
                "all => all.forEach((one) => (one.open = true))"
            )
            wider[address] = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert {address: pixels for address, pixels in wider.items() if pixels > 0} == {}
    assert complaints == []
