"""Finding members, and what the pages about one of them tell."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.members.facade import MemberInput
from regulars.redemption import facade as redemption
from regulars.trail import facade as trail
from tests.console.conftest import Staffed
from tests.store.shop import buy, join, order


def read(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_search_shows_who_was_found_with_points_and_tier(staffed: Staffed, support: Client) -> None:
    shown = read(support, "/console/?q=lind")
    assert "Anna Lindqvist" in shown
    assert "Ben Okafor" not in shown
    balance = ledger.get_balance(staffed.shop.anna, utc_now())
    assert f"<strong>{balance.active:,}</strong>" in shown
    assert "Silver" in shown or "Gold" in shown
    part = read(support, "/console/?q=ben@", **{"HX-Request": "true"})
    assert "Ben Okafor" in part
    assert "<html" not in part
    assert "Nothing matches" in read(support, "/console/?q=zzz")


def test_paging_goes_through_everyone_once(staffed: Staffed, support: Client) -> None:
    join(staffed.shop.now, *[MemberInput(f"x{n:03}", "Same", f"Name {n:03}") for n in range(60)])
    address, seen = "/console/?q=same", []
    while address:
        shown = read(support, address)
        seen += [name for n in range(60) if (name := f"Name {n:03}") in shown]
        address = shown.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == [f"Name {n:03}" for n in range(60)]


def test_the_page_of_a_member_adds_up(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    now = utc_now()
    shown = read(support, f"/console/members/{anna}/")
    balance = ledger.get_balance(anna, now)
    lots = ledger.list_lots(anna, now)
    assert sum(lot.remaining for lot in lots) == balance.active
    assert f'<dd class="strong">{balance.active:,}</dd>' in shown
    for lot in lots:
        assert f"/entries/points/{lot.lot_id}/" in shown
    assert "anna@example.org" in shown
    assert "Latest entries" in shown


def test_every_entry_of_the_history_says_why(staffed: Staffed, support: Client) -> None:
    shown = read(support, f"/console/members/{staffed.shop.anna}/history/")
    assert "Order A-2" in shown
    assert "1 for every $1.00 of" in shown
    assert "Return R-1" in shown
    assert "Review" in shown
    corrections = read(support, f"/console/members/{staffed.shop.anna}/history/?show=corrections")
    assert "Return R-1" in corrections
    assert "Order A-2" not in corrections
    unknown = read(support, f"/console/members/{staffed.shop.anna}/history/?show=nonsense")
    assert unknown.count("entry-line") == shown.count("entry-line") > corrections.count("entry-line")


def test_an_entry_shows_the_lines_behind_it(staffed: Staffed, support: Client) -> None:
    page = ledger.list_entries(staffed.shop.anna, kinds=[ledger.EntryKind.EARN])
    entry = next(entry for entry in page.items if entry.source.startswith("order:"))
    shown = read(support, f"/console/members/{staffed.shop.anna}/entries/points/{entry.seq}/")
    assert "Sourdough loaf" in shown
    assert f"+{entry.amount}" in shown
    assert "Take back what is left" in shown
    order_id = entry.source.partition(":")[2]
    whole = read(support, f"/console/orders/{order_id}/")
    assert "Coffee beans, 1 lb" in whole
    assert "Linden" in whole


def test_an_erased_member_is_nobody(staffed: Staffed, owner: Client) -> None:
    anna = staffed.shop.anna
    members.erase_member(actor=SYSTEM, now=utc_now(), member_id=anna, reason="asked for it")
    for part in ("", "history/", "redemptions/", "timeline/"):
        shown = read(owner, f"/console/members/{anna}/{part}")
        assert "Lindqvist" not in shown
        assert "anna@example.org" not in shown
    assert "Erased" in shown
    assert owner.get(f"/console/members/{anna}/adjust/").status_code == 409


def test_names_cannot_bring_markup_along(staffed: Staffed, support: Client) -> None:
    (eve,) = join(
        staffed.shop.now, MemberInput("eve<b>", "<script>alert(1)</script>", "E", attributes={"a": "<i>"})
    )
    for address in ("/console/?q=eve", f"/console/members/{eve}/", f"/console/members/{eve}/adjust/"):
        shown = read(support, address)
        assert "<script>alert" not in shown
        assert "<i>" not in shown
        assert "eve<b>" not in shown


PAGES = ["", "history/", "redemptions/", "timeline/", "trail/"]


def grow(staffed: Staffed, member_id: MemberId, times: int) -> None:
    """So many times a purchase, a kindness of support, and a reward: every page shows all three."""
    began = staffed.shop.now - timedelta(days=80)
    for n in range(times):
        buy(member_id, [order(f"{member_id}-{n}", member_id, began + timedelta(days=n), big=True)])
        ledger.adjust_points(
            actor=staffed.staff[Role.SUPPORT].actor,
            now=utc_now(),
            member_id=member_id,
            amount=100,
            reason="kindness",
            key=f"k{n}",
        )
        redemption.redeem_reward(
            actor=Actor(ActorKind.MEMBER, str(member_id)),
            now=utc_now(),
            member_id=member_id,
            reward_code="loaf",
            idempotency_key=f"r{n}",
        )


# Thirty purchases, each a transaction of its own, take more than a second.
@pytest.mark.slow
@pytest.mark.parametrize("part", PAGES)
def test_a_page_costs_the_same_at_eight_and_at_thirty(staffed: Staffed, owner: Client, part: str) -> None:
    eight, thirty = join(staffed.shop.now, MemberInput("eight", "Octa"), MemberInput("thirty", "Tria"))

    def count(member_id: MemberId) -> int:
        address = f"/console/members/{member_id}/{part}"
        read(owner, address)
        with CaptureQueriesContext(connection) as queries:
            read(owner, address)
        return len(queries)

    grow(staffed, eight, 8)
    at_eight = count(eight)
    grow(staffed, thirty, 30)
    assert count(thirty) == at_eight


def test_looking_leaves_no_trace_but_what_was_done(staffed: Staffed, owner: Client) -> None:
    before = len(trail.list_audit(size=100).items)
    read(owner, f"/console/members/{staffed.shop.anna}/")
    assert len(trail.list_audit(size=100).items) == before
