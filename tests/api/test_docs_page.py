"""The documentation page in a real browser, under its own strict policy."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

# A browser, a server, and a megabyte and a half of scripts.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_the_document_can_be_read_and_tried(live_server: LiveServer, page: Page) -> None:
    """Nothing is fetched from elsewhere and nothing trips over the policy: `page` would complain."""
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url))
    page.goto(f"{live_server.url}/api/docs")
    expect(page.get_by_role("heading", name="Regulars")).to_be_visible()
    operation = page.locator("#operations-Redemptions-redeem_reward")
    operation.get_by_role("button").first.click()
    expect(operation.get_by_text("Needs an Idempotency-Key")).to_be_visible()
    expect(operation.get_by_role("button", name="Try it out")).to_be_visible()
    operation.get_by_role("tab", name="Schema").first.click()
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in foreign), foreign
