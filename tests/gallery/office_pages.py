"""The console's pages of the programme, the team and the shop; and the page of components."""

from playwright.sync_api import Page, expect

from tests.gallery.shots import Group, Scene, Shot, Who

REPORT_MS = 60_000


def wait_for_report(page: Page, scene: Scene) -> None:
    """Large books are added up by a job; the page asks again by itself until they are."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=REPORT_MS)


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
            minor=True,
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
            minor=True,
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
            "point-cost",
            "console:point_cost",
            "/console/finance/cost/",
            "What a point was reckoned at, and the next cost",
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
OFFICE_GROUPS = (PROGRAMME, TEAM, SHOP, DESIGN)
