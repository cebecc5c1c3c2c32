"""Statements: they add up, whatever happened; and any spreadsheet, printer and script can show them."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation
from fontTools.ttLib import TTFont

from regulars.identity.models import Throttle
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.rules import facade as rules
from regulars.store.pages.statement_pdf import Letterhead, draw_statement
from regulars.store.pages.statements import Period, Statement, StatementRow, load_statement
from regulars.store.pages.typefaces import cut_typeface
from regulars.store.visits import MemberVisit
from tests.store.shop import Shop
from tests.store.test_history import text_of
from tests.store.test_redeeming import confirm

SignIn = Callable[[MemberId], Client]


def statement_of(member_id: MemberId, first: date, last: date) -> Statement:
    now = utc_now()
    visit = MemberVisit(now, rules.get_programme_at(now), members.get_member(member_id))
    return load_statement(visit, Period(first, last))


def held_by(member_id: MemberId) -> int:
    entry = ledger.list_entries(member_id, size=1).items[0]
    return entry.balance_after + entry.pending_after - entry.debt_after


def live_through_everything(shop: Shop, client: Client) -> None:
    """Redeemed, taken back, set aside; lapsed; earned, spent and taken back beyond what is left."""
    confirm(client, "coffee")
    client.post(confirm(client, "loaf")["Location"].partition("?")[0] + "cancel/")
    confirm(client, "tote")
    given = ledger.adjust_points(
        actor=SYSTEM, now=shop.now, member_id=shop.anna, amount=5_000, reason="=1+1", key="given"
    )
    ledger.adjust_points(
        actor=SYSTEM, now=utc_now(), member_id=shop.anna, amount=-5_500, reason="Too much", key="taken"
    )
    ledger.reverse_earn(
        actor=SYSTEM,
        now=utc_now(),
        member_id=shop.anna,
        currency=ledger.Currency.POINTS,
        seq=given.seq,
        amount=5_000,
        key="reversed",
        source="",
        reason="A mistake",
        shortfall=ledger.Shortfall.DEBT,
    )
    ledger.adjust_points(
        actor=SYSTEM, now=utc_now(), member_id=shop.anna, amount=70, reason="Goodwill", key="more"
    )


def test_a_statement_adds_up_over_any_period(shop: Shop, sign_in_as: SignIn) -> None:
    live_through_everything(shop, sign_in_as(shop.anna))
    today = shop.now.date() + timedelta(days=1)
    whole = statement_of(shop.anna, date(2020, 1, 1), today)
    assert whole.opening == 0
    assert whole.closing == held_by(shop.anna)
    kinds = {entry.kind for entry in ledger.list_entries(shop.anna, size=100).items}
    assert {ledger.EntryKind.REVERSE, ledger.EntryKind.REFUND, ledger.EntryKind.HOLD} <= kinds
    for days in (0, 1, 7, 31, 90, 200, 400):
        cut = today - timedelta(days=days)
        early = statement_of(shop.anna, date(2020, 1, 1), cut)
        late = statement_of(shop.anna, cut + timedelta(days=1), today + timedelta(days=1))
        assert early.closing == late.opening
        assert early.rows + late.rows == whole.rows
        for one in (early, late):
            assert one.opening + one.came + one.went == one.closing
            assert (one.rows[-1].balance if one.rows else one.opening) == one.closing


def test_a_spreadsheet_reads_the_statement(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    live_through_everything(shop, client)
    answer = client.get("/history/statement/?from=2020-01-01&as=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["Day", "What happened", "Why", "Points", "Balance"]
    assert rows[1][1] == "Balance before"
    assert sum(int(row[3]) for row in rows[2:]) == int(rows[-1][4]) == held_by(shop.anna)
    assert any("double on bread" in row[2] for row in rows)
    assert not any(cell.startswith(("=", "@")) for row in rows for cell in row)


def test_a_printer_gets_a_document_with_its_letters(shop: Shop, sign_in_as: SignIn) -> None:
    answer = sign_in_as(shop.anna).get("/history/statement/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"/FontFile2" in answer.content
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("language", ["en", "ru", "zh-hans"])
def test_every_script_of_ours_is_drawn(language: str) -> None:
    row = StatementRow(datetime(2026, 5, 1, tzinfo=UTC), "Кофе 咖啡 coffee", "=1 🎉\n2", 40, 140)
    statement = Statement(Period(date(2026, 4, 1), date(2026, 6, 1)), 100, (row,) * 120, 4_900)
    head = Letterhead("Лавка 小店", "Łukasz", "l-1", "points", datetime(2026, 6, 2, tzinfo=UTC))
    with translation.override(language):
        drawn = draw_statement(statement, head)
    assert drawn.count(b"/Type /Page\n") > 3
    assert len(drawn) < 200_000


def test_the_typeface_is_cut_down_to_what_is_used() -> None:
    letters = frozenset("Aя咖−×0")
    for content in cut_typeface(letters):
        assert len(content) < 20_000
        assert {chr(point) for point in TTFont(io.BytesIO(content)).getBestCmap()} == letters


@pytest.mark.parametrize(
    "query", ["from=nonsense&to=2026-13-01", "from=9999-12-31&to=0001-01-01", "from=%C3"]
)
def test_a_period_that_makes_no_sense_is_the_last_three_months(
    shop: Shop, sign_in_as: SignIn, query: str
) -> None:
    answer = sign_in_as(shop.anna).get(f"/history/statement/?as=csv&{query}")
    first = next(csv.reader(io.StringIO(answer.content.decode("utf-8-sig").partition("\n")[2])))
    assert 80 < (shop.now.date() - date.fromisoformat(first[0])).days < 100


def test_statements_are_for_members_and_not_for_ever(shop: Shop, sign_in_as: SignIn, client: Client) -> None:
    assert client.get("/history/statement/").status_code == 302
    member = sign_in_as(shop.ben)
    assert member.get("/history/statement/?as=csv").status_code == 200
    Throttle.objects.update(attempts=1_000)
    assert member.get("/history/statement/?as=csv")["Location"] == "/history/"


def test_the_history_tells_the_balance_after_each_entry(shop: Shop, sign_in_as: SignIn) -> None:
    text = text_of(sign_in_as(shop.anna).get("/history/"))
    latest = ledger.list_entries(shop.anna, size=1).items[0]
    assert f"Balance {latest.balance_after:,}" in text
