"""The counter and the queue: what is good is handed over once, and whoever comes second is told."""

import csv
import io
import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import RewardInput, RewardKind
from regulars.console.views.counter import WRONG_CODES
from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.members.facade import MemberInput
from regulars.redemption import facade as redemption
from regulars.redemption.facade import RedemptionState, RedemptionView
from regulars.redemption.models import Redemption
from tests.console.conftest import Staffed

COUNTER = "/console/fulfilment/counter/"


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def take(member_id: MemberId, reward: str = "loaf", units: int = 1) -> RedemptionView:
    return redemption.redeem_reward(
        actor=Actor(ActorKind.MEMBER, str(member_id)), now=utc_now(), member_id=member_id,
        reward_code=reward, idempotency_key=str(uuid4()), units=units,
    )  # fmt: skip


def scan(client: Client, code: str) -> tuple[int, str]:
    answer = client.post(COUNTER, {"code": code}, follow=True)
    return answer.status_code, words(answer.content)


def hand(client: Client, view: RedemptionView, **fields: str) -> str:
    told = {"key": str(uuid4()), "at": "counter"} | fields
    return words(client.post(f"/console/redemptions/{view.id}/hand-over/", told, follow=True).content)


def test_a_code_is_scanned_handed_over_and_the_second_counter_is_told(
    staffed: Staffed, support: Client, owner: Client
) -> None:
    view = take(staffed.shop.anna, "coffee")
    for word in (view.code or "", view.reference, view.reference.replace("-", " ").lower()):
        status, told = scan(support, word)
        assert status == 200
        assert "Good A cup of coffee, any size Anna Lindqvist" in told
    assert "Hand over" in told
    done = hand(support, view)
    assert "Handed over A cup of coffee, any size Anna Lindqvist" in done
    assert "Sam Okafor" in done
    again = hand(owner, view)
    assert re.search(r"Already handed over: Today, \d\d:\d\d, by Sam Okafor", again)
    assert re.search(r"Already handed over: Today, \d\d:\d\d, by Sam Okafor", scan(owner, view.reference)[1])
    assert "Good " not in again
    assert len(redemption.list_fulfilments(view.id)) == 1


def test_a_wrong_code_tells_nothing_and_is_limited(staffed: Staffed, support: Client, owner: Client) -> None:
    view = take(staffed.shop.anna, "coffee")
    for _ in range(WRONG_CODES.attempts):
        status, told = scan(support, "K7QM-2XDA9F")
        assert (status, "No redemption has this code." in told) == (404, True)
    # Now a good one is not answered either: whoever tries through has to wait.
    status, told = scan(support, view.reference)
    assert (status, "Too many attempts" in told) == (429, True)
    assert "Anna" not in told
    assert scan(owner, view.reference)[0] == 200
    assert redemption.get_redemption(view.id) == view


def test_what_is_cancelled_unpaid_or_in_part_says_so(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    gone = take(anna)
    redemption.cancel_redemption(actor=SYSTEM, now=utc_now(), redemption_id=gone.id, reason="x")
    assert "Cancelled: Today" in scan(support, gone.reference)[1]
    some = take(anna, units=3)
    assert "3× A fresh loaf of bread" in scan(support, some.reference)[1]
    assert "1 of 3 left" in hand(support, some, units="2")
    assert "1× A fresh loaf of bread" in scan(support, some.reference)[1]
    before = redemption.get_redemption(some.id)
    for wrong in ("2", "0", "-1", "1.5", "many"):
        hand(support, some, units=wrong)
    assert redemption.get_redemption(some.id) == before
    key = str(uuid4())
    for _ in range(2):
        assert "Handed over" in hand(support, some, units="1", key=key)
    assert redemption.get_redemption(some.id).state is RedemptionState.FULFILLED


def test_the_rest_is_given_up_after_saying_what_goes_back(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    before = ledger.get_balance(anna, utc_now()).active
    view = take(anna, units=3)
    hand(support, view, units="1")
    address = f"/console/redemptions/{view.id}/rest/"
    told = words(support.get(address).content)
    assert "Give up 2 units" in told
    assert "300 points go back to Anna Lindqvist" in told
    assert support.post(address, {"reason": " ", "key": str(uuid4())}).status_code == 422
    assert ledger.get_balance(anna, utc_now()).active == before - 450
    assert support.post(address, {"reason": "Sold out.", "key": str(uuid4())}).status_code == 302
    assert ledger.get_balance(anna, utc_now()).active == before - 150
    page = words(support.get(f"/console/redemptions/{view.id}/").content)
    assert "1 of 3 handed over, 2 given up" in page
    assert "Sold out." in page


def test_the_queue_is_read_packed_and_handed_over(staffed: Staffed, support: Client) -> None:
    anna, ben = staffed.shop.anna, staffed.shop.ben
    views = [take(anna), take(anna, units=2)]
    told = words(support.get("/console/fulfilment/").content)
    assert "To do 2" in told
    assert "A fresh loaf of bread 2 of 2 left" in told
    assert ben != anna
    assert "Nothing matches" in words(support.get("/console/fulfilment/?q=nobody").content)
    assert views[0].reference in words(support.get("/console/fulfilment/?q=lindq&reward=loaf").content)
    assert "Nothing matches" in words(support.get("/console/fulfilment/?age=7").content)
    assert support.get("/console/fulfilment/?cursor=x").status_code == 302
    chosen = {"chosen": [str(view.id) for view in views] + ["x", "999999"]}
    answer = support.post("/console/fulfilment/chosen/", chosen | {"do": "pack"}, follow=True)
    assert "3 units" in words(answer.content)
    (line,) = re.findall(r'/console/fulfilment/packing\.csv\?[^"]+', answer.content.decode())
    rows = list(csv.DictReader(io.StringIO(support.get(line.replace("&amp;", "&")).content.decode())))
    assert [(row["reference"], row["units_left"]) for row in rows] == [
        (views[0].reference, "1"),
        (views[1].reference, "2"),
    ]
    ask = words(support.post("/console/fulfilment/chosen/", chosen | {"do": "deliver"}).content)
    assert "Hand over 2 redemptions?" in ask
    assert "3 units count as handed over. They belong to 1 member." in ask
    assert all(redemption.get_redemption(view.id) == view for view in views)
    # One of them goes over the counter while the page is looked at.
    hand(support, views[0])
    key = {"do": "deliver", "step": "confirm", "key": str(uuid4())}
    for _ in range(2):
        support.post("/console/fulfilment/chosen/", chosen | key)
    assert [len(redemption.list_fulfilments(view.id)) for view in views] == [1, 1]
    assert redemption.get_redemption(views[1].id).state is RedemptionState.FULFILLED
    assert "Nothing waits" in words(support.get("/console/fulfilment/").content)


def test_a_cell_is_no_formula(staffed: Staffed, support: Client) -> None:
    profile = members.get_member(staffed.shop.anna)
    named = MemberInput(external_id=profile.external_id, given_name="=HYPERLINK(1)")
    members.save_members(actor=SYSTEM, now=utc_now(), batch=[named])
    view = take(staffed.shop.anna)
    text = support.get(f"/console/fulfilment/packing.csv?id={view.id}").content.decode()
    assert "'=HYPERLINK(1)" in text
    assert ",=HYPERLINK" not in text


def test_a_packing_list_has_the_days_of_the_shop(staffed: Staffed, support: Client) -> None:
    """Ten in the evening in New York is the next day in London."""
    view = take(staffed.shop.anna)
    Redemption.objects.filter(pk=view.id).update(reserved_at=datetime(2026, 3, 2, 3, tzinfo=UTC))
    text = support.get(f"/console/fulfilment/packing.csv?id={view.id}").content.decode()
    assert [row["taken_on"] for row in csv.DictReader(io.StringIO(text))] == ["2026-03-01"]


def test_a_note_is_kept_once_and_shown_where_it_matters(staffed: Staffed, support: Client) -> None:
    view = take(staffed.shop.anna)
    told = {"text": "Wants the dark crust.", "key": str(uuid4())}
    for _ in range(2):
        assert support.post(f"/console/redemptions/{view.id}/notes/", told).status_code == 302
    assert len(redemption.list_notes(view.id)) == 1
    for address in (f"/console/redemptions/{view.id}/", f"{COUNTER}{view.id}/", "/console/fulfilment/"):
        assert "Wants the dark crust." in words(support.get(address).content)
    support.post(f"/console/redemptions/{view.id}/notes/", {"text": " ", "key": str(uuid4())})
    assert len(redemption.list_notes(view.id)) == 1


@pytest.mark.parametrize("role", [Role.MARKETER, Role.FINANCE, Role.DEVELOPER])
def test_who_may_not_hand_over_meets_a_closed_counter(staffed: Staffed, role: Role) -> None:
    view = take(staffed.shop.anna)
    client = staffed.client(role)
    for address in ("/console/fulfilment/", COUNTER, f"{COUNTER}{view.id}/", "/console/fulfilment/packing/"):
        assert client.get(address).status_code == 403
    for address in ("hand-over", "rest", "notes"):
        told = {"key": str(uuid4()), "text": "x", "reason": "x"}
        assert client.post(f"/console/redemptions/{view.id}/{address}/", told).status_code == 403
    assert client.post(COUNTER, {"code": view.reference}).status_code == 403
    assert client.post("/console/fulfilment/chosen/", {"chosen": view.id, "do": "deliver"}).status_code == 403
    assert redemption.get_redemption(view.id) == view
    assert redemption.list_notes(view.id) == []


def test_the_queue_costs_the_same_for_one_and_for_thirty_and_a_part_equals_the_page(
    staffed: Staffed, support: Client
) -> None:
    catalogue.save_reward(
        actor=SYSTEM, now=utc_now(), reward=RewardInput("pin", "A pin", RewardKind.GOODS, 1)
    )
    take(staffed.shop.anna, "pin")
    with CaptureQueriesContext(connection) as one:
        support.get("/console/fulfilment/")
    for _ in range(29):
        take(staffed.shop.anna, "pin")
    with CaptureQueriesContext(connection) as thirty:
        page = support.get("/console/fulfilment/").content.decode()
    assert len(one) == len(thirty)
    part = support.get("/console/fulfilment/", headers={"HX-Request": "true"}).content.decode()
    plain = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    assert re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", part).strip() in plain
    more = re.search(r'hx-get="([^"]+cursor[^"]+)"', page)
    assert more is not None
    rest = support.get(more.group(1).replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
    assert rest.count("queue-row") == 5
