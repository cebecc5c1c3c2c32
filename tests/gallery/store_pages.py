"""The store's pages, as a member walks through them."""

from playwright.sync_api import Page, expect

from tests.gallery.shots import Group, Scene, Shot, Who


def ask_for_a_code(page: Page, scene: Scene) -> None:
    page.get_by_label("E-mail address").fill(scene["member_email"])
    page.get_by_role("button", name="Send me a code").click()
    expect(page.locator("#id_code")).to_be_visible()


def ask_to_redeem(page: Page, scene: Scene) -> None:
    page.get_by_role("main").get_by_role("link", name="Redeem").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def bring_shelves(page: Page, scene: Scene) -> None:
    page.locator(".shelf-slot").scroll_into_view_if_needed()
    page.locator(".shelf-slot .shelves").wait_for()


def ask_why(page: Page, scene: Scene) -> None:
    page.locator(".why summary").nth(1).click()


def wait_for_widgets(page: Page, scene: Scene) -> None:
    page.wait_for_load_state("networkidle")


DOOR = Group(
    "store-door",
    "The store, before one signs in",
    "What somebody sees who comes for the first time, and a way in without a password.",
    Who.STRANGER,
    (
        Shot("welcome", "store:home", "/", "What points are good for, before signing in"),
        Shot("sign-in", "store:sign_in", "/sign-in/", "Signing in: an e-mail address, no password"),
        Shot(
            "sign-in-code",
            "store:sign_in_code",
            "/sign-in/",
            "The code of six digits; in the demonstration it stands on the page",
            act=ask_for_a_code,
        ),
        Shot("join", "store:join", "/join/", "Joining: a name, an address, and nothing ticked"),
        Shot(
            "how-it-works",
            "store:how_it_works",
            "/how-it-works/",
            "The programme in force, as sentences made from its document",
        ),
    ),
)
STORE = Group(
    "store",
    "The store, signed in",
    "What one has, what one can get now, and what is nearly one's own; and every point explained.",
    Who.MEMBER,
    (
        Shot(
            "home", "store:home", "/", "Home: the balance, what it buys now, what is next, and what expires"
        ),
        Shot(
            "home-shelves",
            "store:home",
            "/",
            "Home, further down: products picked for one, fetched when they are about to be seen",
            act=bring_shelves,
            look_at=".shelf-slot",
            minor=True,
        ),
        Shot(
            "for-you",
            "store:for_you",
            "/for-you/",
            "For you: every shelf, and why a product stands there",
            act=ask_why,
            look_at=".shelves",
        ),
        Shot(
            "taste",
            "store:taste",
            "/profile/recommendations/",
            "What is known of one: brands, kinds, purchases, each to be taken out, and a switch for it all",
            minor=True,
        ),
        Shot("rewards", "store:rewards", "/rewards/", "Rewards, by category"),
        Shot(
            "rewards-filtered",
            "store:rewards",
            "/rewards/?price=500&sort=price",
            "Rewards, filtered by what they cost",
            minor=True,
        ),
        Shot("reward", "store:reward", "/rewards/{reward}/", "A reward"),
        Shot(
            "reward-short",
            "store:reward",
            "/rewards/{reward_short}/",
            "A reward that is still some way off: how far, and as a goal to save for",
        ),
        Shot(
            "redeem",
            "store:redeem",
            "/rewards/{reward}/",
            "Redeeming: one question, with what is left afterwards",
            act=ask_to_redeem,
            on="store:reward",
        ),
        Shot(
            "redeemed",
            "store:redemption",
            "/my-rewards/{redemption_code}/?new=yes",
            "Redeemed: the code at once, as a QR code and to be copied",
        ),
        Shot(
            "redeemed-goods",
            "store:redemption",
            "/my-rewards/{redemption_goods}/",
            "Goods to be picked up, with the word for the counter",
            minor=True,
        ),
        Shot(
            "cancel",
            "store:cancel",
            "/my-rewards/{redemption_goods}/cancel/",
            "Taking it back, with the points that come back",
            minor=True,
        ),
        Shot("my-rewards", "store:my_rewards", "/my-rewards/", "My rewards: ready, used, expired"),
        Shot("history", "store:history", "/history/", "History: every entry, with the running balance"),
        Shot(
            "entry", "store:entry", "/history/{entry}/", "An entry explained, line by line and rule by rule"
        ),
        Shot("tiers", "store:tiers", "/status/", "Status: what each tier gives, and what keeps one there"),
        Shot(
            "profile", "store:profile", "/profile/", "Profile: name, contacts, language, consents, sessions"
        ),
        Shot(
            "offline",
            "store:offline",
            "/offline/",
            "Without a connection: the balance as it was last seen, and said so",
        ),
        Shot(
            "about-the-data",
            "store:about_the_data",
            "/about-the-data/",
            "Where the demonstration's data are from",
            minor=True,
        ),
        Shot(
            "widget",
            "store:widget_demo",
            "/widget/demo/",
            "The widget on a shop's own page",
            act=wait_for_widgets,
        ),
    ),
)
STORE_GROUPS = (DOOR, STORE)
