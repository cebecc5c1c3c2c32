"""The store in the pocket, in a real browser: nothing jumps, and it is honest without a connection."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.barriers import find_barriers
from tests.browser import PHONE, watched
from tests.store.conftest import LiveShop

COMES_BACK_MS = 20_000
# Asked for in one call: under our policy a predicate that is asked again and again may not be compiled.
UNTIL = """async (holds) => {
  const asked = {
    kept: async () => navigator.serviceWorker.controller && (await caches.match("/offline/")),
    forgotten: async () => localStorage.getItem("balance") === null,
  }[holds];
  for (let tries = 0; tries < 400; tries += 1) {
    if (await asked()) return true;
    await new Promise((next) => setTimeout(next, 50));
  }
  return false;
}"""
SHIFT = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 500);
})"""

# A browser and a server.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_nothing_jumps_and_without_a_connection_the_last_balance_is_said_as_such(
    live_shop: LiveShop, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    live_shop.let_in(context, live_shop.shop.anna)
    with watched(context) as (page, _complaints):
        page.goto(live_shop.url)
        assert page.evaluate(SHIFT) < 0.01
        balance = page.locator("[data-balance]").get_attribute("data-balance")
        assert balance
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        assert page.evaluate(UNTIL, "kept")
        context.set_offline(True)
        page.goto(f"{live_shop.url}/rewards/")
        expect(page.get_by_role("heading", name="Last known balance")).to_be_visible()
        expect(page.locator("[data-known-points]")).to_have_text(balance)
        expect(page.get_by_text("It may have changed since.")).to_be_visible()
        assert find_barriers(page, "offline") == []
        context.set_offline(False)
        # The page comes by itself as soon as there is a connection.
        expect(page.get_by_role("heading", name="Rewards", exact=True)).to_be_visible(timeout=COMES_BACK_MS)
        page.goto(live_shop.url)
        page.locator("summary").first.click()
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url(live_shop.url + "/")
        assert page.evaluate(UNTIL, "forgotten")
