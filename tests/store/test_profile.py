"""A member's own data: changed, agreed to, copied, deleted; and where they are signed in."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from regulars.identity.facade import name_device
from regulars.identity.models import MemberSession
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import ConsentChannel, ConsentPurpose
from regulars.members.models import ConsentEntry, PrivacyRequestRow
from tests.store.shop import Shop
from tests.store.test_filters import put_in_category
from tests.store.test_history import text_of
from tests.store.test_redeeming import confirm, points_of

SignIn = Callable[[MemberId], Client]
FORM = {"given_name": "Anna", "family_name": "Lindqvist", "locale": "en", "time_zone": "America/New_York"}
EMAIL_OFFERS = (ConsentChannel.EMAIL, ConsentPurpose.OFFERS)


def test_a_profile_is_changed_and_shown_so_from_then_on(shop: Shop, sign_in_as: SignIn) -> None:
    put_in_category(shop, "Bread", "loaf")
    client = sign_in_as(shop.anna)
    changes = {"given_name": "Аня", "locale": "ru", "interest": ["Bread"], "birthday": "1990-02-28"}
    answer = client.post("/profile/", FORM | changes, follow=True)
    html = answer.content.decode()
    assert '<html lang="ru"' in html
    assert re.search(r'value="Bread" checked', html)
    profile = members.get_member(shop.anna)
    assert (profile.given_name, profile.locale, str(profile.birthday)) == ("Аня", "ru", "1990-02-28")


def test_a_birthday_is_asked_for_once(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    assert 'name="birthday"' in client.get("/profile/").content.decode()
    client.post("/profile/", FORM | {"birthday": "1990-02-28"})
    html = client.get("/profile/").content.decode()
    assert 'name="birthday"' not in html
    assert "February 28, 1990" in html
    client.post("/profile/", FORM | {"birthday": "1991-02-28"})
    assert str(members.get_member(shop.anna).birthday) == "1990-02-28"


@pytest.mark.parametrize(
    "wrong", [{"time_zone": "Mars/Olympus"}, {"birthday": "2999-01-01"}, {"given_name": "x" * 200}]
)
def test_what_makes_no_sense_is_refused_and_what_was_typed_stays(
    shop: Shop, sign_in_as: SignIn, wrong: dict[str, str]
) -> None:
    before = members.get_member(shop.anna)
    answer = sign_in_as(shop.anna).post("/profile/", FORM | {"family_name": "Typed"} | wrong)
    assert answer.status_code == 422
    assert 'value="Typed"' in answer.content.decode()
    assert members.get_member(shop.anna) == before


def test_consents_begin_with_no_and_keep_their_history(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    assert " checked" not in client.get("/profile/").content.decode().partition("consents")[2]
    client.post("/profile/consents/", {"email.offers": "on", "nonsense.offers": "on"})
    assert members.get_consents(shop.anna) == {EMAIL_OFFERS: True}
    client.post("/profile/consents/", {"email.offers": "on"})
    assert ConsentEntry.objects.count() == 1
    client.post("/profile/consents/", {})
    assert members.get_consents(shop.anna) == {EMAIL_OFFERS: False}
    text = text_of(client.get("/profile/")).partition("What you said, and when")[2]
    assert re.search(r"Offers and news by E-mail no .* Offers and news by E-mail yes", text)
    assert client.get("/profile/consents/").status_code == 405


def test_a_copy_is_asked_for_and_fetched_by_its_member_only(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    assert client.get("/profile/my-data.json").status_code == 404
    confirm(client, "loaf")
    client.post("/profile/privacy/", {"wish": "copy"})
    assert "is being written" in text_of(client.get("/profile/"))
    members.write_copy(now=utc_now(), request_id=PrivacyRequestRow.objects.get().pk)
    assert "/profile/my-data.json" in client.get("/profile/").content.decode()
    copy = client.get("/profile/my-data.json")
    assert copy.json()["profile"]["email"] == "anna@example.org"
    told = copy.json()
    assert len({entry["kind"].partition(".")[0] for entry in told["timeline"]}) > 1
    assert len(told["orders"]) == 12
    assert told["orders"][0]["lines"][0]["sku"] == "LOAF"
    assert told["redemptions"][0]["reward"] == "A fresh loaf of bread"
    points = [entry for entry in told["journal"] if entry["currency"] == "points"]
    assert points[0]["balance_after"] == points_of(shop.anna)
    assert sign_in_as(shop.ben).get("/profile/my-data.json").status_code == 404


def test_deletion_says_what_is_lost_waits_and_can_be_withdrawn(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    assert re.search(r"You lose [\d,]+ points\.", text_of(client.get("/profile/")))
    client.post("/profile/privacy/", {"wish": "erasure"})
    assert PrivacyRequestRow.objects.count() == 0  # not ticked
    client.post("/profile/privacy/", {"wish": "erasure", "sure": "on"})
    assert "Your account will be deleted on" in text_of(client.get("/profile/"))
    client.post("/profile/privacy/", {"wish": "stay"})
    assert "Your account will be deleted on" not in text_of(client.get("/profile/"))
    members.carry_out_requests(now=utc_now() + timedelta(days=20))
    assert members.get_member(shop.anna).anonymised_at is None


def test_who_was_deleted_is_signed_in_no_more(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    client.post("/profile/privacy/", {"wish": "erasure", "sure": "on"})
    members.carry_out_requests(now=utc_now() + timedelta(days=15))
    assert client.get("/profile/").status_code == 302
    assert MemberSession.objects.filter(member_id=shop.anna).count() == 0


def test_signing_out_elsewhere_takes_effect_there_and_not_here(shop: Shop, sign_in_as: SignIn) -> None:
    here, there, third, other = (sign_in_as(who) for who in (shop.anna, shop.anna, shop.anna, shop.ben))
    html = here.get("/profile/").content.decode()
    numbers = re.findall(r'name="session" value="(\d+)"', html)
    assert len(numbers) == 2
    here.post("/profile/sessions/", {"session": max(numbers, key=int)})
    assert third.get("/profile/").status_code == 302
    assert there.get("/profile/").status_code == 200
    here.post("/profile/sessions/")
    assert there.get("/profile/").status_code == 302
    assert here.get("/profile/").status_code == other.get("/profile/").status_code == 200


def test_nobody_ends_another_members_session_nor_their_own_by_it(shop: Shop, sign_in_as: SignIn) -> None:
    anna, ben = sign_in_as(shop.anna), sign_in_as(shop.ben)
    for row in MemberSession.objects.all():
        ben.post("/profile/sessions/", {"session": row.pk})
    assert anna.get("/profile/").status_code == ben.get("/profile/").status_code == 200


def test_a_session_without_a_number_lets_nobody_in(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    MemberSession.objects.all().delete()
    assert client.get("/profile/").status_code == 302
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8", "An unknown device"),
        ("", "An unknown device"),
    ],
)
def test_devices_are_named_as_far_as_they_tell(agent: str, name: str) -> None:
    assert name_device(agent) == name
