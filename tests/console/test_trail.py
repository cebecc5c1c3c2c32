"""The audit trail as a page: narrowed, paged, with names in place of numbers."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

import regulars
from regulars.catalogue import facade as catalogue
from regulars.console.forms_team import ROLE_NAMES
from regulars.console.pages import deeds
from regulars.console.pages.details import name_detail, tell_value
from regulars.design.types import BrandDeed
from regulars.identity.facade import CodeUse, Role
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.members.facade import PrivacyKind
from regulars.redemption import facade as redemption
from tests.console.conftest import Staffed

SOURCE = Path(regulars.__file__).parent
# Written the same way in those modules, and something else: jobs, keys of locks.
NO_ACTIONS = {
    "analytics.learn_anew",
    "ledger.adjust_many",
    "members.write_copy",
    "recommend.score",
    "recommend.train",
    "segments.rebuild_soon",
}


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def note(staffed: Staffed, count: int) -> None:
    for n in range(count):
        ledger.adjust_points(
            actor=staffed.staff[Role.SUPPORT].actor,
            now=utc_now(),
            member_id=staffed.shop.ben,
            amount=1,
            reason=f"kindness {n}.",
            key=f"k{n}",
        )


def test_details_are_told_in_the_readers_words() -> None:
    with override("ru"):
        assert name_detail("fields") == "поля"
        assert name_detail("price_money") == "Плюс деньги"
        assert name_detail("attributes.shoe_size") == "shoe size"
        assert tell_value("role", "support") == str(ROLE_NAMES[Role.SUPPORT]) != "Support"
        assert tell_value("fields", ["birthday", "attributes.age"]) == ["день рождения", "age"]
        assert tell_value("kind", "unsuitable") == "Не рекомендовать"
        assert tell_value("archived", [False, True]) == ["нет", "да"]
    # What no table knows stays as it was written.
    assert [tell_value("way", "owl"), tell_value("points", 7), tell_value("role", None)] == ["owl", 7, None]


def test_who_did_what_to_whom_and_why(staffed: Staffed, owner: Client) -> None:
    note(staffed, 1)
    shown = read(owner, "/console/trail/")
    for part in ("Sam Okafor", "Ben Okafor", "kindness 0.", "Programme, version 1"):
        assert part in shown
    assert f'href="/console/members/{staffed.shop.ben}/"' in shown
    own = read(owner, f"/console/members/{staffed.shop.ben}/trail/")
    assert "kindness 0." in own
    assert "Programme, version 1" not in own


def test_it_is_narrowed_by_subject_actor_and_action(staffed: Staffed, owner: Client) -> None:
    note(staffed, 1)
    sam = staffed.staff[Role.SUPPORT].id
    for query in (f"actor=operator:{sam}", f"subject=member:{staffed.shop.ben}"):
        shown = read(owner, f"/console/trail/?{query}")
        assert "kindness 0." in shown
        assert "Programme, version 1" not in shown
    created = read(owner, "/console/trail/?action=member.created")
    assert "kindness 0." not in created
    assert "Ben Okafor" in created
    by_address = read(owner, "/console/trail/?actor=support@example.org")
    assert "kindness 0." in by_address
    assert "Programme, version 1" not in by_address
    assert "Nothing matches" in read(owner, "/console/trail/?subject=member:404")
    assert "Write an operator" in read(owner, "/console/trail/?actor=sam")
    assert "Write an operator" in read(owner, "/console/trail/?actor=nobody@example.org")
    assert "Select a valid choice" in read(owner, "/console/trail/?action=nonsense")


def test_paging_shows_each_entry_once_at_the_same_cost(staffed: Staffed, owner: Client) -> None:
    note(staffed, 70)
    address, seen, costs = f"/console/trail/?subject=member:{staffed.shop.ben}", [], []
    while address:
        with CaptureQueriesContext(connection) as queries:
            shown = read(owner, address)
        costs.append(len(queries))
        seen += [n for n in range(69, -1, -1) if f"kindness {n}." in shown]
        address = link(shown, "next")
    assert seen == list(range(69, -1, -1))
    assert len(set(costs)) == 1


def test_one_goes_back_as_one_came(staffed: Staffed, owner: Client) -> None:
    note(staffed, 60)
    first = read(owner, "/console/trail/")
    further = read(owner, link(first, "next"))
    assert "kindness 30." in further
    assert 'rel="prev"' not in first
    back = read(owner, link(further, "prev"))
    for shown in (first, back):
        assert re.findall(r"kindness (\d+)\.", shown) == [str(n) for n in range(59, 34, -1)]
    assert 'rel="prev"' not in back


def link(shown: str, rel: str) -> str:
    return unescape(shown.partition(f'rel="{rel}" href="')[2].partition('"')[0])


def test_what_it_was_about_is_told_in_words(staffed: Staffed, owner: Client) -> None:
    """Of a code: the pool, never what it says, nor its number, which says nothing."""
    anna = staffed.shop.anna
    taken = redemption.redeem_reward(
        actor=Actor(ActorKind.MEMBER, str(anna)),
        now=utc_now(),
        member_id=anna,
        reward_code="coffee",
        idempotency_key="k",
    )
    redemption.hand_over(
        actor=staffed.staff[Role.SUPPORT].actor, now=utc_now(), redemption_id=taken.id, idempotency_key="h"
    )
    shown = read(owner, "/console/trail/")
    pool = catalogue.get_pool("coffee")
    assert f'href="/console/pool/coffee/">A code of “{pool.name}”</a>' in shown
    assert taken.code and taken.code not in shown
    assert not re.search(r">code \d", shown)
    assert f'<a class="quiet-link" href="/console/redemptions/{taken.id}/">{taken.id}</a>' in shown
    for told in ("A fresh loaf", "Codes: ", "Programme, version 1"):
        assert told in shown, told


def test_a_change_is_told_as_what_was_and_what_is(staffed: Staffed, owner: Client) -> None:
    found = catalogue.get_reward("loaf")
    catalogue.save_reward(
        actor=staffed.staff[Role.OWNER].actor, now=utc_now(), reward=replace(found.decided, price_points=610)
    )
    shown = read(owner, "/console/trail/?subject=reward:loaf")
    assert "Price in points: 150 → 610" in shown
    assert "{&#x27;" not in shown


def test_a_span_of_days_is_in_the_shops_own_time(staffed: Staffed, owner: Client) -> None:
    note(staffed, 1)
    today = utc_now().astimezone(ZoneInfo("America/New_York")).date()
    for query, there in (
        (f"since={today}&until={today}", True),
        (f"until={today - timedelta(days=1)}", False),
        (f"since={today + timedelta(days=1)}", False),
    ):
        assert ("kindness 0." in read(owner, f"/console/trail/?{query}")) is there


def list_actions() -> set[str]:
    """Every action that a module which writes to the trail names, as far as it writes it out."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        if "record_audit" in text or "AuditNote(" in text:
            found.update(re.findall(r'"((?:[a-z_]+)\.(?:[a-z_]+))"', text))
    return {one for one in found if not one.endswith((".html", ".csv")) and not one.startswith("console.")}


def test_every_action_is_told_in_words() -> None:
    """A new action needs a line in `console/pages/deeds.py`, or operators read a code."""
    known = set(deeds.DEEDS)
    assert list_actions() - NO_ACTIONS <= known
    assert {f"member.{use}_code_issued" for use in CodeUse} | {f"brand.{deed}" for deed in BrandDeed} <= known
    assert {f"member.{kind}_{deed}" for kind in PrivacyKind for deed in ("requested", "withdrawn")} <= known


def test_words_stand_for_codes_and_the_code_finds_them(staffed: Staffed, owner: Client) -> None:
    shown = read(owner, "/console/trail/?action=member.created")
    assert "<strong>Member joined</strong>" in shown
    assert '<option value="member.created" selected>Member joined · member.created</option>' in shown
