"""The console's pages, as those who work there walk through them."""

from playwright.sync_api import Page, expect

from tests.gallery.shots import Group, Scene, Shot, Who

COLLEAGUE_PASSWORD = "maple-street-lamp-9"
REPORT_MS = 60_000


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


def wait_for_report(page: Page, scene: Scene) -> None:
    """Large books are added up by a job; the page asks again by itself until they are."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=REPORT_MS)


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
PROGRAMME = Group(
    "console-programme",
    "The console: the programme",
    "The rules as forms and as text, what they mean, and a warning before a promise gets worse.",
    Who.OPERATOR,
    (
        Shot("programme", "console:programme", "/console/programme/", "Versions, and the draft"),
        Shot(
            "draft",
            "console:programme_draft",
            "/console/programme/draft/",
            "The draft as forms, beside what it means",
        ),
        Shot(
            "draft-rule",
            "console:programme_part",
            "/console/programme/draft/part/earn:fresh/",
            "A rule as a form",
        ),
        Shot(
            "draft-add",
            "console:programme_add",
            "/console/programme/draft/add/earn/",
            "A new rule: first its kind",
            minor=True,
        ),
        Shot(
            "draft-text",
            "console:programme_text",
            "/console/programme/draft/text/",
            "The draft as text, with its meaning as one types",
        ),
        Shot(
            "review",
            "console:programme_review",
            "/console/programme/draft/review/",
            "Before publishing: which promises get worse, and for whom",
        ),
        Shot(
            "basket",
            "console:programme_basket",
            "/console/programme/basket/?order={order}",
            "A real basket tried: what it earns in force and under the draft, and why",
        ),
        Shot(
            "basket-outcome",
            "console:programme_basket",
            "/console/programme/basket/?order={order}",
            "What that basket earns, rule by rule",
            look_at="#result",
        ),
        Shot(
            "discard",
            "console:programme_discard",
            "/console/programme/draft/discard/",
            "Throwing the draft away",
            minor=True,
        ),
        Shot(
            "version",
            "console:version",
            "/console/programme/{version}/",
            "A version that was published: what it says",
            minor=True,
        ),
        Shot(
            "restore",
            "console:programme_restore",
            "/console/programme/{version}/restore/",
            "Publishing an old version again",
            minor=True,
        ),
    ),
)
TEAM = Group(
    "console-team",
    "The console: team and trail",
    "Who works here and may do what, two-factor sign-in, keys of programs, and a record of everything.",
    Who.OPERATOR,
    (
        Shot("team", "console:team", "/console/team/", "The team, and who is invited"),
        Shot("roles", "console:team_roles", "/console/team/roles/", "Who may do what, as the policies say"),
        Shot(
            "two-step",
            "console:team_rules",
            "/console/team/two-step/",
            "Who must have a second factor",
            minor=True,
        ),
        Shot("team-invite", "console:team_invite", "/console/team/new/", "Inviting a colleague", minor=True),
        Shot(
            "team-change",
            "console:team_change",
            "/console/team/{colleague}/",
            "A colleague: role, sessions",
            minor=True,
        ),
        Shot(
            "team-two-factor",
            "console:team_two_factor",
            "/console/team/{colleague}/two-step/",
            "Resetting a colleague's second factor",
            minor=True,
        ),
        Shot(
            "team-invitation-revoke",
            "console:invitation_revoke",
            "/console/team/invitations/{invitation}/revoke/",
            "Withdrawing an invitation",
            minor=True,
        ),
        Shot(
            "invitation",
            "console:invitation",
            "/console/invitation/{invitation_token}/",
            "An invitation, as the colleague sees it",
            who=Who.STRANGER,
            minor=True,
        ),
        Shot("account", "console:account", "/console/account/", "One's own account", minor=True),
        Shot(
            "account-password",
            "console:account_password",
            "/console/account/password/",
            "Changing the password",
            minor=True,
        ),
        Shot(
            "account-sessions",
            "console:account_sessions",
            "/console/account/sessions/",
            "Where one is signed in",
            minor=True,
        ),
        Shot(
            "account-security",
            "console:account_two_factor",
            "/console/account/security/",
            "How one signs in",
            minor=True,
        ),
        Shot(
            "enrolment",
            "console:account_totp",
            "/console/account/security/app/",
            "Setting up an authenticator app",
        ),
        Shot(
            "passkey",
            "console:account_passkey",
            "/console/account/security/passkey/",
            "Adding a passkey",
            minor=True,
        ),
        Shot("keys", "console:keys", "/console/keys/", "API keys: scopes and last use"),
        Shot(
            "key-new",
            "console:key_issue",
            "/console/keys/new/",
            "A new key, with the scopes it needs",
            minor=True,
        ),
        Shot(
            "key-rotate", "console:key_rotate", "/console/keys/{key}/rotate/", "Replacing a key", minor=True
        ),
        Shot("key-revoke", "console:key_revoke", "/console/keys/{key}/revoke/", "Revoking a key", minor=True),
        Shot("trail", "console:trail", "/console/trail/", "The audit trail, with search"),
    ),
)
SHOP = Group(
    "console-shop",
    "The console: finance, brand, widget",
    "What is owed in points and why, the shop's own face, and the snippet for its own site.",
    Who.OPERATOR,
    (
        Shot(
            "finance", "console:finance", "/console/finance/", "What is owed in points", act=wait_for_report
        ),
        Shot(
            "movements",
            "console:movements",
            "/console/finance/movements/",
            "What moved, and that it adds up",
            act=wait_for_report,
        ),
        Shot(
            "brand",
            "console:brand",
            "/console/brand/",
            "The shop's brand, with contrast checked as one chooses",
        ),
        Shot("widget", "console:widget", "/console/widget/", "The widget: its snippet, sites and keys"),
        Shot(
            "widget-key-new",
            "console:widget_key_new",
            "/console/widget/keys/new/",
            "A new key for the widget",
            minor=True,
        ),
        Shot(
            "widget-key-replace",
            "console:widget_key_rotate",
            "/console/widget/keys/{widget_key}/replace/",
            "Replacing a key of the widget",
            minor=True,
        ),
        Shot(
            "widget-key-revoke",
            "console:widget_key_revoke",
            "/console/widget/keys/{widget_key}/revoke/",
            "Revoking a key of the widget",
            minor=True,
        ),
    ),
)
DESIGN = Group(
    "design",
    "The design system",
    "The living page of components, each in every state.",
    Who.STRANGER,
    (
        Shot("components", "design:components", "/design/", "Colours, type, and the components"),
        Shot(
            "buttons",
            "design:components",
            "/design/#button",
            "Buttons in every state",
            look_at="#button",
            minor=True,
        ),
        Shot(
            "fields",
            "design:components",
            "/design/#field",
            "Fields in every state",
            look_at="#field",
            minor=True,
        ),
    ),
)
CONSOLE_GROUPS = (MEMBERS, REWARDS, PROGRAMME, TEAM, SHOP, DESIGN)
