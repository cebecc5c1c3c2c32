"""One's own account: name, language, time zone, password, sessions."""

from django.test import Client

from regulars.identity import facade as identity
from regulars.identity.facade import Role
from regulars.kit.clock import utc_now
from regulars.trail import facade as trail
from tests.console.conftest import PASSWORD, Staffed


def test_a_profile_is_ones_own_and_the_language_follows(staffed: Staffed) -> None:
    client, sam = staffed.client(Role.SUPPORT), staffed.staff[Role.SUPPORT]
    given = {"name": " Samir  Okafor ", "language": "ru", "time_zone": "Asia/Tokyo"}
    answer = client.post("/console/account/", given)
    assert answer.status_code == 302
    assert answer.cookies["language"].value == "ru"
    kept = identity.get_operator(sam.id)
    assert (kept.name, kept.language, kept.time_zone) == ("Samir Okafor", "ru", "Asia/Tokyo")
    (record,) = trail.list_audit(action="operator.profile_changed").items
    assert record.details == {"fields": ["language", "name", "time_zone"]}
    assert client.post("/console/account/", given).status_code == 302
    assert len(trail.list_audit(action="operator.profile_changed").items) == 1
    for wrong in ({"language": "xx"}, {"time_zone": "Mars/Olympus"}, {"name": "x" * 121}):
        assert client.post("/console/account/", given | wrong).status_code == 422
    assert identity.get_operator(sam.id) == kept
    fresh = Client()
    entered = fresh.post("/console/sign-in/", {"email": sam.email, "password": PASSWORD})
    assert entered.cookies["language"].value == "ru"


def test_another_password_ends_the_other_sessions_and_not_this_one(staffed: Staffed) -> None:
    sam = staffed.staff[Role.SUPPORT]
    here, there = staffed.client(Role.SUPPORT), staffed.client(Role.SUPPORT)
    address, new = "/console/account/password/", "quite another phrase"
    assert here.post(address, {"current": "guess", "new": new}).status_code == 403
    assert here.post(address, {"current": PASSWORD, "new": "short"}).status_code == 422
    assert here.post(address, {"current": PASSWORD, "new": "password1234"}).status_code == 422
    assert there.get("/console/").status_code == 200
    assert here.post(address, {"current": PASSWORD, "new": new}).status_code == 302
    assert here.get("/console/").status_code == 200
    assert there.get("/console/").status_code == 302
    assert len(identity.list_operator_sessions(sam.id, utc_now())) == 1
    fresh = Client()
    assert fresh.post("/console/sign-in/", {"email": sam.email, "password": PASSWORD}).status_code == 403
    assert fresh.post("/console/sign-in/", {"email": sam.email, "password": new}).status_code == 302


def test_guessing_the_present_password_ends(staffed: Staffed) -> None:
    client = staffed.client(Role.SUPPORT)
    given = {"current": "guess", "new": "quite another phrase"}
    statuses = {client.post("/console/account/password/", given).status_code for _n in range(9)}
    assert statuses == {403, 429}
    given["current"] = PASSWORD
    assert client.post("/console/account/password/", given).status_code == 429


def test_sessions_are_listed_and_ended(staffed: Staffed) -> None:
    sam = staffed.staff[Role.SUPPORT]
    here, there, third = (staffed.client(Role.SUPPORT) for _n in range(3))
    stranger = staffed.client(Role.FINANCE)
    shown = here.get("/console/account/sessions/").content.decode()
    assert shown.count("Firefox on Linux") >= 3
    assert shown.count("This browser") == 1
    listed = identity.list_operator_sessions(sam.id, utc_now())
    end = "/console/account/sessions/end/"
    stranger.post(end, {"number": str(listed[0].number)})
    for nonsense in ("", "x", "9" * 30):
        here.post(end, {"number": nonsense})
    assert identity.list_operator_sessions(sam.id, utc_now()) == listed
    number = there.session["operator_session"]
    assert here.post(end, {"number": str(number)}).status_code == 302
    assert there.get("/console/").status_code == 302
    assert third.get("/console/").status_code == here.get("/console/").status_code == 200
    assert here.post(end, {"number": "others"}).status_code == 302
    assert third.get("/console/").status_code == 302
    assert here.get("/console/").status_code == stranger.get("/console/").status_code == 200
    assert len(trail.list_audit(action="operator.signed_out").items) == 2


def test_an_owner_ends_a_colleagues_sessions(staffed: Staffed, owner: Client, support: Client) -> None:
    sam = staffed.staff[Role.SUPPORT]
    assert "Firefox on Linux" in owner.get(f"/console/team/{sam.id}/").content.decode()
    assert support.post(f"/console/team/{sam.id}/sessions/").status_code == 403
    assert support.get("/console/").status_code == 200
    assert owner.post(f"/console/team/{sam.id}/sessions/").status_code == 302
    assert support.get("/console/").status_code == 302
    me = staffed.staff[Role.OWNER]
    assert owner.post(f"/console/team/{me.id}/sessions/").status_code == 302
    assert owner.get("/console/").status_code == 200
