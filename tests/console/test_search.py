"""The one search: what each text finds, what a role may find, and what it costs."""

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.activity import facade as activity
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.members.facade import MemberInput
from regulars.redemption import facade as redemption
from tests.console.conftest import Staffed
from tests.store.shop import join


def found(client: Client, text: str) -> dict[str, list[str]]:
    """Titles by kind, as the palette shows them."""
    answer = client.get("/console/search/", {"q": text}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    shown = answer.content.decode()
    hits = re.findall(r'id="hit-(\w+)-\w+" href="([^"]+)".*?<strong>([^<]+)</strong>', shown)
    titles: dict[str, list[str]] = {}
    for kind, _href, title in hits:
        titles.setdefault(kind, []).append(title)
    return titles


def test_every_kind_is_found_by_what_people_have_in_hand(staffed: Staffed, support: Client) -> None:
    anna = staffed.shop.anna
    taken = redemption.redeem_reward(
        actor=Actor(ActorKind.MEMBER, str(anna)),
        now=utc_now(),
        member_id=anna,
        reward_code="coffee",
        idempotency_key="k",
    )
    (latest,) = activity.list_orders(member_id=anna, size=1).items
    for text in ("lind", "anna@", str(anna)):
        assert "Anna Lindqvist" in found(support, text)["members"], text
    assert latest.external_id in found(support, latest.external_id.lower())["orders"]
    for text in (taken.reference.lower(), taken.code):
        assert found(support, text or "")["codes"] == [f"{taken.reference} · {taken.reward_name}"]
    assert found(support, "progr") == {"pages": ["Programme"]}
    assert found(support, "'%\\") == {}
    assert found(support, "")["pages"][0] == "Members"


def test_a_role_finds_what_it_may_open(staffed: Staffed, support: Client, owner: Client) -> None:
    assert found(owner, "team") == {"pages": ["Team"]}
    assert found(owner, "fresh loaf")["rewards"]
    assert "rewards" not in found(support, "fresh loaf")
    assert found(support, "team") == {}
    assert Client().get("/console/search/?q=x").status_code == 302


def test_the_page_works_by_itself_and_one_hit_is_gone_to(staffed: Staffed, support: Client) -> None:
    answer = support.get("/console/search/?q=lindqvist")
    assert answer["Location"] == f"/console/members/{staffed.shop.anna}/"
    shown = support.get("/console/search/?q=nothing-of-the-kind").content.decode()
    assert "Nothing found" in shown
    join(staffed.shop.now, *[MemberInput(f"lin{n}") for n in range(9)])
    assert "/console/?q=lin" in support.get("/console/search/?q=lin").content.decode()


def test_it_costs_the_same_for_one_and_for_many(staffed: Staffed, support: Client) -> None:
    join(staffed.shop.now, MemberInput("only"), *[MemberInput(f"many{n}") for n in range(30)])

    def count(text: str) -> int:
        found(support, text)
        with CaptureQueriesContext(connection) as queries:
            found(support, text)
        return len(queries)

    assert count("only") == count("many")
