"""Who works here, and the keys of the shop's systems: made, shown once, ended."""

import json
import re
from datetime import timedelta
from typing import Any

import pyotp
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from regulars.console.forms_team import ROLE_NAMES, SCOPE_NAMES
from regulars.console.pages.team import PERMISSION_NAMES, ROLE_WORDS
from regulars.identity import facade as identity
from regulars.identity.facade import Permission, Role, Scope
from regulars.identity.models import ApiKey
from regulars.identity.policies import PERMISSIONS
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.trail import facade as trail
from tests.console.conftest import Staffed

KEY = re.compile(r"data-code>([^<]+)<")


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def secret_of(answer) -> str:
    """What the page shows that a deed leads to."""
    assert answer.status_code == 302
    answer = answer.client.get(answer["Location"])
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    found = KEY.search(answer.content.decode())
    assert found
    return found[1]


def invite(owner: Client, **over: str) -> HttpResponse:
    given = {"name": "Nia Novak", "email": "Nia@Example.org", "role": "finance"} | over
    return owner.post("/console/team/new/", given)


def test_who_is_invited_chooses_a_password_and_is_in(staffed: Staffed, owner: Client) -> None:
    link = secret_of(invite(owner))
    assert "nia@example.org" in read(owner, "/console/team/")
    client = Client()
    shown = read(client, link)
    assert "no-store" in client.get(link)["Cache-Control"]
    assert "nia@example.org" in shown
    assert client.post(link, {"name": "Nia Novak", "password": "short"}).status_code == 422
    assert identity.find_operator("nia@example.org") is None
    answer = client.post(link, {"name": "Nia Novak", "password": "a phrase of my own"})
    assert answer["Location"] == "/console/account/security/"
    assert "Make your account safe" in read(client, "/console/account/security/")
    nia = identity.find_operator("nia@example.org")
    assert nia is not None
    assert (nia.name, nia.role) == ("Nia Novak", Role.FINANCE)
    assert Client().get(link).status_code == 404
    assert Client().post(link, {"name": "x", "password": "a phrase of my own"}).status_code == 404


def test_an_invitation_is_sent_again_and_withdrawn(staffed: Staffed, owner: Client, support: Client) -> None:
    old = secret_of(invite(owner))
    (sent,) = identity.list_invitations()
    again, withdraw = (f"/console/team/invitations/{sent.number}/{act}/" for act in ("resend", "revoke"))
    for address in (again, withdraw):
        assert support.post(address).status_code == 403
    assert read(Client(), old)
    new = secret_of(owner.post(again))
    assert Client().get(old).status_code == 404
    assert "no longer good" in read(owner, withdraw)
    assert read(Client(), new)
    assert owner.post(withdraw).status_code == 302
    assert Client().get(new).status_code == 404
    assert owner.get(withdraw).status_code == owner.post(again).status_code == 404
    assert "nia@example.org" not in read(owner, "/console/team/")


def test_where_mail_is_set_up_the_link_is_not_shown(staffed: Staffed, owner: Client, settings: Any) -> None:
    settings.MAIL_IS_SET_UP = True
    assert invite(owner).status_code == 302
    assert "on its way to nia@example.org" in read(owner, "/console/team/")


def test_an_address_works_here_once(staffed: Staffed, owner: Client) -> None:
    before = len(identity.list_operators())
    answer = invite(owner, email=staffed.staff[Role.SUPPORT].email)
    assert answer.status_code == 409
    assert "already" in answer.content.decode()
    assert invite(owner, email="no", role="king").status_code == 422
    assert len(identity.list_operators()) == before
    assert identity.list_invitations() == []


def test_the_matrix_says_what_the_policies_say(staffed: Staffed, owner: Client) -> None:
    shown = read(owner, "/console/team/roles/")
    cells = re.findall(r">(yes|no)<", shown)
    told = [["no", "yes"][permission in PERMISSIONS[role]] for permission in Permission for role in Role]
    assert cells == told
    assert set(PERMISSION_NAMES) == set(Permission), "each permission has words"
    assert ROLE_NAMES.keys() == ROLE_WORDS.keys() == set(Role)
    assert SCOPE_NAMES.keys() == set(Scope)


def test_the_rule_names_whom_it_concerns(staffed: Staffed, owner: Client, support: Client) -> None:
    address = "/console/team/two-step/"
    assert "1 without a second step" in read(owner, address)
    assert support.post(address, {"roles": []}).status_code == 403
    assert owner.post(address, {"roles": ["king"]}).status_code == 422
    assert identity.list_required_roles() == frozenset()
    assert owner.post(address, {"roles": ["finance", "developer"]}).status_code == 302
    assert identity.list_required_roles() == {Role.FINANCE, Role.DEVELOPER}
    assert read(owner, "/console/team/").count(">Due<") == 2


def test_an_owner_resets_a_second_factor_with_a_reason(staffed: Staffed, owner: Client) -> None:
    sam, olga = staffed.staff[Role.SUPPORT], staffed.staff[Role.OWNER]
    address = f"/console/team/{sam.id}/two-step/"
    assert owner.get(address).status_code == 409
    now = utc_now()
    for who in (sam, olga):
        secret = identity.begin_totp(operator_id=who.id, shop="x", now=now).secret
        identity.confirm_totp(actor=SYSTEM, operator_id=who.id, code=pyotp.TOTP(secret).at(now), now=now)
    assert "Neither are their 10 recovery codes" in read(owner, address)
    assert owner.post(address, {"reason": ""}).status_code == 422
    assert owner.post(f"/console/team/{olga.id}/two-step/", {"reason": "x"}).status_code == 302
    assert identity.get_two_factor(sam.id).on
    assert identity.get_two_factor(olga.id).on, "one's own asks for the password"
    assert owner.post(address, {"reason": "saw their passport"}).status_code == 302
    assert not identity.get_two_factor(sam.id).on
    (record,) = trail.list_audit(action="operator.two_factor_reset").items
    assert record.reason == "saw their passport"


def test_a_role_changes_but_one_owner_remains(staffed: Staffed, owner: Client) -> None:
    sam, olga = staffed.staff[Role.SUPPORT], staffed.staff[Role.OWNER]
    assert owner.post(f"/console/team/{sam.id}/", {"role": "marketer"}).status_code == 302
    assert identity.get_operator(sam.id).role is Role.MARKETER
    refused = owner.post(f"/console/team/{olga.id}/", {"role": "support"})
    assert refused.status_code == 409
    assert "owner must remain" in refused.content.decode()
    assert owner.post(f"/console/team/{olga.id}/activity/", {"active": "no"}).status_code == 409
    kept = identity.get_operator(olga.id)
    assert (kept.role, kept.active) == (Role.OWNER, True)


def test_who_goes_is_signed_out_and_can_come_back(staffed: Staffed, owner: Client, support: Client) -> None:
    sam = staffed.staff[Role.SUPPORT]
    read(support, "/console/")
    assert owner.post(f"/console/team/{sam.id}/activity/", {"active": "no"}).status_code == 302
    assert support.get("/console/").status_code == 302
    assert "Gone" in read(owner, "/console/team/")
    assert owner.post(f"/console/team/{sam.id}/activity/", {"active": "yes"}).status_code == 302
    assert identity.get_operator(sam.id).active


def test_a_new_password_ends_the_sessions_of_the_old(
    staffed: Staffed, owner: Client, support: Client
) -> None:
    sam = staffed.staff[Role.SUPPORT]
    read(support, "/console/")
    password = secret_of(owner.post(f"/console/team/{sam.id}/password/"))
    assert support.get("/console/").status_code == 302
    assert Client().post("/console/sign-in/", {"email": sam.email, "password": password}).status_code == 302


def test_a_key_is_shown_once_and_works_until_it_is_revoked(staffed: Staffed, owner: Client) -> None:
    given = {"label": "Till, Main Street", "scopes": ["orders:write", "rewards:read"], "lasting": "90"}
    secret = secret_of(owner.post("/console/keys/new/", given))
    key = identity.authenticate_api_key(secret, utc_now())
    assert key is not None
    assert key.scopes == {Scope.ORDERS_WRITE, Scope.REWARDS_READ}
    shown = read(owner, "/console/keys/")
    assert "Till, Main Street" in shown
    assert secret not in shown
    assert "Whatever uses this key is refused" in read(owner, f"/console/keys/{key.id}/revoke/")
    answer = owner.post(f"/console/keys/{key.id}/revoke/", {"reason": "the till was sold"})
    assert answer.status_code == 302
    assert identity.authenticate_api_key(secret, utc_now()) is None
    assert "Revoked" in read(owner, "/console/keys/")
    (ended, _issued) = trail.list_audit(subject=f"api_key:{key.id}").items
    assert ended.reason == "the till was sold"


def test_a_key_is_replaced_and_both_are_good_for_a_while(staffed: Staffed, owner: Client) -> None:
    given = {"label": "Till", "scopes": ["orders:write"], "lasting": "0"}
    old_secret = secret_of(owner.post("/console/keys/new/", given))
    (old,) = identity.list_api_keys()
    address = f"/console/keys/{old.id}/rotate/"
    assert "The old one was never used." in read(owner, address)
    assert owner.post(address, {"overlap": "-1", "lasting": "365"}).status_code == 422
    new_secret = secret_of(owner.post(address, {"overlap": "7", "lasting": "365"}))
    now = utc_now()
    for secret in (old_secret, new_secret):
        assert identity.authenticate_api_key(secret, now) is not None
    assert identity.authenticate_api_key(old_secret, now + timedelta(days=8)) is None
    shown = read(owner, "/console/keys/")
    assert "Replaced by" in shown
    assert "by Olga Petrova" in shown
    assert owner.post(address, {"overlap": "7", "lasting": "365"}).status_code == 409
    ApiKey.objects.update(created_at=now - timedelta(days=91), last_used_at=None)
    assert read(owner, "/console/keys/").count("Not used for 90 days") == 2


def test_what_is_shown_once_is_made_once_and_read_once(
    staffed: Staffed, owner: Client, support: Client, monkeypatch: Any
) -> None:
    given = {"label": "Till", "scopes": ["orders:write"], "lasting": "0"}
    page = owner.post("/console/keys/new/", given)["Location"]
    row = json.dumps(dict(owner.session))
    # Another's session knows nothing of it, and does not use it up.
    assert support.get(page)["Location"] == "/console/keys/"
    secret = KEY.search(read(owner, page))
    assert secret is not None
    assert secret[1] not in row
    assert page.rsplit("/", 2)[-2] not in row
    # Reloading and coming back make no second key, and show the first no more.
    for _again in range(2):
        assert owner.get(page)["Location"] == "/console/keys/"
    assert "nobody can read it again" in read(owner, "/console/keys/")
    assert len(identity.list_api_keys()) == 1
    assert owner.get("/console/once/attic/x/").status_code == 404
    # Who comes too late makes a new one.
    page = owner.post("/console/keys/new/", given)["Location"]
    monkeypatch.setattr("regulars.console.desk.utc_now", lambda: utc_now() + timedelta(minutes=3))
    assert owner.get(page)["Location"] == "/console/keys/"


def test_a_key_needs_a_label_and_a_known_scope(staffed: Staffed, owner: Client) -> None:
    for given in ({"label": "x"}, {"scopes": ["orders:write"]}, {"label": "x", "scopes": ["all"]}):
        assert owner.post("/console/keys/new/", given).status_code == 422
    assert identity.list_api_keys() == []


def test_others_are_refused_and_nothing_changes(staffed: Staffed, support: Client) -> None:
    before = identity.list_operators()
    sam = staffed.staff[Role.SUPPORT]
    for address, given in (
        ("/console/team/new/", {"name": "x", "email": "x@example.org", "role": "owner"}),
        (f"/console/team/{sam.id}/", {"role": "owner"}),
        (f"/console/team/{sam.id}/two-step/", {"reason": "x"}),
        (f"/console/team/{staffed.staff[Role.OWNER].id}/activity/", {"active": "no"}),
        (f"/console/team/{staffed.staff[Role.OWNER].id}/password/", {}),
        ("/console/keys/new/", {"label": "x", "scopes": ["orders:write"]}),
    ):
        assert support.post(address, given).status_code == 403, address
    assert identity.list_operators() == before
    assert identity.list_api_keys() == []


def test_the_pages_cost_the_same_for_thirty(
    staffed: Staffed, owner: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(30):
        by = {"actor": staffed.staff[Role.OWNER].actor, "now": utc_now()}
        identity.invite_operator(
            **by, email=f"n{n}@example.org", name="", role=Role.SUPPORT, link_of=str, shop="x"
        )
        identity.issue_api_key(**by, label=f"k{n}", scopes=["orders:write"])
    assert len(identity.list_api_keys()) == len(identity.list_invitations()) == 30
    # Four are of every page: the browser's session, the operator with theirs, the programme, the brand.
    for address, own in (("/console/team/", 4), ("/console/keys/", 2), ("/console/team/roles/", 1)):
        with django_assert_max_num_queries(4 + own):
            read(owner, address)
