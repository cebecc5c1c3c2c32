"""The programme in a real browser: a change from form to publication, and no barriers on the way."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.identity.facade import Role
from regulars.kit.clock import utc_now
from regulars.rules import facade as rules
from tests.barriers import find_barriers
from tests.browser import DESKTOP, PHONE, watched
from tests.console.conftest import LiveConsole
from tests.store.shop import PROGRAMME

# A browser, a server and a year of purchases: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOME = "/console/programme/"
PAGES = {
    "home": HOME,
    "forms": f"{HOME}draft/",
    "rule": f"{HOME}draft/part/earn:purchases/",
    "review": f"{HOME}draft/review/",
    "basket": f"{HOME}basket/?sku=x&amount=20&quantity=1&member=anna&find=zzz",
    "mistakes": f"{HOME}draft/text/",
}
WORSE = PROGRAMME.replace("points = 50", "points = 40")


def begin(live_console: LiveConsole, text: str) -> None:
    actor = live_console.staffed.staff[Role.MARKETER].actor
    draft = rules.begin_draft(actor=actor, now=utc_now())
    rules.save_draft(actor=actor, now=utc_now(), text=text, revision=draft.revision)


def test_pages_have_no_barriers_in_light_and_dark_and_fit(
    live_console: LiveConsole, browser: Browser
) -> None:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    live_console.let_in(context, Role.OWNER)
    begin(live_console, WORSE)
    findings = []
    with watched(context) as (page, complaints):
        for name, address in PAGES.items():
            if name == "mistakes":
                begin(live_console, WORSE.replace('"floor"', '"sideways"'))
            page.goto(f"{live_console.url}{address}")
            findings += find_barriers(page, name)
    context.close()
    assert findings == []
    assert complaints == []


def test_a_rule_is_changed_read_tried_and_published(live_console: LiveConsole, browser: Browser) -> None:
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    live_console.let_in(context, Role.OWNER)
    with watched(context) as (page, complaints):
        page.goto(f"{live_console.url}{HOME}")
        page.get_by_role("button", name="Change it").click()
        page.get_by_role("link", name=rules.parse_programme(PROGRAMME).rules[0].name, exact=True).click()
        meaning = page.locator("#meaning")
        expect(page).to_have_url(re.compile("/draft/part/"))
        page.wait_for_load_state()  # what is typed before the script is there is kept by nobody
        page.locator("[name=points]").fill("3")
        expect(meaning.locator("ins").first).to_contain_text("3 points for every")
        page.get_by_role("button", name="Keep in the draft").click()
        expect(page.get_by_text("Changed", exact=True)).to_be_visible()
        page.get_by_role("link", name="As text").click()
        _type_and_wait(page)
        page.get_by_role("link", name="Review and publish").click()
        page.get_by_label("What changes, in a sentence").fill("Three for one.")
        page.get_by_role("button", name="Publish", exact=True).click()
        expect(page.get_by_role("heading", name="Version 2")).to_be_visible()
    context.close()
    latest = rules.list_versions()[0]
    assert latest.text.startswith("# typed\n")
    assert rules.parse_programme(latest.text).rules[0].points == 3
    assert complaints == []


def _type_and_wait(page: Page) -> None:
    """Type a line at the top, and see it kept without a press of a button."""
    expect(page).to_have_url(re.compile("/draft/text/"))
    page.wait_for_load_state()
    area = page.locator("#id_text")
    area.fill("# typed\n" + area.input_value())
    expect(page.locator("#meaning")).to_contain_text("# typed")
    expect(page.locator("[data-unsaved]")).to_be_hidden()
