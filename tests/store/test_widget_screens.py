"""The widget at work: on the page that shows it, and on a page of another origin under a strict policy."""

import functools
import http.server
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.widget import facade as widget
from tests.barriers import find_barriers
from tests.browser import PHONE, watched
from tests.store.conftest import LiveShop

HOST_PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>A shop</title>
<script src="{store}/static/design/dist/widget.js" defer></script></head>
<body><main><h1>A shop</h1><regulars-widget token-url="/token"></regulars-widget></main></body></html>"""

# A browser and two servers each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class ShopSite:
    """A shop's own site on another port: pages under a strict policy, and a backend that signs tokens."""

    store: str
    member: str | None = None
    language: str = "en"
    life: int = 300
    issued: int = 0
    origin: str = ""
    pem: str = ""
    kid: str = ""
    asked: list[str] = field(default_factory=list)

    def token(self) -> str | None:
        if self.member is None:
            return None
        self.issued += 1
        now = int(utc_now().timestamp())
        claims = {"sub": self.member, "iss": self.origin, "aud": widget.AUDIENCE}
        times = {"iat": now - 400 + self.life, "exp": now + self.life} if self.life < 0 else {
            "iat": now, "exp": now + self.life
        }  # fmt: skip
        return jwt.encode(claims | times, self.pem, algorithm="EdDSA", headers={"kid": self.kid})


class _Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, site: ShopSite, *args: Any) -> None:
        self.site = site
        super().__init__(*args)

    def do_GET(self) -> None:
        if self.path == "/token":
            token = self.site.token()
            self._answer(
                200 if token else 204, "application/json", json.dumps({"token": token}) if token else ""
            )
        elif self.path == "/":
            page = HOST_PAGE.format(store=self.site.store, language=self.site.language)
            self._answer(200, "text/html; charset=utf-8", page)
        else:
            self._answer(204, "text/plain", "")

    def _answer(self, status: int, kind: str, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header(
            "Content-Security-Policy",
            f"default-src 'none'; script-src {self.site.store}; connect-src 'self' {self.site.store}",
        )
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def site(live_shop: LiveShop) -> Iterator[ShopSite]:
    site = ShopSite(live_shop.url)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.origin = f"http://127.0.0.1:{server.server_port}"
    key, site.pem = widget.make_widget_key(actor=SYSTEM, now=utc_now(), label="Shop")
    site.kid = key.kid
    widget.allow_sites(actor=SYSTEM, now=utc_now(), origins=[site.origin])
    yield site
    server.shutdown()
    server.server_close()


def test_a_shop_shows_its_members_their_points(live_shop: LiveShop, site: ShopSite, page: Page) -> None:
    """Signed out, signed in, renewed, in Russian, in the dark: under a policy without inline style."""
    page.goto(site.origin)
    region = page.get_by_role("group", name="Linden Market: your points")
    expect(region.get_by_role("link", name="Sign in")).to_have_attribute("href", f"{live_shop.url}/sign-in/")
    site.member = str(live_shop.shop.anna)
    page.evaluate("document.querySelector('regulars-widget').refresh()")
    points = ledger.get_balance(live_shop.shop.anna, utc_now()).active
    expect(page.get_by_role("group", name=f"You have {points:,} points")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(f"You have {points:,} points")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("link", name="Open the store")).to_have_attribute("href", f"{live_shop.url}/")
    for scheme in ("light", "dark"):
        page.evaluate(f"document.querySelector('regulars-widget').setAttribute('theme', '{scheme}')")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    # A callback takes the place of the address, and is asked anew when a token has run out on its way.
    issued = site.issued
    page.evaluate(
        """(origin) => { const shown = document.querySelector("regulars-widget"); window.times = 0;
        shown.getToken = async () => { window.times += 1;
          return (await (await fetch("/token")).json()).token; };
        shown.lang = "ru"; }""",
        site.origin,
    )
    expect(page.get_by_role("group", name=re.compile("балл"))).to_be_visible()
    assert page.evaluate("window.times") == site.issued - issued >= 1
    assert page.context.cookies() == []


def test_what_goes_wrong_is_said_and_can_be_tried_again(
    live_shop: LiveShop, site: ShopSite, browser: Browser
) -> None:
    """The browser itself complains of refusals on its console; the page does of nothing else."""
    site.member, site.life = str(live_shop.shop.anna), -100
    with watched(browser.new_context(reduced_motion="reduce")) as (page, complaints):
        page.goto(site.origin)
        expect(page.get_by_role("status")).to_have_text("Your points could not be loaded.")
        assert site.issued == 2  # the first had run out; the second had, too
        site.life = 300
        retry = page.get_by_role("button", name="Try again")
        retry.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("group", name="You have ")).to_be_visible()
        widget.allow_sites(actor=SYSTEM, now=utc_now(), origins=["https://elsewhere.example"])
        page.reload()
        expect(page.get_by_role("status")).to_have_text("Your points could not be loaded.")
        assert "points" not in (page.get_by_role("group").inner_text().replace("Your points", ""))
        refusals = [
            one for one in complaints if "401" in one or "403" in one or "CORS" in one or "ERR_FAILED" in one
        ]
        assert refusals == complaints


def test_pages_of_the_widget_and_of_numbers_have_no_barriers(
    live_shop: LiveShop, browser: Browser, settings: Any
) -> None:
    settings.DEMO_MODE = True
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    with watched(context) as (page, complaints):
        page.goto(f"{live_shop.url}/widget/demo/")
        expect(page.get_by_role("progressbar").first).to_be_visible()
        live_shop.let_in(context, live_shop.shop.anna)
        found = find_barriers(page, "demo")
        page.goto(f"{live_shop.url}/profile/")
        page.get_by_text("telephone number").first.click()
        page.get_by_label("Telephone number").fill("+442079460018")
        found += find_barriers(page, "number")
        page.get_by_role("button", name="Send the code").last.click()
        expect(page.get_by_role("button", name="Make it my number")).to_be_visible()
        found += find_barriers(page, "code")
    assert found == []
    assert not complaints, complaints
