"""Doing one thing with many rows: told first, done once, refused without a trace."""

import re
from typing import Any

from django.test import Client

from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.members.facade import MemberInput
from regulars.redemption import facade as redemption
from regulars.redemption.facade import RedemptionState, RedemptionView
from regulars.trail import facade as trail
from tests.console.conftest import Staffed
from tests.ledger.reading import read_everything
from tests.store.shop import join

ADJUST, CANCEL = "/console/members/adjust/", "/console/redemptions/cancel/"
KEY = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def given(ids: list[Any], step: str, **over: str) -> dict[str, Any]:
    form = {"direction": "add", "points": "50", "reason": "The till was down.", "key": KEY, "expires_on": ""}
    return form | {"ids": [str(each) for each in ids], "step": step, "back": "/console/?q=li"} | over


def active(*ids: MemberId) -> list[int]:
    return [ledger.get_balance(each, utc_now()).active for each in ids]


def test_many_are_adjusted_in_one_act_that_was_told_before(staffed: Staffed, support: Client) -> None:
    anna, ben = staffed.shop.anna, staffed.shop.ben
    before = active(anna, ben)
    asked = support.post(ADJUST, {"ids": [anna, ben], "back": "/console/?q=li"}).content.decode()
    assert "Adjust the points of 2 members" in asked
    told = support.post(ADJUST, given([anna, ben], "check")).content.decode()
    assert "Give 2 members 50 points each?" in told
    assert "<strong>100 points</strong> in all." in told
    assert active(anna, ben) == before
    for _again in range(2):
        done = support.post(ADJUST, given([anna, ben], "confirm"))
        assert (done.status_code, done["Location"]) == (302, "/console/?q=li")
    assert active(anna, ben) == [each + 50 for each in before]
    (act,) = trail.list_audit(action="points.adjusted_together").items
    assert act.actor == staffed.staff[Role.SUPPORT].actor
    assert act.details == {"amount": 50, "members": 2, "points": 100}


def test_who_has_too_few_or_is_gone_is_named_and_left_out(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    poor, gone = join(staffed.shop.now, MemberInput("poor", "Pia", "Poor"), MemberInput("gone", "Gus"))
    members.erase_member(actor=SYSTEM, now=utc_now(), member_id=gone, reason="asked")
    before = active(anna)
    ids = [anna, poor, gone]
    told = support.post(ADJUST, given(ids, "check", direction="take")).content.decode()
    assert "Take 50 points from 1 member?" in told
    assert "has too few and is left out" in told
    assert "Pia Poor" in told
    assert "1 of those chosen is merged or erased" in told
    assert re.findall(r'name="ids" value="(\d+)"', told) == [str(anna)]
    # Who is too poor by the time that it is done is not left out unseen: it happens for all or for nobody.
    assert support.post(ADJUST, given([anna, poor], "confirm", direction="take")).status_code == 409
    assert active(anna, poor) == [before[0], 0]
    support.post(ADJUST, given([anna, gone], "confirm", direction="take"))
    assert active(anna, poor) == [before[0] - 50, 0]


def test_taking_all_that_there_is_twice_is_one_deed(staffed: Staffed, support: Client) -> None:
    """The second time nobody has enough any more; the key knows that it was done."""
    anna = staffed.shop.anna
    form = given([anna], "confirm", direction="take", points=str(active(anna)[0]))
    assert [support.post(ADJUST, form).status_code for _ in range(2)] == [302, 302]
    assert active(anna) == [0]


def test_what_cannot_be_changes_nothing(staffed: Staffed, support: Client) -> None:
    before = read_everything()
    for over, status in (
        ({"points": "0"}, 422),
        ({"reason": ""}, 422),
        ({"direction": "take", "points": "9000000"}, 409),
    ):
        answer = support.post(ADJUST, given([staffed.shop.anna], "confirm", **over))
        assert answer.status_code == status
        assert read_everything() == before


def test_nobody_chosen_leads_back_with_a_word(support: Client) -> None:
    for ids in ([], ["x"], ["-1"], ["9" * 40]):
        answer = support.post(ADJUST, {"ids": ids, "back": "https://elsewhere.example/"})
        assert answer["Location"] == "/console/"
    assert "Choose at least one row first." in support.get("/console/").content.decode()


def take(staffed: Staffed, count: int) -> list[RedemptionView]:
    anna = staffed.shop.anna
    return [
        redemption.redeem_reward(
            actor=Actor(ActorKind.MEMBER, str(anna)),
            now=utc_now(),
            member_id=anna,
            reward_code="loaf",
            idempotency_key=f"k{n}",
        )
        for n in range(count)
    ]


def test_several_redemptions_go_back_at_once(staffed: Staffed, support: Client) -> None:
    before = active(staffed.shop.anna)
    one, two, left = take(staffed, 3)
    ids = [one.id, two.id]
    told = support.post(CANCEL, {"ids": ids}).content.decode()
    assert "Cancel 2 redemptions?" in told
    assert f"<strong>{one.price_points * 2:,} points</strong> go back to 1 member" in told
    refused = support.post(CANCEL, {"ids": ids, "step": "confirm", "reason": "", "key": KEY})
    assert refused.status_code == 422
    assert redemption.get_redemption(one.id).state is not RedemptionState.CANCELLED
    for _again in range(2):
        support.post(CANCEL, {"ids": ids, "step": "confirm", "reason": "Sold out.", "key": KEY})
    assert {redemption.get_redemption(each).state for each in ids} == {RedemptionState.CANCELLED}
    assert active(staffed.shop.anna) == [before[0] - left.price_points]
    assert "None of these can be cancelled" in support.post(CANCEL, {"ids": ids}).content.decode()
    shown = support.get("/console/redemptions/?state=cancelled").content.decode()
    assert (one.reference in shown, left.reference in shown) == (True, False)
    found = support.get(f"/console/redemptions/?q={left.reference.lower()}").content.decode()
    assert re.findall(r"<code>([\w-]+)</code>", found) == [left.reference]


def test_only_those_who_may_see_and_do_it(staffed: Staffed) -> None:
    for role, address, table in (
        (Role.MARKETER, ADJUST, "/console/"),
        (Role.FINANCE, CANCEL, "/console/redemptions/"),
    ):
        client = staffed.client(role)
        assert client.post(address, given([staffed.shop.anna], "confirm")).status_code == 403
        assert "data-bulk-one" not in client.get(table).content.decode()


def test_views_are_saved_shared_and_deleted_from_the_table(
    staffed: Staffed, support: Client, owner: Client
) -> None:
    answer = support.post(
        "/console/views/members/save/",
        {"name": "Lindens", "query": "q=lin&cursor=x&nonsense=1&sort=-joined", "shared": "on"},
    )
    assert answer["Location"] == "/console/?q=lin&sort=-joined"
    shown = support.get(answer["Location"]).content.decode()
    assert 'href="/console/?q=lin&amp;sort=-joined" aria-current="page">Lindens' in shown
    number = int(re.findall(r"/console/views/(\d+)/delete/", shown)[0])
    assert "Lindens" in owner.get("/console/").content.decode()
    assert owner.post(f"/console/views/{number}/delete/").status_code == 404
    support.post(f"/console/views/{number}/share/", {})
    assert "Lindens" not in owner.get("/console/").content.decode()
    assert "Delete the view" in support.get(f"/console/views/{number}/delete/").content.decode()
    support.post(f"/console/views/{number}/delete/")
    assert "Lindens" not in support.get("/console/").content.decode().partition('id="toasts"')[0]
    assert support.post("/console/views/nonsense/save/", {"name": "x"}).status_code == 404
