"""Two-factor sign-in in a real browser, with an authenticator that the browser itself pretends to have."""

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from regulars.identity import facade as identity
from regulars.identity.facade import Role, SignInWay
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from tests.barriers import find_barriers
from tests.browser import DESKTOP, watched
from tests.console.conftest import PASSWORD, LiveConsole

# A browser, a server and a year of purchases: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]
SECURITY = "/console/account/security/"


def plug_in(context: BrowserContext, page: Page) -> None:
    """A device with a fingerprint reader, whose owner always agrees."""
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    traits = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": traits})


def give_password(page: Page, url: str, onward: str = "") -> None:
    page.goto(f"{url}/console/sign-in/{onward}")
    page.get_by_label("E-mail").fill("support@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_passkey_from_being_led_to_it_to_the_open_door(live_console: LiveConsole, browser: Browser) -> None:
    sam = live_console.staffed.staff[Role.SUPPORT]
    identity.require_two_factor(actor=SYSTEM, now=utc_now(), roles=[Role.SUPPORT])
    with watched(browser.new_context(viewport=DESKTOP, reduced_motion="reduce")) as (page, complaints):
        plug_in(page.context, page)
        make_a_passkey(page, live_console.url)
        enter_by_passkey(page, live_console.url)
    assert len(complaints) == 1, complaints
    assert "403" in complaints[0], "the wrong password, which the page has told of"
    held = identity.get_two_factor(sam.id)
    assert held.passkeys[0].last_used_at is not None
    ways = [one.way for one in identity.list_operator_sessions(sam.id, utc_now())]
    assert sorted(ways) == [SignInWay.PASSKEY, SignInWay.PASSKEY, SignInWay.PASSWORD]


def make_a_passkey(page: Page, url: str) -> None:
    give_password(page, url)
    expect(page.get_by_text("Your role needs a second step")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("What shall it be called?").fill("Work laptop")
    page.get_by_label("Your password").fill("guess")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("This is not your present password.")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("The passkey “Work laptop” is yours.")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 codes left")).to_be_visible()
    page.get_by_role("link", name="Members").first.click()
    expect(page.get_by_role("link", name="Anna Lindqvist")).to_be_visible()


def enter_by_passkey(page: Page, url: str) -> None:
    page.context.clear_cookies()
    give_password(page, url)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("link", name="Anna Lindqvist")).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{url}/console/sign-in/?next={SECURITY}")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(url + SECURITY)


def list_pages(live_console: LiveConsole) -> dict[str, str]:
    """Everything new, with something on it: an invitation, a key that ends, an app in use by a colleague."""
    now, staff = utc_now(), live_console.staffed.staff
    sam = staff[Role.SUPPORT]
    secret = identity.begin_totp(operator_id=sam.id, shop="x", now=now).secret
    identity.confirm_totp(actor=SYSTEM, operator_id=sam.id, code=pyotp.TOTP(secret).at(now), now=now)
    by = {"actor": staff[Role.OWNER].actor, "now": now}
    _sent, token, _mailed = identity.invite_operator(
        **by, email="nia@example.org", name="", role=Role.SUPPORT, link_of=str, shop="x"
    )
    key, _secret = identity.issue_api_key(**by, label="Till", scopes=["orders:write"])
    return {
        "team": "/console/team/",
        "roles": "/console/team/roles/",
        "rules": "/console/team/two-step/",
        "colleague": f"/console/team/{sam.id}/",
        "reset": f"/console/team/{sam.id}/two-step/",
        "invitation": f"/console/invitation/{token}/",
        "keys": "/console/keys/",
        "replace": f"/console/keys/{key.id}/rotate/",
        "account": "/console/account/",
        "security": SECURITY,
        "app": SECURITY + "app/",
        "passkey": SECURITY + "passkey/",
        "password": "/console/account/password/",
        "sessions": "/console/account/sessions/",
    }


def test_the_pages_of_the_team_and_the_account_have_no_barriers(
    live_console: LiveConsole, browser: Browser
) -> None:
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    pages = list_pages(live_console)
    live_console.let_in(context, Role.OWNER)
    findings = []
    with watched(context) as (page, complaints):
        for name, address in pages.items():
            page.goto(live_console.url + address)
            findings += find_barriers(page, name)
    assert findings == []
    assert complaints == []
