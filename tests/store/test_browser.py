"""The main job in a real browser: two taps, one redemption, with and without scripts, by keyboard alone."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.redemption.models import Redemption
from tests.browser import PHONE, watched
from tests.store.conftest import LiveShop

# A browser, a server and a year of purchases: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

CODE = re.compile(r"CUP-\d{4}")


def points(live_shop: LiveShop) -> int:
    return ledger.get_balance(live_shop.shop.anna, utc_now()).active


def test_two_taps_from_the_list_to_the_code(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(f"{live_shop.url}/rewards/")
    before = points(live_shop)
    page.get_by_role("link", name="Redeem A cup of coffee").click()
    dialog = page.get_by_role("dialog", name="A cup of coffee, any size")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Yes, redeem").click()
    expect(page.get_by_text("It is yours")).to_be_visible()
    expect(page.locator("[data-code]")).to_have_text(CODE)
    assert points(live_shop) == before - 200
    page.reload()
    assert Redemption.objects.count() == 1


def test_a_double_click_redeems_once(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(f"{live_shop.url}/rewards/loaf/")
    before = points(live_shop)
    page.get_by_role("link", name="Redeem", exact=True).click()
    page.get_by_role("button", name="Yes, redeem").dblclick()
    expect(page.get_by_text("It is yours")).to_be_visible()
    assert Redemption.objects.count() == 1
    assert points(live_shop) == before - 150


def test_the_same_form_in_two_tabs_redeems_once(live_shop: LiveShop, page: Page) -> None:
    """The button's own protection is off here: the key in the form is what counts."""
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(f"{live_shop.url}/rewards/loaf/redeem/")
    form = page.evaluate("() => [...new FormData(document.querySelector('form[data-once]'))]")
    fields = dict(form)
    send = f"{live_shop.url}/rewards/loaf/redeem/"
    headers = {"Referer": send}
    answers = [page.context.request.post(send, form=fields, headers=headers) for _ in range(2)]
    assert answers[0].url == answers[1].url
    assert Redemption.objects.count() == 1


def test_going_back_and_redeeming_again_is_a_new_redemption(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    for number in (1, 2):
        page.goto(f"{live_shop.url}/rewards/loaf/")
        page.get_by_role("link", name="Redeem", exact=True).click()
        page.get_by_role("button", name="Yes, redeem").click()
        expect(page.get_by_text("It is yours")).to_be_visible()
        assert Redemption.objects.count() == number


def test_the_way_back_shows_the_points_of_now_and_nothing_after_signing_out(
    live_shop: LiveShop, page: Page
) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(f"{live_shop.url}/rewards/")
    before = points(live_shop)
    page.get_by_role("link", name="Redeem A cup of coffee").click()
    page.get_by_role("button", name="Yes, redeem").click()
    expect(page.get_by_text("It is yours")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Rewards", exact=True)).to_be_visible()
    expect(page.locator("[data-balance]")).to_have_attribute("data-balance", f"{before - 200:,} points")
    page.goto(f"{live_shop.url}/profile/")
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Points for what you buy anyway.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_quantity_keeps_the_focus_at_its_end(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(f"{live_shop.url}/rewards/loaf/")
    page.get_by_role("link", name="Redeem", exact=True).click()
    most = points(live_shop) // 150
    shown = page.locator(".stepper [role=status]")
    expect(shown).to_have_text("1")
    page.locator("#units-more").focus()
    for units in range(2, most + 1):
        page.keyboard.press("Enter")
        expect(shown).to_have_text(str(units))
        expect(page.locator("#units-more")).to_be_focused()
    expect(page.locator("#units-more")).to_be_disabled()
    page.keyboard.press("Enter")
    expect(page.locator("#units-more")).to_be_focused()
    expect(page.get_by_role("button", name=f"Yes, redeem {most}")).to_be_visible()


def test_not_now_changes_nothing(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(f"{live_shop.url}/rewards/loaf/")
    for way_out in ("Not now", "Escape"):
        page.get_by_role("link", name="Redeem", exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        if way_out == "Escape":
            page.keyboard.press("Escape")
        else:
            dialog.get_by_role("link", name=way_out).click()
        expect(dialog).to_be_hidden()
    expect(page).to_have_url(f"{live_shop.url}/rewards/loaf/")
    assert Redemption.objects.count() == 0


def test_everything_works_without_scripts(live_shop: LiveShop, browser: Browser, settings: object) -> None:
    settings.DEMO_MODE = True  # type: ignore[attr-defined]
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    with watched(context) as (page, complaints):
        page.goto(live_shop.url)
        page.get_by_role("link", name="Sign in").first.click()
        page.get_by_label("E-mail address").fill("anna@example.org")
        page.get_by_role("button", name="Send me a code").click()
        expect(page.get_by_label("Six digits")).to_be_visible()
        code = page.locator(".notice strong").inner_text()
        page.get_by_label("Six digits").fill(code)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Hello, Anna")).to_be_visible()
        page.goto(f"{live_shop.url}/rewards/")
        page.get_by_label("Search rewards").fill("coffee")
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("article")).to_have_count(1)
        page.get_by_role("link", name="Redeem A cup of coffee").click()
        page.get_by_role("button", name="Yes, redeem").click()
        expect(page.locator("[data-code]")).to_have_text(CODE)
        page.goto(f"{live_shop.url}/history/")
        page.get_by_text("Line by line").last.click()
        page.get_by_role("link", name="Show the lines").last.click()
        expect(page.get_by_text("Sourdough loaf").first).to_be_visible()
    assert complaints == []
    assert Redemption.objects.count() == 1


def test_the_keyboard_alone_is_enough(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(live_shop.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    button = page.get_by_role("link", name=re.compile("Redeem The cheese"))
    for _ in range(40):
        page.keyboard.press("Tab")
        if button.evaluate("link => link === document.activeElement"):
            break
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    sure = page.get_by_role("button", name="Yes, redeem")
    expect(sure).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The cheese of the month")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/my-rewards/\d+/"))
    assert Redemption.objects.count() == 1


def test_filters_change_the_list_and_the_address(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(f"{live_shop.url}/rewards/")
    articles = page.get_by_role("article")
    expect(articles).to_have_count(10)
    page.get_by_label("Search rewards").press_sequentially("cof")
    expect(articles).to_have_count(1)
    expect(page).to_have_url(re.compile("q=cof"))
    page.get_by_label("Search rewards").fill("")
    page.get_by_text("I can have it now").click()
    expect(page).to_have_url(re.compile("affordable=on"))
    expect(page.get_by_role("heading", name="A gift card of $20")).to_have_count(0)
    page.get_by_label("Sort by").select_option("price_high")
    expect(articles.first).to_contain_text("A bunch of seasonal flowers")
    page.get_by_role("link", name="A bunch of seasonal flowers", exact=True).click()
    page.go_back()
    expect(page).to_have_url(re.compile("affordable=on.*price_high|price_high.*affordable=on"))
    expect(articles.first).to_contain_text("A bunch of seasonal flowers")
    expect(page.get_by_role("heading", name="A gift card of $20")).to_have_count(0)


def test_the_menu_of_the_account_opens_and_closes(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(live_shop.url)
    button, sign_out = page.get_by_label("Your account"), page.get_by_role("button", name="Sign out")
    button.click()
    expect(sign_out).to_be_visible()
    page.keyboard.press("Escape")
    expect(sign_out).to_be_hidden()
    button.click()
    page.get_by_role("heading", name="Lately").click()
    expect(sign_out).to_be_hidden()
    button.click()
    sign_out.click()
    expect(page.get_by_role("heading", name="Points for what you buy anyway.")).to_be_visible()


def test_a_history_entry_opens_in_place(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(f"{live_shop.url}/history/")
    page.get_by_text("Line by line").first.click()
    expect(page.get_by_text("Whole milk, one gallon").first).to_be_visible()
    expect(page).to_have_url(f"{live_shop.url}/history/")


def test_a_code_is_copied(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_shop.url}/rewards/coffee/redeem/")
    page.get_by_role("button", name="Yes, redeem").click()
    expect(page.get_by_text("It is yours")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    expect(page.locator("[data-code]")).to_have_text(copied)


def test_taking_back_asks_once_more_and_says_so(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    before = points(live_shop)
    page.goto(f"{live_shop.url}/rewards/loaf/redeem/")
    page.get_by_role("button", name="Yes, redeem").click()
    expect(page.get_by_text("It is yours")).to_be_visible()
    page.goto(page.url.partition("?")[0])
    page.get_by_role("link", name="Take it back").click()
    page.get_by_role("dialog").get_by_role("button", name="Yes, take it back").click()
    expect(page.get_by_role("status")).to_contain_text("150 points are back.")
    assert points(live_shop) == before


def test_the_theme_is_kept(live_shop: LiveShop, page: Page) -> None:
    live_shop.let_in(page.context, live_shop.shop.anna)
    page.goto(live_shop.url)
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    root = page.locator("html")
    page.get_by_role("button", name="Dark").click()
    expect(root).not_to_have_css("background-color", light)
    dark = page.evaluate(ground)
    page.goto(f"{live_shop.url}/rewards/")
    expect(root).to_have_css("background-color", dark)
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    system = page.get_by_role("button", name="As the system has it")
    system.click()
    expect(system).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(root).to_have_css("background-color", light)
