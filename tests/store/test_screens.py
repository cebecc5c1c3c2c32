"""Whether everyone can use the pages: no barriers, wide and narrow, light and dark."""

import pytest
from playwright.sync_api import Browser, expect

from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.redemption import facade as redemption
from tests.barriers import find_barriers
from tests.browser import DESKTOP, watched
from tests.store.conftest import LiveShop

# A browser, a server and a year of purchases: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


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


def test_pages_of_a_member_have_no_barriers(live_shop: LiveShop, browser: Browser, settings: object) -> None:
    settings.DEMO_MODE = True  # type: ignore[attr-defined]
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    live_shop.let_in(context, live_shop.shop.anna)
    findings = []
    with watched(context) as (page, complaints):
        for name, address in list_pages(live_shop).items():
            page.goto(live_shop.url + address)
            findings += find_barriers(page, name)
        page.goto(f"{live_shop.url}/rewards/")
        page.get_by_role("link", name="Redeem A fresh loaf").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        findings += find_barriers(page, "dialog")
    assert findings == []
    assert [text for text in complaints if "404" not in text] == []


def test_pages_of_a_stranger_have_no_barriers(
    live_shop: LiveShop, browser: Browser, settings: object
) -> None:
    settings.DEMO_MODE = True  # type: ignore[attr-defined]
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    findings = []
    with watched(context) as (page, complaints):
        for name, address in {"welcome": "/", "how": "/how-it-works/", "sign-in": "/sign-in/"}.items():
            page.goto(live_shop.url + address)
            findings += find_barriers(page, name)
        page.get_by_label("E-mail address").fill("anna@example.org")
        page.get_by_role("button", name="Send me a code").click()
        expect(page.get_by_label("Six digits")).to_be_visible()
        findings += find_barriers(page, "code")
    assert complaints == []
    assert findings == []
