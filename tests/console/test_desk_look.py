"""Seeing what a member sees: every page opens, nothing can be changed, and it never outlives the operator."""

import re
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import InternalError, connection, transaction
from django.test import Client
from django.urls import reverse

from regulars.delivery.models import Email
from regulars.identity.facade import Role
from regulars.identity.models import MemberSession
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import LOOK_LASTS
from regulars.members.looking import LOOK
from regulars.redemption import facade as redemption
from regulars.store import looking, visits
from regulars.store import urls as store_urls
from regulars.trail import facade as trail
from tests.console.conftest import Staffed

ROOMS = (
    "recommend",
    "members",
    "ledger",
    "redemption",
    "catalogue",
    "earning",
    "activity",
    "tiers",
    "delivery",
    "identity",
)
CLOSED = ("/history/statement/", "/profile/my-data.json")


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def everything() -> dict[str, Any]:
    """Every row of every room, as the database writes it."""
    found = {}
    with connection.cursor() as cursor:
        for room in ROOMS:
            for model in apps.get_app_config(room).get_models():
                table = model._meta.db_table
                rows = "coalesce(string_agg(t::text, '|' ORDER BY t::text), '')"
                cursor.execute(f"SELECT md5({rows}) FROM {table} t")
                found[table] = cursor.fetchone()
    return found


def take(member_id: MemberId) -> redemption.RedemptionView:
    return redemption.redeem_reward(
        actor=Actor(ActorKind.MEMBER, str(member_id)), now=utc_now(), member_id=member_id,
        reward_code="coffee", idempotency_key=str(uuid4()),
    )  # fmt: skip


def list_addresses(taken: redemption.RedemptionView) -> list[str]:
    """Every address of the store, with something that is there in it."""
    values = {"code": "loaf", "redemption_id": taken.id, "seq": 1, "name": "coffee"}
    found = []
    for pattern in store_urls.urlpatterns:
        names = pattern.pattern.converters
        found.append(reverse(f"store:{pattern.name}", kwargs={name: values[name] for name in names}))
    return found


def begin(client: Client, member_id: MemberId) -> None:
    answer = client.post(f"/console/members/{member_id}/look/")
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.slow  # Every address of the store, three times each.
def test_every_page_opens_and_nothing_can_be_changed(staffed: Staffed, support: Client) -> None:
    taken = take(staffed.shop.anna)
    begin(support, staffed.shop.anna)
    home = words(support.get("/").content)
    assert "You see what Anna Lindqvist sees." in home
    assert "Stop looking" in home
    before = everything()
    opened = 0
    for address in list_addresses(taken):
        shown = support.get(address)
        closed = {403} if address in CLOSED else set()
        assert shown.status_code in (closed or {200, 302, 404, 405}), address
        opened += shown.status_code == 200
        for method in ("post", "delete"):
            refused = getattr(support, method)(address, {"key": str(uuid4()), "confirm": "yes"})
            assert refused.status_code == 403, (method, address)
            assert "Nothing can be changed here, and nothing was." in words(refused.content)
    assert opened > 15
    assert everything() == before
    assert MemberSession.objects.count() == 0


def test_the_gate_refuses_without_the_method_and_the_database_without_the_gate(
    staffed: Staffed, support: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the three holds alone; with none of them the redemption would happen: the control."""
    anna = staffed.shop.anna
    begin(support, anna)
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "RefuseWhileLooking" not in one]
    gated = Client()
    gated.cookies = support.cookies
    redeem = {"key": str(uuid4())}
    before = everything()
    assert gated.post("/rewards/loaf/redeem/", redeem).status_code == 403
    monkeypatch.setattr(visits, "is_open", lambda _request: True)
    # Every operation is a transaction of its own and starts within no other.
    with pytest.raises(RuntimeError, match="durable"):
        gated.post("/rewards/loaf/redeem/", redeem)
    assert everything() == before
    monkeypatch.setattr(visits, "read_only", lambda _stack: None)
    gated.post("/rewards/loaf/redeem/", redeem)
    assert everything() != before


def test_it_is_recorded_and_ends_by_the_button(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    begin(support, anna)
    answer = support.post("/console/look/end/")
    assert answer["Location"] == f"/console/members/{anna}/"
    assert "You see what Anna" not in words(support.get("/").content)
    actor = staffed.staff[Role.SUPPORT].actor
    lines = [(line.action, line.actor) for line in trail.list_audit(subject=f"member:{anna}", size=2).items]
    assert lines == [("member.look_ended", actor), ("member.look_began", actor)]
    support.post("/console/look/end/")
    assert len(trail.list_audit(action="member.look_ended").items) == 1


def set_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(visits, "utc_now", lambda: now)


def test_it_ends_by_itself_and_takes_the_browsers_own_sign_in_along(
    staffed: Staffed, support: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = staffed.shop.anna
    begin(support, anna)
    set_clock(monkeypatch, utc_now() + LOOK_LASTS - timedelta(seconds=5))
    assert "You see what Anna" in words(support.get("/").content)
    set_clock(monkeypatch, utc_now() + LOOK_LASTS + timedelta(seconds=5))
    before = everything()
    # A page that is still open from before can do nothing either.
    assert support.post("/rewards/loaf/redeem/", {"key": str(uuid4())}).status_code == 403
    page = words(support.get("/").content)
    assert "Anna" not in page
    assert LOOK not in support.session
    assert everything() == before


def test_it_is_worth_nothing_without_the_operators_sign_in(staffed: Staffed, support: Client) -> None:
    begin(support, staffed.shop.anna)
    # Whoever takes the mark alone, into a session of their own, sees nothing.
    thief = Client()
    thief.get("/sign-in/")
    session = thief.session
    session[LOOK] = support.session[LOOK]
    session.save()
    thief.cookies["sessionid"] = session.session_key
    assert "Anna" not in words(thief.get("/").content)
    other = staffed.client(Role.OWNER)
    session = other.session
    session[LOOK] = support.session[LOOK]
    session.save()
    assert "Anna" not in words(other.get("/").content)
    support.post("/console/sign-out/")
    assert "Anna" not in words(support.get("/").content)


def test_nobody_looks_as_whom_was_forgotten(staffed: Staffed, support: Client) -> None:
    anna, ben = staffed.shop.anna, staffed.shop.ben
    begin(support, anna)
    members.erase_member(actor=SYSTEM, now=utc_now(), member_id=anna, reason="asked for it")
    members.erase_member(actor=SYSTEM, now=utc_now(), member_id=ben, reason="asked for it")
    assert "You see what Anna" not in words(support.get("/").content)
    assert support.post(f"/console/members/{ben}/look/").status_code == 409
    assert LOOK not in support.session


def test_the_console_goes_on_while_one_looks(staffed: Staffed, support: Client) -> None:
    begin(support, staffed.shop.anna)
    note = {"text": "Sees the wrong price.", "key": str(uuid4())}
    assert support.post(f"/console/members/{staffed.shop.anna}/notes/", note).status_code == 302
    assert len(members.list_notes(staffed.shop.anna)) == 1


def test_the_database_itself_refuses_and_may_write_again_afterwards(db: None) -> None:
    with transaction.atomic():
        with ExitStack() as stack:
            looking.read_only(stack)
            with pytest.raises(InternalError, match="read-only transaction"), transaction.atomic():
                Email.objects.update(recipient="x@example.org")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE delivery_email SET recipient = recipient")
