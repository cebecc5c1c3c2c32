"""Rewards in the console: the list, the editor, two who write at once, and what each step says before."""

import io
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import OfferState, RewardInput, RewardKind, RewardText
from regulars.catalogue.models import Reward
from regulars.console.pages.rewards_text import to_html, to_typed
from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.redemption import facade as redemption
from regulars.trail.facade import list_audit
from tests.console.conftest import Staffed

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def fields_of(response: Any) -> dict[str, Any]:
    """What the editor's form would send as it stands."""
    html = response.content.decode()
    form = html[html.index('id="reward-form"') : html.index('class="preview-column"')]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        kind = (re.search(r'type="([^"]+)"', tag) or [None, "text"])[1]
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and kind != "file" and (kind != "checkbox" or " checked" in tag):
            said = unescape(value[1]) if value else ("on" if kind == "checkbox" else "")
            if name[1] == "tiers_allowed":
                found.setdefault("tiers_allowed", []).append(said)
            else:
                found[name[1]] = said
    for name, inside in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        found[name] = unescape(inside)
    for name, inside in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        found[name] = unescape(chosen[1]) if chosen else ""
    return found


@pytest.fixture
def marketer(staffed: Staffed) -> Client:
    return staffed.client(Role.MARKETER)


def test_only_who_may_sees_rewards(staffed: Staffed) -> None:
    for role, status in {Role.MARKETER: 200, Role.SUPPORT: 403}.items():
        client = staffed.client(role)
        for address in ("/console/rewards/", "/console/rewards/new/", "/console/codes/"):
            assert client.get(address).status_code == status, (role, address)
        assert client.post("/console/pool/coffee/unused.csv").status_code == status


def test_the_list_says_what_each_reward_is(staffed: Staffed, marketer: Client) -> None:
    shop = staffed.shop
    redemption.redeem_reward(
        actor=Actor(ActorKind.MEMBER, str(shop.anna)),
        now=shop.now,
        member_id=shop.anna,
        reward_code="coffee",
        idempotency_key="k",
    )
    catalogue.save_reward(
        actor=SYSTEM, now=shop.now, reward=RewardInput("soon", "Soon", RewardKind.GOODS, 10, published=False)
    )
    page = marketer.get("/console/rewards/")
    html = text_of(page)
    assert page.status_code == 200
    assert "Soon" in html and "Draft" in html and "Live" in html
    assert "1 1 in 30 days" in html
    only = text_of(marketer.get("/console/rewards/?state=draft"))
    assert "1 member" in html or "2 members" in html
    assert "Goods Draft" in only
    assert "in 30 days" in only
    assert "No reward fits" in text_of(marketer.get("/console/rewards/?q=nothing+like+it"))
    assert marketer.get("/console/rewards/?cursor=nonsense").status_code == 302
    part = marketer.get("/console/rewards/?state=draft", headers={"HX-Request": "true"})
    whole = marketer.get("/console/rewards/?state=draft").content.decode()
    assert part.content.decode().strip() in whole


def test_an_empty_shop_is_told_what_to_do(marketer: Client) -> None:
    Reward.objects.all().delete()
    html = text_of(marketer.get("/console/rewards/"))
    assert "Make the first reward" in html
    assert "Search" not in html


def test_the_list_costs_the_same_at_one_and_at_thirty(
    staffed: Staffed, marketer: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def make(first: int, last: int) -> None:
        for n in range(first, last):
            catalogue.save_reward(
                actor=SYSTEM,
                now=staffed.shop.now,
                reward=RewardInput(f"r{n}", f"R {n}", RewardKind.GOODS, 10 + n),
            )

    make(0, 1)
    marketer.get("/console/rewards/?q=r0")
    with CaptureQueriesContext(connection) as one:
        marketer.get("/console/rewards/?q=r+0")
    make(1, 31)
    with django_assert_num_queries(len(one)):
        page = marketer.get("/console/rewards/?q=r")
    assert "Show more" in text_of(page)


def test_a_reward_is_made_saved_and_published(staffed: Staffed, marketer: Client) -> None:
    form = fields_of(marketer.get("/console/rewards/new/"))
    assert marketer.post("/console/rewards/new/", form).status_code == 422
    said = form | {
        "name_en": "Mug & Spoon",
        "name_ru": "Кружка",
        "description_en": "Hot.\n\n- one\n- two",
        "price_points": "250",
        "price_money": "1.50",
        "cost": "0.75",
        "stock": "10",
        "kept_units": "2",
        "kept_for_rank": "2",
        "active_from": "2031-05-01T09:30",
    }
    done = marketer.post("/console/rewards/new/", said | {"step": "publish"})
    assert done["Location"] == "/console/reward/mug-spoon/publish/"
    saved = catalogue.get_reward("mug-spoon")
    assert (saved.decided.published, saved.decided.price_money, saved.decided.stock) == (False, 150, 10)
    assert saved.decided.cost == 75
    assert saved.decided.description == "<p>Hot.</p><ul><li>one</li><li>two</li></ul>"
    assert saved.decided.translations == (RewardText("ru", "Кружка"),)
    assert (saved.decided.kept_units, saved.decided.kept_for_rank) == (2, 2)
    asked = marketer.get(done["Location"])
    assert "Publish “Mug & Spoon”?" in text_of(asked)
    assert "Not said in 简体中文" in text_of(asked)
    assert catalogue.get_offer("mug-spoon", staffed.shop.now).state is OfferState.DRAFT
    marketer.post(done["Location"], {"base": saved.version})
    assert catalogue.get_offer("mug-spoon", staffed.shop.now).state is OfferState.SCHEDULED
    assert [record.action for record in list_audit(subject="reward:mug-spoon").items] == [
        "reward.published",
        "reward.created",
    ]


def test_saving_what_is_shown_changes_nothing(marketer: Client) -> None:
    for code in Reward.objects.values_list("code", flat=True):
        before = catalogue.get_reward(code)
        form = fields_of(marketer.get(f"/console/reward/{code}/"))
        answer = marketer.post(f"/console/reward/{code}/", form)
        assert answer.status_code == 302, text_of(answer)
        assert catalogue.get_reward(code) == before, code


def test_a_refused_save_keeps_what_was_typed_and_changes_nothing(marketer: Client) -> None:
    before = catalogue.get_reward("coffee")
    form = fields_of(marketer.get("/console/reward/coffee/"))
    answer = marketer.post("/console/reward/coffee/", form | {"name_en": "Typed", "hidden_from_others": "on"})
    assert answer.status_code == 422
    assert 'value="Typed"' in answer.content.decode()
    assert "say which tiers may have it" in text_of(answer)
    assert 'data-guard="unsaved"' in answer.content.decode()
    assert catalogue.get_reward("coffee") == before


@pytest.mark.parametrize(("field", "typed"), [("price_money", "0.001"), ("cost", "0.001"), ("cost", "-1")])
def test_what_is_no_amount_of_money_is_refused_at_its_field(marketer: Client, field: str, typed: str) -> None:
    before = catalogue.get_reward("coffee")
    form = fields_of(marketer.get("/console/reward/coffee/")) | {field: typed}
    assert marketer.post("/console/reward/coffee/", form).status_code == 422
    assert marketer.post("/console/rewards/preview/", form).status_code == 200
    assert catalogue.get_reward("coffee") == before


def test_two_who_write_at_once_lose_nothing(staffed: Staffed, marketer: Client) -> None:
    mine = fields_of(marketer.get("/console/reward/coffee/"))
    other = staffed.client(Role.OWNER)
    theirs = fields_of(other.get("/console/reward/coffee/"))
    assert other.post("/console/reward/coffee/", theirs | {"price_points": "77", "category": "Theirs"})
    between = catalogue.get_reward("coffee")
    assert (between.decided.price_points, between.decided.category) == (77, "Theirs")
    answer = marketer.post("/console/reward/coffee/", mine | {"price_points": "55", "name_en": "Mine"})
    assert answer.status_code == 409
    assert catalogue.get_reward("coffee") == between
    told = text_of(answer)
    assert "Taken over from them: Category" in told
    assert "theirs “77”, yours “55”" in told
    merged = fields_of(answer)
    assert (merged["category"], merged["price_points"], merged["name_en"]) == ("Theirs", "55", "Mine")
    assert marketer.post("/console/reward/coffee/", merged).status_code == 302
    after = catalogue.get_reward("coffee").decided
    assert (after.category, after.price_points, after.name) == ("Theirs", 55, "Mine")


def test_a_new_reward_does_not_write_over_another(marketer: Client) -> None:
    before = catalogue.get_reward("coffee")
    form = fields_of(marketer.get("/console/rewards/new/"))
    answer = marketer.post(
        "/console/rewards/new/", form | {"code": "coffee", "name_en": "New", "price_points": "1"}
    )
    assert answer.status_code == 409
    assert "There is a reward of that code already" in text_of(answer)
    assert catalogue.get_reward("coffee") == before


def test_steps_say_whom_they_touch_and_are_undone(staffed: Staffed, marketer: Client) -> None:
    shop = staffed.shop
    actor = Actor(ActorKind.MEMBER, str(shop.anna))
    redemption.redeem_reward(
        actor=actor, now=shop.now, member_id=shop.anna, reward_code="coffee", idempotency_key="k"
    )
    redemption.set_goal(actor=actor, now=shop.now, member_id=shop.anna, reward_code="coffee")
    told = text_of(marketer.get("/console/reward/coffee/archive/"))
    assert "1 member holds this reward." in told
    assert "1 member has it as their goal." in told
    base = catalogue.get_reward("coffee").version
    assert marketer.post("/console/reward/coffee/archive/", {"base": base + 7}).status_code == 409
    assert catalogue.get_reward("coffee").decided.published
    marketer.post("/console/reward/coffee/archive/", {"base": base})
    assert catalogue.get_offer("coffee", shop.now).state is OfferState.ARCHIVED
    assert "/reward/coffee/" not in marketer.get("/console/rewards/").content.decode()
    marketer.post("/console/reward/coffee/restore/", {"base": base + 1})
    assert catalogue.get_offer("coffee", shop.now).state is OfferState.DRAFT
    copied = marketer.post("/console/reward/coffee/duplicate/")
    assert copied["Location"] == "/console/reward/coffee-2/"
    copy = catalogue.get_reward("coffee-2")
    assert (copy.taken, copy.decided.published) == (0, False)


def test_the_preview_is_the_store_in_each_language(staffed: Staffed, marketer: Client) -> None:
    form = fields_of(marketer.get("/console/reward/coffee/"))
    asked = form | {"name_ru": "Кофе", "description_en": "<b>Hot</b><script>x</script>", "see_language": "ru"}
    html = marketer.post("/console/rewards/preview/", asked).content.decode()
    assert "Кофе" in html and "Получить" in html
    assert "<script" not in html and "<b>Hot</b>" in html
    short = marketer.post("/console/rewards/preview/", form | {"see_as": "short"}).content.decode()
    assert "more points to go" in short
    broken = marketer.post("/console/rewards/preview/", form | {"price_points": "", "name_en": ""})
    assert broken.status_code == 200
    begun = (staffed.shop.now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    early = marketer.post("/console/rewards/preview/", form | {"active_from": begun, "early_access": "on"})
    assert "pens" in text_of(early)


def test_a_picture_is_kept_and_a_bad_one_refused(marketer: Client, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(out, "PNG")
    form = fields_of(marketer.get("/console/reward/coffee/"))
    before = catalogue.get_reward("coffee")
    bad = marketer.post("/console/reward/coffee/", form | {"picture": io.BytesIO(b"<svg onload=x>")})
    assert bad.status_code == 422
    assert "An SVG can carry scripts" in text_of(bad)
    assert catalogue.get_reward("coffee") == before
    out.seek(0)
    # The name is missing: the picture that came with it is not lost.
    kept = marketer.post("/console/reward/coffee/", form | {"picture": out, "name_en": ""})
    assert kept.status_code == 422
    again = fields_of(kept)
    assert marketer.post("/console/reward/coffee/", again | {"name_en": "Coffee"}).status_code == 302
    assert catalogue.get_reward("coffee").picture.name.endswith("-800.webp")
    out.seek(0)
    drawn = fields_of(marketer.get("/console/reward/coffee/")) | {"picture": out, "drawing": "mug"}
    assert marketer.post("/console/reward/coffee/", drawn).status_code == 302
    assert catalogue.get_reward("coffee").picture.name == "mug"


@pytest.mark.parametrize(
    "typed", ["", "One.", "One.\nTwo.", "One.\n\nTwo & <three>.", "Take:\n\n- a\n- b\n\n**Then** go, 2 * 3."]
)
def test_plain_text_comes_back_as_it_was_typed(typed: str) -> None:
    stored = to_html(typed)
    assert to_typed(stored) == typed
    assert to_html(to_typed(stored)) == stored


def test_rich_text_that_is_not_plain_is_left_alone() -> None:
    stored = '<p>One <a href="https://example.org/" rel="noopener noreferrer">two</a></p><h3>Three</h3>'
    assert to_html(to_typed(stored)) == stored
