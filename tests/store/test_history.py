"""The history: every entry explains itself, page after page, line by line."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

from django.test import Client

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from tests.store.shop import Shop, buy, order

SignIn = Callable[[MemberId], Client]


def text_of(response: object) -> str:
    html = response.content.decode()  # type: ignore[attr-defined]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_a_purchase_says_which_rules_gave_what(shop: Shop, sign_in_as: SignIn) -> None:
    text = text_of(sign_in_as(shop.anna).get("/history/"))
    assert "83 points: 1 for every $1.00 of $71.68, double on bread" in text
    assert "104 points: 1 for every $1.00 of $71.68, double on bread, 1.25× as Silver" in text
    assert "20 for “Review”" in text
    assert "Returned from order A-30: Sourdough loaf" in text
    assert "Purchase of $71.68" in text


def test_an_entry_opens_line_by_line(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    whole, part = client.get("/history/1/"), client.get("/history/1/", headers={"HX-Request": "true"})
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    for text in (text_of(whole), text_of(part)):
        assert "1 for every $1.00 of $71.68 +70 double on bread +13 50 for “First purchase” +50" in text
        assert "Sourdough loaf 13 + 13 + 9 = 35" in text


def test_the_points_of_the_lines_add_up_to_the_entry(shop: Shop, sign_in_as: SignIn) -> None:
    text = text_of(sign_in_as(shop.anna).get("/history/1/", headers={"HX-Request": "true"}))
    rules = [int(number) for number in re.findall(r"(?:of \$71\.68|on bread|purchase”) \+(\d+)", text)]
    lines = [int(number) for number in re.findall(r"= (\d+)", text)]
    entry = ledger.get_entry(shop.anna, ledger.Currency.POINTS, 1)  # type: ignore[arg-type]
    assert sum(rules) == sum(lines) == entry.amount == 133


def test_corrections_and_lapses_say_why(shop: Shop, sign_in_as: SignIn) -> None:
    ledger.adjust_points(
        actor=SYSTEM,
        now=shop.now,
        member_id=shop.ben,
        amount=75,
        reason="The till was down on Friday",
        key="a",
    )
    text = text_of(sign_in_as(shop.ben).get("/history/"))
    assert "Corrected by the shop" in text
    assert "The till was down on Friday" in text


def test_a_return_of_what_had_lapsed_takes_nothing_more(shop: Shop, sign_in_as: SignIn) -> None:
    given = ledger.adjust_points(
        actor=SYSTEM,
        now=shop.now - timedelta(days=9),
        member_id=shop.ben,
        amount=40,
        reason="Goodwill",
        key="a",
        expires_at=shop.now - timedelta(days=2),
    )
    ledger.reverse_earn(
        actor=SYSTEM,
        now=shop.now,
        member_id=shop.ben,
        currency=ledger.Currency.POINTS,
        seq=given.seq,
        amount=40,
        key="b",
        source="",
        reason="A mistake",
        shortfall=ledger.Shortfall.DEBT,
    )
    text = text_of(sign_in_as(shop.ben).get("/history/"))
    assert "These had lapsed already: nothing more is taken. A mistake" in text
    assert text.count("−40") == 1  # as they lapsed


def test_pages_follow_each_other_without_gap_or_repetition(shop: Shop, sign_in_as: SignIn) -> None:
    days = range(1, 41)
    buy(shop.ben, [order(f"B-{day}", shop.ben, shop.now - timedelta(days=60 - day)) for day in days])
    client = sign_in_as(shop.ben)
    seen: list[str] = []
    address, headers = "/history/", {}
    for _ in range(4):
        html = client.get(address, headers=headers).content.decode()
        seen += re.findall(r'hx-get="/history/(\d+)/"', html)
        more = re.search(r'hx-get="(/history/\?[^"]+)"', html)
        if more is None:
            break
        address, headers = unescape(more.group(1)), {"HX-Request": "true"}
        assert "<html" in client.get(address).content.decode()  # the same address is a page of its own
    assert seen == [str(number) for number in range(40, 0, -1)]


def test_a_month_is_named_once_across_pages(shop: Shop, sign_in_as: SignIn) -> None:
    buy(shop.ben, [order(f"B-{n}", shop.ben, shop.now - timedelta(minutes=n)) for n in range(40)])
    client = sign_in_as(shop.ben)
    first = client.get("/history/").content.decode()
    more = re.search(r'hx-get="(/history/\?[^"]+)"', first)
    assert more
    second = client.get(unescape(more.group(1)), headers={"HX-Request": "true"}).content.decode()
    assert first.count("month-row") >= 1
    assert second.count("month-row") == 0


def test_filters_keep_what_they_say(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    assert "Purchase of" in text_of(client.get("/history/?show=earned"))
    assert (
        "Return"
        not in text_of(client.get("/history/?show=earned")).partition("Right now")[0].partition("Entries")[2]
    )
    returned = text_of(client.get("/history/?show=lapsed"))
    assert "Returned from order" in returned
    assert "Purchase of" not in returned


def test_a_strange_cursor_begins_anew(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    for address in ("/history/", "/rewards/", "/my-rewards/"):
        assert client.get(address, {"cursor": "nonsense"})["Location"] == address


def test_nobody_reads_another_members_entries(shop: Shop, sign_in_as: SignIn) -> None:
    assert sign_in_as(shop.ben).get("/history/1/").status_code == 404
