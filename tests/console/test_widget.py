"""The widget's page in the console: who may, what is kept, what is refused."""

import re

import pytest

from regulars.identity.facade import Permission, Role
from regulars.identity.policies import PERMISSIONS
from regulars.trail.facade import list_audit
from regulars.widget import facade as widget
from tests.console.conftest import Staffed

PAGES = ("/console/widget/", "/console/widget/keys/new/")


@pytest.mark.parametrize("role", list(Role))
def test_it_is_for_who_manages_keys(staffed: Staffed, role: Role) -> None:
    client = staffed.client(role)
    may = Permission.API_KEYS_MANAGE in PERMISSIONS[role]
    for address in PAGES:
        assert client.get(address).status_code == (200 if may else 403)
    assert client.post("/console/widget/", {"origins": "https://shop.example"}).status_code == (
        302 if may else 403
    )
    assert client.post("/console/widget/keys/new/", {"label": "Web"}).status_code == (302 if may else 403)
    assert (widget.list_sites(), len(widget.list_widget_keys())) == (
        (("https://shop.example",), 1) if may else ((), 0)
    )


def test_sites_are_kept_as_typed_until_they_make_sense(staffed: Staffed) -> None:
    client = staffed.client(Role.DEVELOPER)
    answer = client.post("/console/widget/", {"origins": "shop.example\nhttp://bad.example"})
    assert answer.status_code == 422
    assert "http://bad.example" in answer.content.decode()
    assert widget.list_sites() == ()
    client.post("/console/widget/", {"origins": "shop.example\n\nhttps://www.shop.example/basket"})
    assert widget.list_sites() == ("https://shop.example", "https://www.shop.example")
    (noted,) = list_audit(size=1).items
    assert (noted.action, noted.actor) == ("widget.sites_changed", staffed.staff[Role.DEVELOPER].actor)


def test_a_key_is_made_replaced_and_revoked(staffed: Staffed) -> None:
    client = staffed.client(Role.DEVELOPER)
    shown = client.post("/console/widget/keys/new/", {"label": "Web shop"}, follow=True).content.decode()
    assert shown.count("BEGIN PRIVATE KEY") == 2  # on the page and behind the button that copies
    (key,) = widget.list_widget_keys()
    assert "BEGIN PRIVATE KEY" not in client.get("/console/widget/").content.decode()
    address = f"/console/widget/keys/{key.kid}"
    assert "goes on until" in client.get(f"{address}/replace/").content.decode()
    assert len(widget.list_widget_keys()) == 1
    assert "BEGIN PRIVATE KEY" in client.post(f"{address}/replace/", follow=True).content.decode()
    assert re.search(r"Ends \S+", client.get("/console/widget/").content.decode())
    assert "refused from this moment on" in client.get(f"{address}/revoke/").content.decode()
    assert client.post(f"{address}/revoke/", {"reason": "Done"}).status_code == 302
    new, old = widget.list_widget_keys()
    now = old.ends_at
    assert now is not None
    assert (new.is_good(now), old.is_good(now)) == (True, False)
    assert client.get("/console/widget/keys/wk_none/revoke/").status_code == 404
    assert client.post("/console/widget/keys/new/", {"label": " "}).status_code == 422
