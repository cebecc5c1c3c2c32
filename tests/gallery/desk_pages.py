"""The console's pages of members, rewards and fulfilment, as those who work there walk through them."""

from playwright.sync_api import Page, expect

from tests.gallery.shots import Group, Scene, Shot, Who

COLLEAGUE_PASSWORD = "maple-street-lamp-9"


def sign_in_as_colleague(page: Page, scene: Scene) -> None:
    page.get_by_label("E-mail").fill(scene["colleague_email"])
    page.get_by_label("Password").fill(COLLEAGUE_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()


def open_palette(page: Page, scene: Scene) -> None:
    page.keyboard.press("Control+k")
    box = page.locator("#palette-q")
    expect(box).to_be_visible()
    box.fill("fr")
    expect(page.locator("#palette-found").get_by_role("option").first).to_be_visible()
    page.wait_for_load_state("networkidle")


def preview_adjustment(page: Page, scene: Scene) -> None:
    page.get_by_label("Points", exact=True).fill("250")
    page.get_by_label("Reason").fill("The till was down on Saturday.")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Give 250 points")).to_be_visible()


def preview_merge(page: Page, scene: Scene) -> None:
    page.locator("#id_into").fill(scene["twin_number"])
    page.get_by_label("Reason").fill("One household with two cards; they asked for one.")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("button[value=confirm]")).to_be_visible()


def choose_some(page: Page, scene: Scene) -> None:
    for box in page.locator("tbody input[type=checkbox]").all()[:3]:
        box.check()


MEMBERS = Group(
    "console-members",
    "The console: members",
    "Finding somebody by anything, explaining any balance, putting it right with a reason.",
    Who.OPERATOR,
    (
        Shot(
            "sign-in", "console:sign_in", "/console/sign-in/", "Signing in to the console", who=Who.STRANGER
        ),
        Shot(
            "second-step",
            "console:sign_in_second",
            "/console/sign-in/",
            "The second step, where there is a second factor",
            act=sign_in_as_colleague,
            who=Who.STRANGER,
        ),
        Shot(
            "members", "console:members", "/console/", "All members: sorted, filtered, with columns of choice"
        ),
        Shot(
            "members-chosen",
            "console:members",
            "/console/",
            "Some of them chosen, to do one thing with all",
            act=choose_some,
            minor=True,
        ),
        Shot(
            "palette",
            "console:search",
            "/console/",
            "The one search, a key away from everywhere",
            act=open_palette,
            on="console:members",
        ),
        Shot(
            "search",
            "console:search",
            "/console/search/?q=fr",
            "The same search as a page of its own",
            minor=True,
        ),
        Shot("member", "console:member", "/console/members/{member}/", "A member: the balance, lot by lot"),
        Shot(
            "member-history", "console:history", "/console/members/{member}/history/", "Their points history"
        ),
        Shot(
            "member-timeline",
            "console:timeline",
            "/console/members/{member}/timeline/",
            "Everything that happened to them, in one line of time",
            minor=True,
        ),
        Shot(
            "member-redemptions",
            "console:redemptions",
            "/console/members/{member}/redemptions/",
            "What they redeemed",
            minor=True,
        ),
        Shot(
            "member-changes",
            "console:changes",
            "/console/members/{member}/trail/",
            "Who changed what about them",
            minor=True,
        ),
        Shot(
            "entry",
            "console:entry",
            "/console/members/{member}/entries/points/{entry}/",
            "An entry explained: which rule gave how much on which line",
        ),
        Shot("order", "console:order", "/console/orders/{order}/", "An order and what it earned", minor=True),
        Shot(
            "adjust",
            "console:adjust",
            "/console/members/{member}/adjust/",
            "Adjusting points: what it means, before it is done",
            act=preview_adjustment,
        ),
        Shot(
            "reverse",
            "console:reverse_award",
            "/console/awards/order/{order}/reverse/",
            "Taking an award back",
            minor=True,
        ),
        Shot(
            "transfer",
            "console:transfer",
            "/console/members/{member}/transfer/",
            "Giving points to somebody else",
            minor=True,
        ),
        Shot(
            "merge",
            "console:merge",
            "/console/members/{member}/merge/",
            "Two members who are one: everything that will move, before it does",
            act=preview_merge,
        ),
        Shot("member-new", "console:member_new", "/console/members/new/", "A new member", minor=True),
        Shot(
            "invite",
            "console:invite",
            "/console/members/{member}/invite/",
            "Inviting them into the store",
            minor=True,
        ),
    ),
)
REWARDS = Group(
    "console-rewards",
    "The console: rewards and fulfilment",
    "What members can have and who can afford it; codes that do not run out; handing it over at the counter.",
    Who.OPERATOR,
    (
        Shot(
            "rewards",
            "console:rewards",
            "/console/rewards/",
            "Rewards: stock, taken, and how many can afford it",
        ),
        Shot(
            "reward",
            "console:reward",
            "/console/reward/{reward_goods}/",
            "The editor, with the card and the page as members will see them",
        ),
        Shot("reward-new", "console:reward_new", "/console/rewards/new/", "A new reward", minor=True),
        Shot(
            "reward-withdraw",
            "console:reward_withdraw",
            "/console/reward/{reward_goods}/withdraw/",
            "Withdrawing one, with what that means for those who hold it",
            minor=True,
        ),
        Shot(
            "reward-archive",
            "console:reward_archive",
            "/console/reward/{reward_goods}/archive/",
            "Archiving one, with what that means",
            minor=True,
        ),
        Shot(
            "codes",
            "console:pools",
            "/console/codes/",
            "Code pools: what is left, and from when it is told",
            minor=True,
        ),
        Shot(
            "code-pool",
            "console:pool",
            "/console/pool/{pool}/",
            "A pool: its codes, uploading, generating",
            minor=True,
        ),
        Shot("code-pool-new", "console:pool_new", "/console/codes/new/", "A new pool", minor=True),
        Shot(
            "fulfilment", "console:fulfilment", "/console/fulfilment/", "What members wait for, oldest first"
        ),
        Shot(
            "packing",
            "console:packing",
            "/console/fulfilment/packing/?{packing}",
            "The packing list, to be printed",
            minor=True,
        ),
        Shot(
            "counter", "console:counter", "/console/fulfilment/counter/", "The counter: scan or type a code"
        ),
        Shot(
            "counter-found",
            "console:counter_found",
            "/console/fulfilment/counter/{redemption_goods}/",
            "Whose it is, and whether it is good",
        ),
        Shot(
            "redemption",
            "console:redemption",
            "/console/redemptions/{redemption_goods}/",
            "One redemption",
            minor=True,
        ),
        Shot(
            "redemption-cancel",
            "console:cancel_redemption",
            "/console/redemptions/{redemption_goods}/cancel/",
            "Cancelling it for the member",
            minor=True,
        ),
        Shot(
            "redemption-rest",
            "console:drop_rest",
            "/console/redemptions/{redemption_part}/rest/",
            "The rest of a redemption in part: it will not come, and its points go back",
            minor=True,
        ),
        Shot(
            "redemptions", "console:all_redemptions", "/console/redemptions/", "All redemptions", minor=True
        ),
    ),
)
DESK_GROUPS = (MEMBERS, REWARDS)
