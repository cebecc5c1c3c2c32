"""The desk: points passed on after a look at both sides, notes, somebody new, and invitations."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from regulars.console.views.invite import INVITES_BY_MEMBER
from regulars.delivery.models import Email
from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.members.facade import IdentityKind
from regulars.trail import facade as trail
from tests.console.conftest import Staffed


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def active(member_id: MemberId) -> int:
    return ledger.get_balance(member_id, utc_now()).active


def transfer(client: Client, member_id: MemberId, **fields: str) -> tuple[int, str]:
    told = {
        "to": "ben",
        "points": "40",
        "reason": "They share a card.",
        "key": str(uuid4()),
        "step": "confirm",
    }
    answer = client.post(f"/console/members/{member_id}/transfer/", told | fields)
    return answer.status_code, words(answer.content)


def test_points_are_passed_on_after_a_look_at_both_sides(staffed: Staffed, support: Client) -> None:
    anna, ben = staffed.shop.anna, staffed.shop.ben
    here, there = active(anna), active(ben)
    lots = ledger.list_lots(anna, utc_now())
    key = str(uuid4())
    assert support.get(f"/console/members/{anna}/transfer/").status_code == 200
    status, told = transfer(support, anna, to=f"#{ben}", step="check", key=key)
    assert status == 200
    assert "Pass 40 points on to Ben Okafor?" in told
    assert f"{here:,} {here - 40:,}" in told
    assert f"{there:,} {there + 40:,}" in told
    assert (active(anna), active(ben)) == (here, there)
    for _ in range(2):
        assert transfer(support, anna, to=f"#{ben}", key=key)[0] == 302
    assert (active(anna), active(ben)) == (here - 40, there + 40)
    entry = ledger.list_entries(ben).items[0]
    assert (entry.kind, entry.amount, entry.reason) == ("transfer_in", 40, "They share a card.")
    assert any(lot.expires_at == lots[0].expires_at for lot in ledger.list_lots(ben, utc_now()))
    assert transfer(support, anna, to=f"#{ben}", key=key, points="41")[0] == 409
    assert (active(anna), active(ben)) == (here - 40, there + 40)
    assert ledger.prove().ok


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"to": "nobody"}, 422),
        ({"to": "anna@example.org"}, 422),
        ({"points": "0"}, 422),
        ({"reason": " "}, 422),
        ({"points": "9999999"}, 409),
    ],
)
def test_what_makes_no_sense_moves_nothing(
    staffed: Staffed, support: Client, fields: dict[str, str], status: int
) -> None:
    anna, ben = staffed.shop.anna, staffed.shop.ben
    before = (active(anna), active(ben))
    assert transfer(support, anna, **({"to": f"#{ben}"} | fields))[0] == status
    assert (active(anna), active(ben)) == before


def test_nothing_is_passed_to_or_from_whom_was_forgotten(staffed: Staffed, support: Client) -> None:
    anna, ben = staffed.shop.anna, staffed.shop.ben
    members.erase_member(actor=SYSTEM, now=utc_now(), member_id=ben, reason="asked for it")
    before = active(anna)
    assert transfer(support, anna, to=f"#{ben}")[0] == 422
    assert transfer(support, ben, to=f"#{anna}")[0] == 409
    assert active(anna) == before


def test_a_note_is_kept_once_and_taken_away(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    told = {"text": "Prefers a call.", "key": str(uuid4())}
    for _ in range(2):
        support.post(f"/console/members/{anna}/notes/", told)
    page = words(support.get(f"/console/members/{anna}/").content)
    assert page.count("Prefers a call.") == 1
    assert "Sam Okafor" in page
    support.post(f"/console/members/{anna}/notes/", {"text": "  ", "key": str(uuid4())})
    (note,) = members.list_notes(anna)
    support.post(f"/console/members/{anna}/notes/{note.id}/delete/")
    assert members.list_notes(anna) == []


def test_somebody_new_joins_once_and_is_invited(staffed: Staffed, support: Client) -> None:
    assert support.get("/console/members/new/").status_code == 200
    told = {"given_name": "Nora", "family_name": "Quist", "email": "Nora@Example.org", "invite": "on"}
    answer = support.post("/console/members/new/", told, follow=True)
    nora = members.find_member(IdentityKind.EMAIL, "nora@example.org")
    assert nora is not None
    assert nora.external_id.startswith("desk-")
    assert "Invited: a message goes to nora@example.org." in words(answer.content)
    message = Email.objects.get(recipient="nora@example.org")
    assert "http://testserver/sign-in/?next=/profile/" in message.text
    assert members.get_consents(nora.id) == {}
    again = support.post("/console/members/new/", told | {"given_name": "Eve"})
    assert again.status_code == 409
    assert "Somebody has this e-mail, phone or card already." in words(again.content)
    taken = support.post("/console/members/new/", {"external_id": nora.external_id, "given_name": "Eve"})
    assert taken.status_code == 409
    assert members.get_member(nora.id) == nora
    for wrong in ({"given_name": "X"}, {"phone": "12"}, {"phone": "+4930123456", "invite": "on"}):
        assert support.post("/console/members/new/", wrong).status_code in {409, 422}
    assert Email.objects.filter(recipient="nora@example.org").count() == 1


def test_nobody_is_invited_again_and_again(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    address = members.get_member(anna).email
    assert address is not None
    assert address in words(support.get(f"/console/members/{anna}/invite/").content)
    for _ in range(INVITES_BY_MEMBER.attempts + 2):
        answer = support.post(f"/console/members/{anna}/invite/", follow=True)
    assert "Too many attempts" in words(answer.content)
    assert Email.objects.filter(recipient=address).count() == INVITES_BY_MEMBER.attempts
    assert len(trail.list_audit(action="member.invited").items) == INVITES_BY_MEMBER.attempts


@pytest.mark.parametrize("role", [Role.MARKETER, Role.FINANCE, Role.DEVELOPER])
def test_who_may_not_is_refused_and_nothing_happens(staffed: Staffed, role: Role) -> None:
    anna, ben = staffed.shop.anna, staffed.shop.ben
    client = staffed.client(role)
    before = (active(anna), active(ben), len(trail.list_audit(size=100).items), Email.objects.count())
    key = {"key": str(uuid4()), "text": "x", "to": str(ben), "points": "1", "reason": "x", "step": "confirm"}
    for page in ("transfer", "notes", "invite", "look", "notes/1/delete"):
        assert client.post(f"/console/members/{anna}/{page}/", key).status_code == 403
    assert client.post("/console/members/new/", {"email": "x@example.org"}).status_code == 403
    shown = words(client.get(f"/console/members/{anna}/").content)
    assert "Keep the note" not in shown
    assert "See the store as they do" not in shown
    after = (active(anna), active(ben), len(trail.list_audit(size=100).items), Email.objects.count())
    assert after == before
