"""How much a phone has to fetch before it shows home: everything but pictures, compressed as it is sent."""

import re
from collections.abc import Callable

from django.test import Client

from regulars.design.assets import DIST
from regulars.kit.ids import MemberId
from tests.store.shop import Shop

HOME_BYTES_MAX = 100 * 1024
FETCHED = re.compile(r'(?:rel="stylesheet" href|<script src)="([^"]+/dist/[^"]+)"')


def test_home_weighs_less_than_a_hundred_kilobytes(
    shop: Shop, sign_in_as: Callable[[MemberId], Client]
) -> None:
    client = sign_in_as(shop.anna)
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    head = client.get("/").content.decode().partition("</head>")[0]
    built = [DIST / f"{address.rpartition('/')[2]}.gz" for address in FETCHED.findall(head)]
    assert {"regulars.css.gz", "regulars.js.gz", "htmx.js.gz"} <= {file.name for file in built}
    weight = len(page.content) + sum(file.stat().st_size for file in built)
    assert weight < HOME_BYTES_MAX, weight
