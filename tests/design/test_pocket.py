"""The store in the pocket: installable, light on a slow line, still, honest without a connection."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from regulars.design import facade as design
from regulars.design.assets import DIST
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from tests.store.shop import Shop

HOME_BYTES_MAX = 100_000


def test_the_manifest_names_the_shop_and_its_icons(shop: Shop) -> None:
    client = Client()
    answer = client.get("/manifest.webmanifest", HTTP_ACCEPT_LANGUAGE="ru")
    told = json.loads(answer.content)
    assert answer["Content-Type"] == "application/manifest+json"
    assert (told["name"], told["lang"], told["display"], told["scope"]) == (
        "Linden Market",
        "ru",
        "standalone",
        "/",
    )
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} >= {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in told["icons"]:
        assert client.get(icon["src"]).content.startswith(b"\x89PNG")


@pytest.mark.django_db(transaction=True)
def test_a_new_brand_renews_manifest_and_worker() -> None:
    client = Client()
    before = client.get("/sw.js").content
    brand = design.save_brand(
        actor=SYSTEM, now=utc_now(), base=0, name="Corner Shop", main="#7a1f5c", accent="#ffb3c7"
    )
    told = json.loads(client.get("/manifest.webmanifest").content)
    assert (told["name"], told["theme_color"]) == ("Corner Shop", "#7a1f5c")
    after = client.get("/sw.js")
    assert after.content != before
    assert after["Service-Worker-Allowed"] == "/"
    kept = json.loads(re.findall(r"const KEPT = (.*);", after.content.decode())[0])
    assert design.show_brand(brand).style_href in kept
    for address in kept:
        if not address.startswith("/static/"):
            assert client.get(address).status_code == 200, address
        else:
            assert (DIST / Path(address).name).exists(), address


def test_the_page_without_a_connection_holds_nothing_of_the_member(shop: Shop, sign_in_as: Any) -> None:
    html = sign_in_as(shop.anna).get("/offline/").content.decode()
    assert "Anna" not in html
    assert "data-known" in html


def test_home_is_light(shop: Shop, sign_in_as: Any) -> None:
    """What a first visit fetches before pictures, as it goes over the line."""
    answer = sign_in_as(shop.anna).get("/", HTTP_ACCEPT_ENCODING="gzip")
    assert answer["Content-Encoding"] == "gzip"
    html = sign_in_as(shop.anna).get("/").content.decode()
    files = re.findall(r'(?:href|src)="/static/design/dist/([^"]+)"', html)
    assert {"regulars.css", "htmx.js", "regulars.js"} <= set(files)
    sizes = {name: (DIST / f"{name}.gz").stat().st_size for name in files} | {"page": len(answer.content)}
    assert sum(sizes.values()) < HOME_BYTES_MAX, sizes
    assert "@import" not in (DIST / "regulars.css").read_text()  # nothing more is fetched from there


@pytest.mark.django_db(transaction=True)
class TestLanguage:
    def test_a_stranger_is_remembered_by_a_cookie(self) -> None:
        client = Client()
        answer = client.post("/language/", {"language": "ru", "next": "/how-it-works/"})
        assert answer["Location"] == "/how-it-works/"
        assert 'lang="ru"' in client.get("/").content.decode()
        assert 'lang="ru"' in client.get("/console/sign-in/").content.decode()
        client.post("/design/language/", {"language": "zh-hans", "next": "https://elsewhere.example/"})
        assert 'lang="zh-hans"' in client.get("/console/sign-in/").content.decode()
        client.post("/language/", {"language": "nonsense"})
        assert 'lang="en"' in client.get("/").content.decode()

    def test_a_member_is_remembered_on_every_device(self, sign_in_as: Any) -> None:
        from regulars.members import facade as members
        from tests.store.shop import open_shop

        anna = open_shop().anna
        sign_in_as(anna).post("/language/", {"language": "zh-hans", "next": "/"})
        assert members.get_profiles([anna])[anna].locale.lower() == "zh-hans"
        assert 'lang="zh-hans"' in sign_in_as(anna).get("/").content.decode()
        sign_in_as(anna).post("/language/", {"language": "nonsense"})
        assert members.get_profiles([anna])[anna].locale.lower() == "zh-hans"

    def test_a_language_is_chosen_by_a_post(self) -> None:
        assert Client().get("/language/").status_code == 405
        assert Client().get("/design/language/").status_code == 405
        assert translation.get_language() == "en"
