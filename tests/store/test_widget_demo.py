"""The widget's script, and the page that shows it at work."""

import re
from typing import Any

from django.test import Client

from regulars.design.assets import DIST
from tests.store.shop import Shop

SCRIPT_BYTES_MAX = 5_500


def test_the_script_is_small_and_stands_alone() -> None:
    script = (DIST / "widget.js").read_text(encoding="utf-8")
    assert (DIST / "widget.js.br").stat().st_size < SCRIPT_BYTES_MAX
    assert not re.search(r"\bimport\b\s*[({'\"]|\beval\b|innerHTML|document\.cookie|localStorage", script)


def test_the_page_is_for_demonstrations_alone(shop: Shop, settings: Any) -> None:
    client = Client()
    for address in ("/widget/demo/", "/widget/demo/token/?member=anna"):
        assert client.get(address).status_code == 404
    settings.DEMO_MODE = True
    assert b"<regulars-widget" in client.get("/widget/demo/").content
    example = re.search(rb'<option value="([^"]+)"', client.get("/widget/demo/").content)
    assert example is not None
    token = client.get("/widget/demo/token/", {"member": example[1].decode()}).json()["token"]
    told = client.get("/api/v1/widget/member", headers={"Authorization": f"Bearer {token}"}).json()
    assert told["member"]["points"] >= 0
    assert client.get("/widget/demo/token/", {"member": "nobody"}).status_code == 204
