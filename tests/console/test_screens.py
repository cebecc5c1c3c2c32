"""The console in a real browser: without barriers, light and dark, with scripts and without."""

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.activity import facade as activity
from regulars.identity.facade import Role
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption
from tests.barriers import find_barriers
from tests.browser import DESKTOP, watched
from tests.console.conftest import PASSWORD, LiveConsole

# A browser, a server and a year of purchases: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def list_pages(live_console: LiveConsole) -> dict[str, str]:
    anna = live_console.staffed.shop.anna
    taken = redemption.redeem_reward(
        actor=Actor(ActorKind.MEMBER, str(anna)),
        now=utc_now(),
        member_id=anna,
        reward_code="coffee",
        idempotency_key="k",
    )
    (latest,) = activity.list_orders(member_id=anna, size=1).items
    earned = ledger.list_entries(anna, kinds=[ledger.EntryKind.EARN]).items[-1]
    return {
        "members": "/console/",
        "members-none": "/console/?q=nobody",
        "members-columns": "/console/?q=a&cols=number,name,external_id,points,tier,phone,joined&sort=-joined",
        "redemptions-of-all": "/console/redemptions/",
        "search": "/console/search/?q=a",
        "member": f"/console/members/{anna}/",
        "history": f"/console/members/{anna}/history/",
        "redemptions": f"/console/members/{anna}/redemptions/",
        "timeline": f"/console/members/{anna}/timeline/",
        "changes": f"/console/members/{anna}/trail/",
        "entry": f"/console/members/{anna}/entries/points/{earned.seq}/",
        "order": f"/console/orders/{latest.id}/",
        "adjust": f"/console/members/{anna}/adjust/",
        "reverse": f"/console/awards/order/{latest.id}/reverse/",
        "redemption": f"/console/redemptions/{taken.id}/",
        "redemption-cancel": f"/console/redemptions/{taken.id}/cancel/",
        "programme": "/console/programme/",
        "version": "/console/programme/1/",
        "version-changes": "/console/programme/1/?show=changes",
        "version-text": "/console/programme/1/?show=text",
        "trail": "/console/trail/",
        "team": "/console/team/",
        "team-add": "/console/team/new/",
        "team-change": f"/console/team/{live_console.staffed.staff[Role.SUPPORT].id}/",
        "keys-none": "/console/keys/",
        "key-issue": "/console/keys/new/",
    }


def test_pages_have_no_barriers(live_console: LiveConsole, browser: Browser) -> None:
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    findings = []
    with watched(context) as (page, complaints):
        pages = {"sign-in": "/console/sign-in/"} | list_pages(live_console)
        for name, address in pages.items():
            page.goto(live_console.url + address)
            findings += find_barriers(page, name)
            if name == "sign-in":
                live_console.let_in(context, Role.OWNER)
    assert findings == []
    assert complaints == []


def adjust_by_hand(page: Page, live_console: LiveConsole) -> None:
    """From the sign-in to the adjusted balance, as an agent does it."""
    anna = live_console.staffed.shop.anna
    before = ledger.get_balance(anna, utc_now()).active
    page.goto(f"{live_console.url}/console/members/{anna}/")
    page.get_by_label("E-mail").fill("support@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Anna Lindqvist")).to_be_visible()
    page.get_by_role("link", name="Adjust points").click()
    page.get_by_label("Points", exact=True).fill("40")
    page.get_by_label("Reason").fill("The till was down.")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Give Anna Lindqvist 40 points?")).to_be_visible()
    assert ledger.get_balance(anna, utc_now()).active == before
    page.get_by_role("button", name="Give 40 points").click()
    expect(page.get_by_text(f"Done. Anna Lindqvist now has {before + 40:,} to spend.")).to_be_visible()
    assert ledger.get_balance(anna, utc_now()).active == before + 40


def test_an_agent_puts_a_balance_right(live_console: LiveConsole, page: Page) -> None:
    adjust_by_hand(page, live_console)
    # The way back asks anew: no form is sent a second time, nor does the browser offer to.
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.go_back()
    expect(page.get_by_label("Points", exact=True)).to_be_visible()
    assert "POST" not in sent


def test_it_works_without_scripts(live_console: LiveConsole, browser: Browser) -> None:
    context = browser.new_context(viewport=DESKTOP, java_script_enabled=False)
    with watched(context) as (page, complaints):
        adjust_by_hand(page, live_console)
        page.goto(f"{live_console.url}/console/")
        page.get_by_role("searchbox", name="Search", exact=True).fill("okafor")
        page.get_by_role("searchbox", name="Search", exact=True).press("Enter")
        expect(page.get_by_role("link", name="Ben Okafor")).to_be_visible()
        expect(page.get_by_role("link", name="Anna Lindqvist")).to_have_count(0)
    assert complaints == []


def test_search_follows_the_typing_and_the_address_follows_the_search(
    live_console: LiveConsole, page: Page
) -> None:
    live_console.let_in(page.context, Role.SUPPORT)
    page.goto(f"{live_console.url}/console/")
    page.get_by_role("searchbox", name="Search", exact=True).press_sequentially("lindq")
    expect(page.get_by_role("link", name="Ben Okafor")).to_have_count(0)
    expect(page.get_by_role("link", name="Anna Lindqvist")).to_be_visible()
    expect(page).to_have_url(f"{live_console.url}/console/?q=lindq")
    page.reload()
    expect(page.get_by_role("link", name="Ben Okafor")).to_have_count(0)
    page.get_by_role("link", name="Anna Lindqvist").click()
    expect(page.get_by_role("heading", name="Anna Lindqvist")).to_be_visible()
    page.get_by_role("link", name="Points history").click()
    expect(page.get_by_role("link", name="Everything")).to_have_attribute("aria-current", "page")
