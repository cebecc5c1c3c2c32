"""The counter in a real browser: a scanner's way through it, and pages without barriers, light and dark."""

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.redemption import facade as redemption
from tests.barriers import find_barriers
from tests.browser import DESKTOP, watched
from tests.console.conftest import LiveConsole
from tests.console.test_fulfilment import take

# A browser, a server and a shop: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def scan(page: Page, code: str) -> None:
    """As a scanner that is a keyboard does it: into whatever is ready, with Enter behind it."""
    expect(page.get_by_label("Code or reference")).to_be_focused()
    page.keyboard.type(code)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_scanner_needs_no_hand(live_console: LiveConsole, page: Page) -> None:
    view = take(live_console.staffed.shop.anna, "coffee")
    other = take(live_console.staffed.shop.anna, units=2)
    live_console.let_in(page.context, Role.SUPPORT)
    page.goto(f"{live_console.url}/console/fulfilment/")
    page.get_by_role("link", name="Scan or type a code").click()
    scan(page, view.code or "")
    expect(page.get_by_role("heading", name="Good")).to_be_visible()
    # The next scan, of the same code, only looks again: it presses nothing.
    scan(page, view.code or "")
    expect(page.get_by_role("heading", name="Good")).to_be_visible()
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("Handed over")).to_be_visible()
    scan(page, view.reference)
    expect(page.get_by_role("heading", name="Already handed over: Today")).to_be_visible()
    scan(page, other.reference)
    page.get_by_label("How many").fill("1")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("1 of 2 left")).to_be_visible()
    assert redemption.get_redemption(other.id).units_handed == 1


def test_a_scan_that_is_quicker_than_the_script_keeps_every_sign(
    live_console: LiveConsole, page: Page
) -> None:
    held: list[Route] = []
    page.route("**/counter.js", lambda route: held.append(route))  # noqa: PLW0108 (a method takes no attributes)
    live_console.let_in(page.context, Role.SUPPORT)
    with page.expect_request("**/counter.js"):
        page.goto(f"{live_console.url}/console/fulfilment/counter/", wait_until="commit")
    field = page.get_by_label("Code or reference")
    expect(field).to_be_focused()
    page.keyboard.type("SHO")
    held[0].continue_()
    page.wait_for_load_state()
    page.keyboard.type("P-1")
    expect(field).to_have_value("SHOP-1")


# A browser that reads codes, as those on Android and macOS do: what it sees is a picture that stands still.
READS_CODES = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return %s; }
  async detect(video) { return video.videoWidth ? [{ rawValue: "%s" }] : []; }
};
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  const drawn = canvas.getContext("2d");
  const draw = () => { drawn.fillRect(0, 0, 9, 9); requestAnimationFrame(draw); };
  draw();
  return (window.seen = canvas.captureStream(30));
};
"""


def test_a_camera_is_offered_where_the_browser_reads_codes_and_nowhere_else(
    live_console: LiveConsole, browser: Browser
) -> None:
    view = take(live_console.staffed.shop.anna, "coffee")
    counter = f"{live_console.url}/console/fulfilment/counter/"
    for formats, offered in (("[]", False), ('["ean_13"]', False), ('["qr_code", "ean_13"]', True)):
        context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
        context.add_init_script(READS_CODES % (formats, view.code))
        live_console.let_in(context, Role.SUPPORT)
        with watched(context) as (page, complaints):
            page.goto(counter)
            camera = page.get_by_role("button", name="Camera")
            if offered:
                camera.click()
                expect(page.get_by_role("heading", name="Good")).to_be_visible()
            else:
                expect(page.get_by_label("Code or reference")).to_be_focused()
                expect(camera).to_be_hidden()
        assert complaints == []


def test_the_counters_pages_have_no_barriers(live_console: LiveConsole, browser: Browser) -> None:
    anna = live_console.staffed.shop.anna
    good, some, used, gone = take(anna, "coffee"), take(anna, units=2), take(anna), take(anna)
    act = {"actor": live_console.staffed.staff[Role.SUPPORT].actor, "now": utc_now()}
    redemption.hand_over(**act, redemption_id=some.id, units=1, idempotency_key="a")
    redemption.hand_over(**act, redemption_id=used.id, idempotency_key="a")
    redemption.write_note(
        **act, redemption_id=some.id, text="Comes back on Friday for the rest.", idempotency_key="n"
    )
    redemption.cancel_redemption(actor=SYSTEM, now=utc_now(), redemption_id=gone.id, reason="Sold out.")
    waiting = [take(anna), take(anna)]
    ids = "&".join(f"id={view.id}" for view in waiting)
    pages = {
        "queue": "fulfilment/",
        "queue-part": "fulfilment/?status=in_part",
        "queue-none": "fulfilment/?q=nobody",
        "counter": "fulfilment/counter/",
        "counter-done": f"fulfilment/counter/?done={used.id}",
        "counter-good": f"fulfilment/counter/{good.id}/",
        "counter-part": f"fulfilment/counter/{some.id}/",
        "counter-used": f"fulfilment/counter/{used.id}/",
        "counter-cancelled": f"fulfilment/counter/{gone.id}/",
        "packing": f"fulfilment/packing/?{ids}",
        "rest": f"redemptions/{some.id}/rest/",
        "redemption-part": f"redemptions/{some.id}/",
    }
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    live_console.let_in(context, Role.SUPPORT)
    findings = []
    with watched(context) as (page, complaints):
        for name, address in pages.items():
            page.goto(f"{live_console.url}/console/{address}")
            findings += find_barriers(page, name)
    assert complaints == []
    assert findings == []
