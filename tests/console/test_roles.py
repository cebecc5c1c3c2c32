"""Who may see and do what: the same at the page, at its button and at its address."""

import pytest

from regulars.activity import facade as activity
from regulars.identity.facade import Permission, Role
from regulars.identity.policies import PERMISSIONS
from tests.console.conftest import Staffed

PAGES = {
    "/console/": Permission.MEMBERS_VIEW,
    "/console/members/{member}/": Permission.MEMBERS_VIEW,
    "/console/members/{member}/history/": Permission.MEMBERS_VIEW,
    "/console/members/{member}/redemptions/": Permission.MEMBERS_VIEW,
    "/console/members/{member}/timeline/": Permission.MEMBERS_VIEW,
    "/console/members/{member}/trail/": Permission.TRAIL_VIEW,
    "/console/members/{member}/adjust/": Permission.POINTS_ADJUST,
    "/console/members/{member}/entries/points/1/": Permission.MEMBERS_VIEW,
    "/console/awards/order/{order}/reverse/": Permission.AWARDS_REVERSE,
    "/console/orders/{order}/": Permission.MEMBERS_VIEW,
    "/console/programme/": Permission.PROGRAMME_VIEW,
    "/console/programme/1/": Permission.PROGRAMME_VIEW,
    "/console/programme/1/restore/": Permission.PROGRAMME_PUBLISH,
    "/console/trail/": Permission.TRAIL_VIEW,
    "/console/brand/": Permission.BRAND_MANAGE,
    "/console/team/": Permission.OPERATORS_MANAGE,
    "/console/team/new/": Permission.OPERATORS_MANAGE,
    "/console/team/roles/": Permission.OPERATORS_MANAGE,
    "/console/team/two-step/": Permission.OPERATORS_MANAGE,
    "/console/keys/": Permission.API_KEYS_MANAGE,
    "/console/keys/new/": Permission.API_KEYS_MANAGE,
}
BUTTONS = {
    "/adjust/": Permission.POINTS_ADJUST,
    "/console/trail/": Permission.TRAIL_VIEW,
    "/console/brand/": Permission.BRAND_MANAGE,
    "/console/team/": Permission.OPERATORS_MANAGE,
    "/console/keys/": Permission.API_KEYS_MANAGE,
}


def fill(address: str, staffed: Staffed) -> str:
    (latest,) = activity.list_orders(member_id=staffed.shop.anna, size=1).items
    return address.format(member=staffed.shop.anna, order=latest.id)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_what_the_table_permits(staffed: Staffed, role: Role) -> None:
    client = staffed.client(role)
    for address, permission in PAGES.items():
        answer = client.get(fill(address, staffed))
        assert answer.status_code == (200 if permission in PERMISSIONS[role] else 403), address
        if answer.status_code == 403:
            assert f"Your role ({role}) does not permit this" in answer.content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_no_button_leads_where_one_may_not_go(staffed: Staffed, role: Role) -> None:
    shown = staffed.client(role).get(f"/console/members/{staffed.shop.anna}/").content.decode()
    for part, permission in BUTTONS.items():
        assert (part in shown) == (permission in PERMISSIONS[role]), part


def test_what_does_not_exist_says_so(staffed: Staffed) -> None:
    client = staffed.client(Role.OWNER)
    for address in (
        "/console/members/404/",
        "/console/members/404/adjust/",
        f"/console/members/{staffed.shop.anna}/entries/points/9999/",
        f"/console/members/{staffed.shop.anna}/entries/gold/1/",
        "/console/orders/404/",
        "/console/redemptions/404/",
        "/console/redemptions/404/cancel/",
        "/console/awards/order/404/reverse/",
        "/console/awards/return/1/reverse/",
        "/console/programme/404/",
        "/console/team/404/",
        "/console/keys/404/revoke/",
    ):
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert "That is not possible" in answer.content.decode()
    assert client.post("/console/redemptions/404/fulfil/").status_code == 404
    assert client.get("/console/?cursor=nonsense").status_code == 422
