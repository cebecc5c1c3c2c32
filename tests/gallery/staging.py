"""Sets the stage: what the year of purchases does not hold by itself, once for each data directory.

Everything goes through the operations that the pages call, under keys or after a look, so that a second run
finds what the first one made.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pyotp

from regulars.activity import facade as activity
from regulars.catalogue import facade as catalogue
from regulars.demo import facade as demo
from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Role
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.redemption import facade as redemption
from regulars.redemption.facade import QueueFilter, QueueStatus
from regulars.rules import facade as rules
from regulars.widget import facade as widget
from tests.gallery.desk_pages import COLLEAGUE_PASSWORD

# One in the middle, who has something to have now and something to save for; and one to be merged into.
MEMBER, TWIN = "household-526@example.com", "household-149@example.com"
CODE_REWARD, GOODS_REWARD = "save-2", "loaf"
COLLEAGUES = (
    ("mara@example.com", "Mara Lindt", Role.MARKETER),
    ("tomas@example.com", "Tomás Herrera", Role.SUPPORT),
    ("ines@example.com", "Inês Duarte", Role.FINANCE),
    ("dev@example.com", "Yuki Tanaka", Role.DEVELOPER),
    ("board@example.com", "Olga Petrova", Role.READ_ONLY),
)
INVITED = "new.colleague@example.com"
# Two promises get worse, one gets better: what the warning before publishing is for.
CHANGES = (("months = 12\n\n[returns]", "months = 9\n\n[returns]"), ("factor = 2\n", "factor = 1.5\n"))


def set_stage() -> dict[str, str]:
    """Make what is missing, and tell the numbers and codes that the addresses need."""
    now = utc_now()
    report = demo.load_demo(now=now)
    owner = identity.find_operator(report.operator.email)
    assert owner is not None
    member, twin = _find_member(MEMBER), _find_member(TWIN)
    scene = {
        "owner_email": report.operator.email,
        "owner_password": report.operator.password or "",
        "member": str(member.id),
        "member_email": member.email or "",
        "twin_number": twin.external_id,
    }
    _forget_sign_ins(scene)
    scene |= _fill_team(owner, now)
    scene |= _redeem(owner, member.id, now)
    scene |= _find_points(member.id, now)
    scene |= _begin_draft(owner, now)
    scene |= _make_keys(owner, now)
    return scene


def _find_member(email: str) -> members.MemberProfile:
    found = members.find_member(members.IdentityKind.EMAIL, email)
    assert found is not None, email
    return found


def _forget_sign_ins(scene: Mapping[str, str]) -> None:
    """Every run signs in anew; the limits of an hour are for others."""
    from regulars.store.views import codes  # needs Django's views, which the test of the list does not

    pair = f"127.0.0.1 {scene['member_email']}"
    for limit, subject in (
        (codes.CODES_BY_PAIR, pair),
        (codes.TRIES_BY_PAIR, pair),
        (codes.CODES_BY_EMAIL, scene["member_email"]),
        (codes.TRIES_BY_EMAIL, scene["member_email"]),
        (codes.CODES_BY_ADDRESS, "127.0.0.1"),
    ):
        identity.forget_attempts(limit=limit, subject=subject)


def _fill_team(owner: OperatorInfo, now: datetime) -> dict[str, str]:
    for email, name, role in COLLEAGUES:
        if identity.find_operator(email) is None:
            identity.create_operator(
                actor=owner.actor, now=now, email=email, name=name, role=role, password=COLLEAGUE_PASSWORD
            )
    colleague = identity.find_operator(COLLEAGUES[1][0])
    assert colleague is not None
    if identity.get_two_factor(colleague.id).totp_since is None:
        begun = identity.begin_totp(operator_id=colleague.id, shop="Maple Street Market", now=now)
        identity.confirm_totp(
            actor=colleague.actor, operator_id=colleague.id, code=pyotp.TOTP(begun.secret).at(now), now=now
        )
    terms: dict[str, Any] = {"actor": owner.actor, "now": now, "link_of": str, "shop": "Maple Street Market"}
    waiting = next((one for one in identity.list_invitations() if one.email == INVITED), None)
    if waiting is None:
        waiting, token, _sent = identity.invite_operator(
            email=INVITED, name="Robin Achebe", role=Role.MARKETER, **terms
        )
    else:
        waiting, token, _sent = identity.resend_invitation(number=waiting.number, **terms)
    return {
        "colleague": str(colleague.id),
        "colleague_email": colleague.email,
        "invitation": str(waiting.number),
        "invitation_token": token,
    }


def _redeem(owner: OperatorInfo, member_id: MemberId, now: datetime) -> dict[str, str]:
    """A code at once, goods that wait, and two of a kind of which one was handed over."""
    actor = Actor(ActorKind.MEMBER, str(member_id))
    programme = rules.get_current_programme(now)
    viewer = redemption.load_viewer(member_id=member_id, programme=programme, now=now)
    offers = catalogue.list_rewards(viewer=viewer, size=100).items
    taken = {}
    for key, reward, units in (
        ("redemption_code", CODE_REWARD, 1),
        ("redemption_goods", GOODS_REWARD, 1),
        ("redemption_part", "coffee", 2),
    ):
        taken[key] = redemption.redeem_reward(
            actor=actor,
            now=now,
            member_id=member_id,
            reward_code=reward,
            units=units,
            idempotency_key=f"gallery-{reward}",
        )
    redemption.hand_over(
        actor=owner.actor,
        now=now,
        redemption_id=taken["redemption_part"].id,
        units=1,
        idempotency_key="gallery-part",
    )
    redemption.write_note(
        actor=owner.actor,
        now=now,
        redemption_id=taken["redemption_goods"].id,
        text="Will come on Friday after five; keep a rye one.",
        idempotency_key="gallery-note",
    )
    points = ledger.get_balance(member_id, now).active
    far = min((one for one in offers if one.price_points > points), key=lambda one: one.price_points)
    redemption.set_goal(actor=actor, now=now, member_id=member_id, reward_code=far.code)
    members.write_note(
        actor=owner.actor,
        now=now,
        member_id=member_id,
        text="Prefers to be called in the evening. Has asked about the tasting.",
        idempotency_key="gallery-note",
    )
    queue = redemption.list_queue(status=QueueStatus.TO_DO, wanted=QueueFilter(), size=4).items
    return {key: str(view.id) for key, view in taken.items()} | {
        "reward": "cake-slice",
        "reward_goods": GOODS_REWARD,
        "reward_short": far.code,
        "packing": urlencode([("id", view.id) for view in queue]),
        "pool": "save-2",
    }


def _find_points(member_id: MemberId, now: datetime) -> dict[str, str]:
    """The latest order that earned, and its entry."""
    orders = activity.list_orders(member_id=member_id, size=20).items
    earned = ledger.list_entries(member_id, kinds=[ledger.EntryKind.EARN]).items
    biggest = max(orders, key=lambda order: order.amount)
    return {"order": str(biggest.id), "entry": str(earned[0].seq)}


def _begin_draft(owner: OperatorInfo, now: datetime) -> dict[str, str]:
    version = rules.list_versions()[0]
    if rules.find_draft() is None:
        text = version.text
        for before, after in CHANGES:
            assert before in text, before
            text = text.replace(before, after, 1)
        draft = rules.begin_draft(actor=owner.actor, now=now)
        rules.save_draft(actor=owner.actor, now=now, text=text, revision=draft.revision)
    return {"version": str(version.number)}


def _make_keys(owner: OperatorInfo, now: datetime) -> dict[str, str]:
    if not identity.list_api_keys():
        for label, scopes in (
            ("Tills", ["orders:write", "redemptions:write"]),
            ("Online shop", ["members:read", "members:write", "orders:write"]),
        ):
            identity.issue_api_key(actor=owner.actor, now=now, label=label, scopes=scopes)
    if not widget.list_widget_keys():
        widget.make_widget_key(actor=owner.actor, now=now, label="Online shop")
    return {"key": str(identity.list_api_keys()[0].id), "widget_key": widget.list_widget_keys()[0].kid}
