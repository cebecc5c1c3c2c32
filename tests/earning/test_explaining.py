"""Every entry explains itself, a page of them in as many queries as one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.earning.facade import (
    Source,
    SourceKind,
    UnknownAward,
    explain_award,
    explain_entry,
    explain_sources,
    parse_source,
)
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import JournalSeq
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency
from tests.activity.makers import NOW, event, give_back, line, make_members, order
from tests.earning.worlds import WHOLE, publish, stock_products, submit_events, submit_orders, submit_returns

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    publish(WHOLE)
    stock_products()


def source(kind: str, number: int | None) -> Source:
    assert number is not None
    return Source(SourceKind(kind), number)


def test_an_order_says_what_each_rule_gave_for_each_product() -> None:
    (ada,) = make_members(1)
    (outcome,) = submit_orders(order("A-1", ada, line(1, 550, sku="rye"), line(2, 999, sku="unheard")))
    view = explain_award(source("order", outcome.order_id))
    assert (view.reference, view.points, view.award_id) == ("A-1", 120, outcome.award_id)
    points, qualifying = view.postings
    assert (points.currency, points.amount, qualifying.currency) == ("points", 120, "qualifying_points")
    told = {
        part.rule: (part.points, [(share.name, share.points) for share in part.shares])
        for part in points.parts
    }
    assert told["purchases"] == (14, [("Rye bread", 5), ("unheard", 9)])
    assert told["bread"] == (6, [("Rye bread", 6)])
    assert told["first"][0] == 100
    assert view.sentences[0] == "1 for every €1.00 of €15.49"
    assert "double on bread" in view.sentences[1]
    assert qualifying.parts[0].shares == points.parts[0].shares


def test_an_event_explains_itself_and_what_was_left_out() -> None:
    (ada,) = make_members(1)
    outcomes = submit_events(*(event(f"E-{n}", ada, "review") for n in range(3)))
    first, _, third = [explain_award(source("event", outcome.event_id)) for outcome in outcomes]
    assert first.sentences == ("20 for “Review”",)
    assert (third.points, third.sentences) == (0, ())
    assert "at most 40" in third.notes[0]


def test_a_return_says_what_came_back_and_what_it_took() -> None:
    (ada,) = make_members(1)
    (bought,) = submit_orders(order("A-1", ada, line(1, 1000, 2, sku="rye"), line(2, 500, sku="milk")))
    ledger.spend(actor=SYSTEM, now=NOW, member_id=ada, amount=bought.points, key="s", source="test")
    (outcome,) = submit_returns(give_back("R-1", "A-1", (1, 1, None), (2, 1, None)))
    view = explain_award(source("return", outcome.return_id))
    assert view.points == -outcome.points
    assert view.sentences == ("Returned from order A-1: Rye bread, Milk",)
    assert view.notes == (f"{outcome.points} of them had been spent: the next points make up for them.",)
    assert [row.amount for row in view.reversals if row.currency == "points"] == [outcome.points]
    order_view = explain_award(source("order", bought.order_id))
    assert order_view.postings[0].reversed == outcome.points


def test_an_entry_leads_to_its_award() -> None:
    (ada,) = make_members(1)
    (outcome,) = submit_orders(order("A-1", ada))
    entry = ledger.list_entries(ada, Currency.POINTS).items[0]
    view = explain_entry(member_id=ada, currency=Currency.POINTS, seq=entry.seq)
    posting = view.posting_of(entry.currency, entry.seq)
    assert posting is not None
    assert (posting.amount, view.award_id) == (110, outcome.award_id)
    ledger.spend(actor=SYSTEM, now=NOW, member_id=ada, amount=5, key="s", source="redemption:1")
    with pytest.raises(UnknownAward):
        explain_entry(member_id=ada, currency=Currency.POINTS, seq=JournalSeq(entry.seq + 1))


def test_sources_are_read_from_entries() -> None:
    assert parse_source("order:17") == Source(SourceKind.ORDER, 17)
    assert str(Source(SourceKind.RETURN, 3)) == "return:3"
    assert [parse_source(text) for text in ("", "order:", "order:x", "redemption:1", "order:²")] == [None] * 5
    with pytest.raises(UnknownAward):
        explain_award(Source(SourceKind.ORDER, 1))
    assert explain_sources([Source(SourceKind.RETURN, 1), Source(SourceKind.EVENT, 2)]) == {}


def test_a_page_takes_as_many_queries_as_one() -> None:
    (ada,) = make_members(1)
    orders = submit_orders(*(order(f"A-{n}", ada, line(1, 900, sku="rye"), minutes=n) for n in range(30)))
    events = submit_events(*(event(f"E-{n}", ada, "review") for n in range(30)))
    returns = submit_returns(*(give_back(f"R-{n}", f"A-{n}", (1, 1, None)) for n in range(30)))
    every = [
        (source("order", bought.order_id), source("event", done.event_id), source("return", back.return_id))
        for bought, done, back in zip(orders, events, returns, strict=True)
    ]
    counts = []
    for size in (1, 30):
        with CaptureQueriesContext(connection) as queries:
            views = explain_sources([one for three in every[:size] for one in three])
        assert len(views) == 3 * size
        counts.append(len(queries))
    assert counts[0] == counts[1]
