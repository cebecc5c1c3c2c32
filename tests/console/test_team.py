"""Who works here, and the keys of the shop's systems: made, shown once, ended."""

import re

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from regulars.identity import facade as identity
from regulars.identity.facade import Role, Scope
from regulars.kit.clock import utc_now
from regulars.trail import facade as trail
from tests.console.conftest import Staffed

KEY = re.compile(r"data-code>([^<]+)<")


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def secret_of(answer) -> str:
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    found = KEY.search(answer.content.decode())
    assert found
    return found[1]


def test_somebody_new_signs_in_with_the_password_that_was_shown(staffed: Staffed, owner: Client) -> None:
    given = {"name": "Nia Novak", "email": "Nia@Example.org", "role": "finance"}
    password = secret_of(owner.post("/console/team/new/", given))
    nia = identity.find_operator("nia@example.org")
    assert nia is not None
    assert (nia.name, nia.role) == ("Nia Novak", Role.FINANCE)
    client = Client()
    answer = client.post("/console/sign-in/", {"email": nia.email, "password": password})
    assert answer.status_code == 302
    assert "Nia Novak" in read(owner, "/console/team/")
    assert password not in str(trail.list_audit(subject=f"operator:{nia.id}").items)


def test_an_address_works_here_once(staffed: Staffed, owner: Client) -> None:
    before = len(identity.list_operators())
    given = {"name": "Sam", "email": staffed.staff[Role.SUPPORT].email, "role": "owner"}
    answer = owner.post("/console/team/new/", given)
    assert answer.status_code == 409
    assert "already" in answer.content.decode()
    assert owner.post("/console/team/new/", {"name": "x", "email": "no", "role": "king"}).status_code == 422
    assert len(identity.list_operators()) == before


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
    given = {"label": "Till, Main Street", "scopes": ["orders:write", "rewards:read"]}
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
        owner.post("/console/team/new/", {"name": f"n{n}", "email": f"n{n}@example.org", "role": "support"})
        owner.post("/console/keys/new/", {"label": f"k{n}", "scopes": ["orders:write"]})
    for address in ("/console/team/", "/console/keys/"):
        with django_assert_max_num_queries(5):
            read(owner, address)
