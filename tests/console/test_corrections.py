"""Putting right by hand: told before it is done, done once, recorded, and refused without a trace."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from regulars.activity import facade as activity
from regulars.earning import facade as earning
from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.clock import end_of_day, utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption
from regulars.redemption.facade import RedemptionState
from regulars.rules import facade as rules
from regulars.trail import facade as trail
from tests.console.conftest import Staffed
from tests.store.shop import buy, order


def active(member_id: MemberId) -> int:
    return ledger.get_balance(member_id, utc_now()).active


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def adjust(client: Client, member_id: MemberId, **fields: str) -> tuple[int, str]:
    given = {
        "direction": "add",
        "points": "40",
        "expires_on": "",
        "reason": "The till was down.",
        "key": str(uuid4()),
        "step": "confirm",
    }
    answer = client.post(f"/console/members/{member_id}/adjust/", given | fields)
    return answer.status_code, words(answer.content)


def test_points_are_given_after_a_look_at_what_will_happen(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    before = active(anna)
    day = (utc_now() + timedelta(days=90)).date()
    fields = {"expires_on": day.isoformat(), "key": str(uuid4())}
    status, shown = adjust(support, anna, step="check", **fields)
    assert status == 200
    assert f"What can be spent goes from {before:,} to {before + 40:,} ." in shown
    assert "Give Anna Lindqvist 40 points?" in shown
    assert "The till was down." in shown
    assert active(anna) == before

    assert adjust(support, anna, **fields)[0] == 302
    assert active(anna) == before + 40
    entry = ledger.list_entries(anna).items[0]
    zone = rules.get_current_programme(utc_now()).time_zone
    assert (entry.kind, entry.amount, entry.reason) == ("adjust", 40, "The till was down.")
    assert entry.expires_at == end_of_day(day, zone)
    assert entry.actor == str(staffed.staff[Role.SUPPORT].actor)
    latest = trail.list_audit(subject=f"member:{anna}").items[0]
    assert (latest.actor, latest.reason) == (staffed.staff[Role.SUPPORT].actor, "The till was down.")


def test_the_day_offered_is_the_programmes_own(staffed: Staffed, support: Client) -> None:
    now = utc_now()
    page = support.get(f"/console/members/{staffed.shop.anna}/adjust/").content.decode()
    offered = date.fromisoformat(re.search(r'name="expires_on" value="([0-9-]+)"', page).group(1))  # type: ignore[union-attr]
    programme = rules.get_current_programme(now)
    assert end_of_day(offered, programme.time_zone) == rules.resolve_expiry(programme, None, now)


def test_a_form_sent_twice_is_one_deed(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    before = active(anna)
    key = str(uuid4())
    for _ in range(2):
        assert adjust(support, anna, key=key)[0] == 302
    assert active(anna) == before + 40
    status, _shown = adjust(support, anna, key=key, points="41")
    assert status == 409
    assert active(anna) == before + 40


def test_points_are_taken_from_the_lots_that_were_named(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    lots = ledger.list_lots(anna, utc_now())
    amount = lots[0].remaining + 3
    status, shown = adjust(support, anna, direction="take", points=str(amount), step="check")
    assert status == 200
    assert f"{lots[0].remaining:,} to the end of" in shown
    assert "3 to the end of" in shown
    assert adjust(support, anna, direction="take", points=str(amount))[0] == 302
    after = ledger.list_lots(anna, utc_now())
    assert (after[0].lot_id, after[0].remaining) == (lots[1].lot_id, lots[1].remaining - 3)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"reason": "  "}, 422),
        ({"reason": "x" * 501}, 422),
        ({"points": "0"}, 422),
        ({"points": "-5"}, 422),
        ({"points": "1.5"}, 422),
        ({"points": "99999999999999999999"}, 422),
        ({"direction": "burn"}, 422),
        ({"expires_on": "2001-01-01"}, 422),
        ({"expires_on": "9999-12-31"}, 422),
        ({"key": "not a key"}, 422),
        ({"direction": "take", "points": "9999999"}, 409),
    ],
)
def test_refusals_change_nothing(
    staffed: Staffed, support: Client, fields: dict[str, str], status: int
) -> None:
    anna = staffed.shop.anna
    before = (ledger.list_entries(anna).items, trail.list_audit().items)
    for step in ("check", "confirm"):
        assert adjust(support, anna, step=step, **fields)[0] == status
    assert (ledger.list_entries(anna).items, trail.list_audit().items) == before


@pytest.mark.parametrize("role", [Role.MARKETER, Role.FINANCE, Role.DEVELOPER])
def test_who_may_not_adjust_cannot_by_address_either(staffed: Staffed, role: Role) -> None:
    anna = staffed.shop.anna
    (latest,) = activity.list_orders(member_id=anna, size=1).items
    before = ledger.list_entries(anna).items
    client = staffed.client(role)
    assert adjust(client, anna)[0] == 403
    answer = client.post(f"/console/awards/order/{latest.id}/reverse/", {"reason": "x", "key": str(uuid4())})
    assert answer.status_code == 403
    assert ledger.list_entries(anna).items == before


def test_a_form_without_its_token_changes_nothing(staffed: Staffed) -> None:
    anna = staffed.shop.anna
    client = Client(enforce_csrf_checks=True)
    client.cookies = staffed.client(Role.SUPPORT).cookies
    before = ledger.list_entries(anna).items
    assert adjust(client, anna)[0] == 403
    assert ledger.list_entries(anna).items == before


def test_a_debt_is_told_and_settled_first(staffed: Staffed, support: Client) -> None:
    ben = staffed.shop.ben
    buy(ben, [order("B-1", ben, staffed.shop.now)])
    ledger.adjust_points(actor=SYSTEM, now=utc_now(), member_id=ben, amount=-active(ben), reason="x", key="x")
    (latest,) = activity.list_orders(member_id=ben, size=1).items
    source = earning.Source(earning.SourceKind.ORDER, latest.id)
    earning.reverse_award(actor=SYSTEM, now=utc_now(), source=source, reason="fraud")
    debt = ledger.get_balance(ben, utc_now()).debt
    assert debt > 0
    _status, shown = adjust(support, ben, points=str(debt + 5), step="check")
    assert f"The first {debt} settle what is owed." in shown
    assert "goes from 0 to 5 ." in shown
    adjust(support, ben, points=str(debt + 5))
    balance = ledger.get_balance(ben, utc_now())
    assert (balance.active, balance.debt) == (5, 0)


def test_an_award_is_taken_back_with_a_reason(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    (latest,) = activity.list_orders(member_id=anna, size=1).items
    address = f"/console/awards/order/{latest.id}/reverse/"
    before = active(anna)
    shown = words(support.get(address).content)
    given = int(re.search(r"Take back (\d+) points of Order A-2\?", shown).group(1))  # type: ignore[union-attr]
    assert "are still there and are taken." in shown
    assert active(anna) == before

    assert support.post(address, {"reason": " ", "key": str(uuid4())}).status_code == 422
    assert active(anna) == before
    assert support.post(address, {"reason": "Rung up twice.", "key": str(uuid4())}).status_code == 302
    assert active(anna) == before - given
    history = words(support.get(f"/console/members/{anna}/history/").content)
    assert "Taken back · Order A-2 Rung up twice." in history
    record = trail.list_audit(action="award.reversed").items[0]
    assert (record.actor, record.reason) == (staffed.staff[Role.SUPPORT].actor, "Rung up twice.")

    assert "Nothing is left of Order A-2" in words(support.get(address).content)
    support.post(address, {"reason": "Again.", "key": str(uuid4())})
    assert active(anna) == before - given
    assert ledger.prove().ok


def redeem(member_id: MemberId) -> redemption.RedemptionView:
    return redemption.redeem_reward(
        actor=Actor(ActorKind.MEMBER, str(member_id)),
        now=utc_now(),
        member_id=member_id,
        reward_code="loaf",
        idempotency_key=str(uuid4()),
    )


def test_a_redemption_is_delivered_or_cancelled(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    before = active(anna)
    first, second = redeem(anna), redeem(anna)
    assert "A fresh loaf of bread" in words(support.get(f"/console/members/{anna}/redemptions/").content)
    assert support.post(f"/console/redemptions/{first.id}/fulfil/").status_code == 302
    assert redemption.get_redemption(first.id).state is RedemptionState.FULFILLED
    address = f"/console/redemptions/{second.id}/cancel/"
    assert "150 points go back to Anna Lindqvist" in words(support.get(address).content)
    assert support.post(address, {"reason": "", "key": str(uuid4())}).status_code == 422
    assert support.post(address, {"reason": "Sold out.", "key": str(uuid4())}).status_code == 302
    assert redemption.get_redemption(second.id).state is RedemptionState.CANCELLED
    assert active(anna) == before - 150
    told = words(support.get(f"/console/redemptions/{second.id}/").content)
    assert "Sold out." in told
    assert "Sam Okafor" in told
    assert support.get(f"/console/redemptions/{second.id}/fulfil/").status_code == 405


def test_what_its_terms_forbid_is_refused_in_words(staffed: Staffed, support: Client) -> None:
    view = redeem(staffed.shop.anna)
    support.post(f"/console/redemptions/{view.id}/fulfil/")
    before = active(staffed.shop.anna)
    answer = support.post(f"/console/redemptions/{view.id}/cancel/", {"reason": "x", "key": str(uuid4())})
    assert answer.status_code == 409
    assert "its terms do not let it be taken back" in words(answer.content)
    assert active(staffed.shop.anna) == before
