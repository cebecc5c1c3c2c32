"""How the pages look, and whether everyone can use them: screenshots and accessibility, light and dark."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.redemption import facade as redemption
from tests.browser import DESKTOP, PHONE, watched
from tests.store.conftest import LiveShop

# A browser, a server and a year of purchases: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = {"desktop": DESKTOP, "phone": PHONE}
AXE_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def redeem_some(live_shop: LiveShop) -> dict[str, int]:
    """A code to show, goods to pick up, and one taken back."""
    anna = live_shop.shop.anna
    actor = Actor(ActorKind.MEMBER, str(anna))
    done = {}
    for reward in ("coffee", "loaf", "food-bank"):
        done[reward] = redemption.redeem_reward(
            actor=actor, now=utc_now(), member_id=anna, reward_code=reward, idempotency_key=f"{reward}-1"
        ).id
    back = redemption.redeem_reward(
        actor=actor, now=utc_now(), member_id=anna, reward_code="loaf", idempotency_key="loaf-2"
    )
    redemption.cancel_redemption(actor=actor, now=utc_now(), redemption_id=back.id)
    return done


def list_pages(live_shop: LiveShop) -> dict[str, str]:
    done = redeem_some(live_shop)
    return {
        "home": "/",
        "rewards": "/rewards/",
        "rewards-none": "/rewards/?q=bicycle",
        "reward": "/rewards/coffee/",
        "reward-short": "/rewards/gift-card/",
        "reward-closed": "/rewards/tasting/",
        "redeem": "/rewards/flowers/redeem/",
        "my-rewards": "/my-rewards/",
        "my-rewards-none": "/my-rewards/?show=expired",
        "redemption": f"/my-rewards/{done['coffee']}/?new=yes",
        "redemption-goods": f"/my-rewards/{done['loaf']}/",
        "cancel": f"/my-rewards/{done['loaf']}/cancel/",
        "history": "/history/",
        "entry": "/history/1/",
        "rewards-filtered": "/rewards/?price=500&tier=gold",
        "status": "/status/",
        "profile": "/profile/",
        "how-it-works": "/how-it-works/",
        "about-the-data": "/about-the-data/",
        "not-found": "/nothing/",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_of_a_member_look_right_and_have_no_barriers(
    *, live_shop: LiveShop, browser: Browser, tmp_path: Path, settings: object, size: str, scheme: str
) -> None:
    settings.DEMO_MODE = True  # type: ignore[attr-defined]
    context = browser.new_context(viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce")
    live_shop.let_in(context, live_shop.shop.anna)
    findings = []
    with watched(context) as (page, complaints):
        for name, address in list_pages(live_shop).items():
            page.goto(live_shop.url + address)
            page.screenshot(path=tmp_path / f"{name}.{size}.{scheme}.png", full_page=True)
            found = Axe().run(page, options=AXE_OPTIONS)
            if found.violations_count:
                findings.append(f"{name}: {found.generate_report()}")
            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if wider > 0:
                findings.append(f"{name}: {wider} pixels wider than the screen")
        page.goto(f"{live_shop.url}/rewards/")
        page.get_by_role("link", name="Redeem A fresh loaf").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.screenshot(path=tmp_path / f"dialog.{size}.{scheme}.png")
        if (found := Axe().run(page, options=AXE_OPTIONS)).violations_count:
            findings.append(f"dialog: {found.generate_report()}")
    assert findings == []
    assert [text for text in complaints if "404" not in text] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_a_stranger_look_right_and_have_no_barriers(
    live_shop: LiveShop, browser: Browser, tmp_path: Path, settings: object, scheme: str
) -> None:
    settings.DEMO_MODE = True  # type: ignore[attr-defined]
    findings = []
    for size, viewport in SIZES.items():
        context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        with watched(context) as (page, complaints):
            for name, address in {"welcome": "/", "sign-in": "/sign-in/", "how": "/how-it-works/"}.items():
                page.goto(live_shop.url + address)
                page.screenshot(path=tmp_path / f"{name}.{size}.{scheme}.png", full_page=True)
                found = Axe().run(page, options=AXE_OPTIONS)
                if found.violations_count:
                    findings.append(f"{name}: {found.generate_report()}")
            page.goto(f"{live_shop.url}/sign-in/")
            page.get_by_label("E-mail address").fill("anna@example.org")
            page.get_by_role("button", name="Send me a code").click()
            page.screenshot(path=tmp_path / f"code.{size}.{scheme}.png", full_page=True)
            found = Axe().run(page, options=AXE_OPTIONS)
            if found.violations_count:
                findings.append(f"code: {found.generate_report()}")
        assert complaints == []
    assert findings == []
