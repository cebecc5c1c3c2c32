"""What frontend/js/forms.js gives a form: it warns before one leaves, and says what is wrong as one goes."""

import pytest
from playwright.sync_api import Dialog, Page, expect

from regulars.identity.facade import Role
from tests.console.conftest import PASSWORD, LiveConsole

# A browser and a server: seconds.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_what_was_typed_comes_back_after_signing_in_again(live_console: LiveConsole, page: Page) -> None:
    live_console.let_in(page.context, Role.SUPPORT)
    anna = live_console.staffed.shop.anna
    address = f"{live_console.url}/console/members/{anna}/adjust/"
    page.goto(address)
    page.get_by_label("Points", exact=True).fill("40")
    page.get_by_label("Reason").fill("The till was down.")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("You were signed out meanwhile")).to_be_visible()
    sign_in(page, "support@example.org")
    expect(page.get_by_text("What you had typed is here again")).to_be_visible()
    expect(page).to_have_url(address)
    expect(page.get_by_label("Points", exact=True)).to_have_value("40")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Give Anna Lindqvist 40 points?")).to_be_visible()
    # Nothing of it is left for a page that is opened later, nor for somebody else in the same tab.
    page.goto(address)
    expect(page.get_by_label("Reason")).to_have_value("")
    page.get_by_label("Points", exact=True).fill("50")
    page.get_by_label("Reason").fill("Another.")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("You were signed out meanwhile")).to_be_visible()
    sign_in(page, "owner@example.org")
    expect(page).to_have_url(address)
    page.wait_for_load_state()
    expect(page.get_by_label("Reason")).to_have_value("")


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_form_guards_what_was_typed_and_says_what_is_wrong(live_console: LiveConsole, page: Page) -> None:
    live_console.let_in(page.context, Role.OWNER)
    anna = live_console.staffed.shop.anna
    address = f"{live_console.url}/console/members/{anna}/adjust/"
    asked: list[str] = []

    def hear(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", hear)
    page.goto(address)
    page.goto(f"{live_console.url}/console/members/{anna}/")
    assert asked == []

    page.goto(address)
    points, reason = page.get_by_label("Points", exact=True), page.get_by_label("Reason")
    points.fill("0")
    reason.focus()
    expect(page.get_by_text("At least 1.")).to_be_visible()
    expect(points).to_have_attribute("aria-invalid", "true")
    points.fill("40")
    expect(page.get_by_text("At least 1.")).to_have_count(0)
    expect(points).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("This is needed.")).to_be_visible()
    expect(reason).to_be_focused()
    expect(page).to_have_url(address)
    page.get_by_role("link", name="Anna Lindqvist").click()
    expect(page.get_by_role("link", name="Adjust points")).to_be_visible()
    assert asked == ["beforeunload"]

    page.goto(address)
    points.fill("40")
    reason.fill("The till was down.")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Give Anna Lindqvist 40 points?")).to_be_visible()
    assert asked == ["beforeunload"]
