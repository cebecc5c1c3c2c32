"""The one search: what each text finds, what a role may find, and what it costs."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser, Page, expect

from regulars.activity import facade as activity
from regulars.identity.facade import Role
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.members.facade import MemberInput
from regulars.redemption import facade as redemption
from tests.barriers import find_barriers
from tests.browser import DESKTOP, watched
from tests.console.conftest import LiveConsole, Staffed
from tests.store.shop import join


def found(client: Client, text: str) -> dict[str, list[str]]:
    """Titles by kind, as the palette shows them."""
    answer = client.get("/console/search/", {"q": text}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    shown = answer.content.decode()
    hits = re.findall(r'id="hit-(\w+)-\w+" href="([^"]+)".*?<strong>([^<]+)</strong>', shown)
    titles: dict[str, list[str]] = {}
    for kind, _href, title in hits:
        titles.setdefault(kind, []).append(title)
    return titles


def test_every_kind_is_found_by_what_people_have_in_hand(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    taken = redemption.redeem_reward(
        actor=Actor(ActorKind.MEMBER, str(anna)),
        now=utc_now(),
        member_id=anna,
        reward_code="coffee",
        idempotency_key="k",
    )
    (latest,) = activity.list_orders(member_id=anna, size=1).items
    for text in ("lind", "anna@", str(anna)):
        assert "Anna Lindqvist" in found(support, text)["members"], text
    assert latest.external_id in found(support, latest.external_id.lower())["orders"]
    for text in (taken.reference.lower(), taken.code):
        assert found(support, text or "")["codes"] == [f"{taken.reference} · {taken.reward_name}"]
    assert found(support, "progr") == {"pages": ["Programme"]}
    assert found(support, "'%\\") == {}
    assert found(support, "")["pages"][0] == "Members"


def test_a_role_finds_what_it_may_open(staffed: Staffed, support: Client, owner: Client) -> None:
    assert found(owner, "team") == {"pages": ["Team"]}
    assert found(owner, "fresh loaf")["rewards"]
    assert "rewards" not in found(support, "fresh loaf")
    assert found(support, "team") == {}
    assert Client().get("/console/search/?q=x").status_code == 302


def test_the_page_works_by_itself_and_one_hit_is_gone_to(staffed: Staffed, support: Client) -> None:
    answer = support.get("/console/search/?q=lindqvist")
    assert answer["Location"] == f"/console/members/{staffed.shop.anna}/"
    shown = support.get("/console/search/?q=nothing-of-the-kind").content.decode()
    assert "Nothing found" in shown
    join(staffed.shop.now, *[MemberInput(f"lin{n}") for n in range(9)])
    assert "/console/?q=lin" in support.get("/console/search/?q=lin").content.decode()


def test_it_costs_the_same_for_one_and_for_many(staffed: Staffed, support: Client) -> None:
    join(staffed.shop.now, MemberInput("only"), *[MemberInput(f"many{n}") for n in range(30)])

    def count(text: str) -> int:
        found(support, text)
        with CaptureQueriesContext(connection) as queries:
            found(support, text)
        return len(queries)

    assert count("only") == count("many")


# A browser and a server: seconds.
@pytest.mark.browser
@pytest.mark.slow
def test_the_palette_is_worked_by_keys(live_console: LiveConsole, page: Page) -> None:
    live_console.let_in(page.context, Role.OWNER)
    page.goto(f"{live_console.url}/console/")
    box = page.get_by_role("combobox", name="Search everything")
    page.keyboard.press("Control+k")
    expect(box).to_be_focused()
    expect(page.get_by_role("option", name="Audit trail")).to_be_visible()
    assert find_barriers(page, "search") == []
    box.press_sequentially("lind")
    option = page.get_by_role("option", name="Anna Lindqvist").first
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("Escape")
    expect(box).to_be_hidden()
    page.locator("body").click(position={"x": 700, "y": 5})
    page.keyboard.press("/")
    box.fill("a")
    # Not the pages that were on show before a letter was typed.
    expect(page.get_by_role("group", name="Members")).to_be_visible()
    box.press("ArrowUp")
    last = page.get_by_role("option").last
    expect(last).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", last.get_attribute("id") or "")
    box.fill("lindq")
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(page.get_by_role("heading", name="Anna Lindqvist")).to_be_visible()


# A browser and a server: seconds.
@pytest.mark.browser
@pytest.mark.slow
def test_a_table_is_sorted_narrowed_and_changed_by_hand(live_console: LiveConsole, page: Page) -> None:
    live_console.let_in(page.context, Role.SUPPORT)
    page.goto(f"{live_console.url}/console/")
    page.get_by_role("link", name="Joined").click()
    expect(page).to_have_url(f"{live_console.url}/console/?sort=-joined")
    expect(page.get_by_role("columnheader", name="Joined")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("searchbox", name="Search", exact=True).press_sequentially("lindq")
    expect(page).to_have_url(f"{live_console.url}/console/?q=lindq&sort=-joined")
    expect(page.get_by_role("link", name="Ben Okafor")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("columnheader", name="Joined")).to_have_attribute("aria-sort", "descending")
    page.go_back()
    expect(page.get_by_role("link", name="Ben Okafor")).to_be_visible()
    adjust = page.get_by_role("button", name="Adjust points")
    expect(adjust).to_be_disabled()
    page.get_by_role("checkbox", name="Choose", exact=True).check()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    adjust.click()
    expect(page.get_by_role("heading", name="Adjust the points of 2 members")).to_be_visible()
    page.get_by_label("Points", exact=True).fill("50")
    page.get_by_label("Reason").fill("The till was down.")
    assert find_barriers(page, "search") == []
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Give 2 members 50 points each?")).to_be_visible()
    assert find_barriers(page, "search") == []


# A browser and a server: seconds.
@pytest.mark.browser
@pytest.mark.slow
def test_search_and_tables_need_no_scripts(live_console: LiveConsole, browser: Browser) -> None:
    context = browser.new_context(viewport=DESKTOP, java_script_enabled=False)
    live_console.let_in(context, Role.OWNER)
    with watched(context) as (page, complaints):
        page.goto(f"{live_console.url}/console/")
        page.get_by_role("searchbox", name="Search everything").first.fill("lindqvist")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Anna Lindqvist")).to_be_visible()
        page.goto(f"{live_console.url}/console/")
        page.get_by_text("Columns", exact=True).first.click()
        page.get_by_label("Phone").check()
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_role("columnheader", name="Phone")).to_be_visible()
    assert complaints == []
