"""Support merges two members who are one, parts them again, and gives part of a reward's points back."""

from uuid import uuid4

from django.test import Client

from regulars.identity.facade import Role
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.trail import facade as trail
from tests.console.conftest import Staffed
from tests.console.test_corrections import active, redeem, words

FIELDS = {"reason": "The same person, she says.", "step": "confirm"}


def send(client: Client, address: str, **fields: str) -> tuple[int, str]:
    answer = client.post(f"/console/{address}", {**FIELDS, "key": str(uuid4()), **fields})
    return answer.status_code, words(answer.content)


def show(client: Client, address: str) -> str:
    return words(client.get(f"/console/{address}").content)


def test_a_merge_is_told_before_it_is_done_and_can_be_undone(staffed: Staffed, support: Client) -> None:
    anna, ben = staffed.shop.anna, staffed.shop.ben
    before = (active(anna), active(ben))
    other = members.get_member(ben).external_id
    status, shown = send(support, f"members/{anna}/merge/", into=other, step="check")
    assert status == 200
    assert f"Merge Anna Lindqvist into {members.get_member(ben).name}?" in shown
    assert f"{before[0]:,} points" in shown
    assert (active(anna), active(ben)) == before

    assert send(support, f"members/{anna}/merge/", into=other)[0] == 302
    assert (active(anna), active(ben)) == (0, sum(before))
    assert f"This member was merged into member {ben}" in show(support, f"members/{anna}/")
    assert f"Member {anna} was merged into this one" in show(support, f"members/{ben}/")
    assert "Came from the account merged with" in show(support, f"members/{ben}/history/")
    latest = trail.list_audit(subject=f"member:{anna}").items[0]
    assert (latest.action, latest.actor) == ("member.merged", staffed.staff[Role.SUPPORT].actor)

    assert "goes back to the lots it came from" in show(support, f"members/{anna}/merge/undo/")
    assert send(support, f"members/{anna}/merge/undo/")[0] == 302
    assert (active(anna), active(ben)) == before
    assert ledger.prove().ok


def test_a_merge_that_cannot_be_is_refused_on_the_page(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    before = active(anna)
    assert send(support, f"members/{anna}/merge/", into="nobody@example.org")[0] == 422
    assert send(support, f"members/{anna}/merge/", into=str(anna))[0] == 409
    assert send(support, f"members/{anna}/merge/", into=str(anna), reason="")[0] == 422
    assert send(support, f"members/{anna}/merge/undo/")[0] == 409
    assert active(anna) == before
    assert not members.list_merges(anna)


def test_a_marketer_may_not_merge(staffed: Staffed) -> None:
    marketer = staffed.client(Role.MARKETER)
    anna, ben = staffed.shop.anna, staffed.shop.ben
    assert send(marketer, f"members/{anna}/merge/", into=str(ben))[0] == 403
    assert members.get_member(anna).merged_into is None


def test_part_of_a_rewards_points_goes_back(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    taken = redeem(anna)
    before, key = active(anna), str(uuid4())
    assert "keeps the reward" in show(support, f"redemptions/{taken.id}/refund/")
    assert send(support, f"redemptions/{taken.id}/refund/", points="5", key=key)[0] == 302
    assert send(support, f"redemptions/{taken.id}/refund/", points="5", key=key)[0] == 302
    assert active(anna) == before + 5
    assert "Points given back 5" in show(support, f"redemptions/{taken.id}/")
    too_many = str(taken.price_points)
    assert send(support, f"redemptions/{taken.id}/refund/", points=too_many)[0] == 409
    assert active(anna) == before + 5
    entry = ledger.list_entries(anna).items[0]
    assert (entry.kind, entry.reason) == ("refund", FIELDS["reason"])


def test_points_for_who_was_merged_are_adjusted_at_the_survivor(staffed: Staffed, support: Client) -> None:
    anna, ben = staffed.shop.anna, staffed.shop.ben
    assert send(support, f"members/{anna}/merge/", into=members.get_member(ben).external_id)[0] == 302
    before = active(ben)
    told = {**FIELDS, "key": str(uuid4()), "direction": "add", "points": "50"}
    for answer in (
        support.get(f"/console/members/{anna}/adjust/"),
        support.post(f"/console/members/{anna}/adjust/", told),
    ):
        assert (answer.status_code, answer["Location"]) == (302, f"/console/members/{ben}/adjust/")
    assert (active(anna), active(ben)) == (0, before)
