"""Finance in a real browser: no barriers, no scrolling sideways, light and dark, wide and narrow."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect

from regulars.finance import facade as finance
from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EarnCommand
from tests.barriers import find_barriers
from tests.browser import DESKTOP, PHONE, watched
from tests.console.conftest import LiveConsole

# A browser, a server and a year of purchases: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = {"desktop": DESKTOP, "phone": PHONE}


def fill_books(live_console: LiveConsole) -> dict[str, str]:
    """Pending, held and never-expiring points beside the year's, and a cost."""
    now, anna = utc_now(), live_console.staffed.shop.anna
    with transaction.atomic():
        for number, more in enumerate(({"awaits": "delivery"}, {"expires_at": now + timedelta(days=99)})):
            ledger.earn(
                actor=SYSTEM,
                now=now,
                command=EarnCommand(anna, Currency.POINTS, 300, now, f"extra {number}", **more),
            )
        ledger.hold(
            actor=SYSTEM,
            now=now,
            member_id=anna,
            amount=150,
            key="h",
            source="r",
            times_out_at=now + timedelta(days=1),
        )
    finance.set_point_cost(actor=SYSTEM, now=now, cost=Decimal("0.005"), effective_on=date(2020, 1, 1))
    first = (now - timedelta(days=40)).date().isoformat()
    return {
        "liability": "/console/finance/",
        "liability-none": "/console/finance/?as_of=2020-01-01",
        "liability-wrong": "/console/finance/?as_of=2999-01-01",
        "movements": "/console/finance/movements/",
        "movements-by-day": f"/console/finance/movements/?first_day={first}&step=day",
    }


def test_pages_have_no_barriers(live_console: LiveConsole, browser: Browser) -> None:
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    findings = []
    with watched(context) as (page, complaints):
        live_console.let_in(context, Role.FINANCE)
        for name, address in fill_books(live_console).items():
            page.goto(live_console.url + address)
            for summary in page.locator(".tie summary").all():
                summary.click()
            findings += find_barriers(page, name)
    assert findings == []
    # A refused day is answered with 422, which the browser notes.
    assert [one for one in complaints if "422" not in one] == []


def test_from_the_menu_to_a_file_for_the_spreadsheet(live_console: LiveConsole, page: Page) -> None:
    fill_books(live_console)
    live_console.let_in(page.context, Role.FINANCE)
    page.goto(f"{live_console.url}/console/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Finance").first.click()
    expect(page.get_by_role("img", name="points by the month in which they lapse")).to_be_visible()
    expect(page.get_by_text("Agrees with the ledger")).to_be_visible()
    page.get_by_text("Agrees with the ledger").click()
    expect(page.get_by_text("Now: the sum of all entries, and the balances that are stored")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()
    assert download.value.suggested_filename.startswith("regulars-liability_")
    page.get_by_role("link", name="Movements").click()
    page.get_by_label("Split by").select_option("Day")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Day by day")).to_be_visible()
