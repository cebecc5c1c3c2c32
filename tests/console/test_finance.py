"""Liability and movements as pages: what they show adds up, and agrees with the ledger."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.console.pages.finance import show_liability
from regulars.finance import facade as finance
from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import local_date, utc_now
from regulars.ledger import facade as ledger
from regulars.members.facade import MemberInput
from regulars.rules import facade as rules
from regulars.trail import facade as trail
from tests.console.conftest import Staffed
from tests.ledger.reading import run
from tests.store.shop import buy, join, order


@pytest.fixture
def clerk(staffed: Staffed) -> Client:
    """Someone of finance."""
    return staffed.client(Role.FINANCE)


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def today() -> date:
    now = utc_now()
    return local_date(now, rules.get_current_programme(now).time_zone)


def table(client: Client, address: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(read(client, address))))


def test_the_page_shows_what_members_have_and_that_it_agrees(staffed: Staffed, clerk: Client) -> None:
    shown = read(clerk, "/console/finance/")
    balance = ledger.get_balance(staffed.shop.anna, utc_now())
    assert f"<dd>{balance.active + balance.pending:,}</dd>" in shown
    assert "Agrees with the ledger" in shown
    assert f"entries {balance.active + balance.pending:,} = lots" in shown
    assert 'aria-current="page"' in shown
    assert "style=" not in shown
    assert "Nothing is owed" in read(clerk, "/console/finance/?as_of=2020-01-01")


def test_the_picture_has_a_column_for_every_month_of_the_table(staffed: Staffed, clerk: Client) -> None:
    now = utc_now()
    owed = finance.get_liability(as_of=now, now=now)
    page = show_liability(owed)
    assert page.chart is not None
    months = [one for bucket, one in owed.by_expiry if bucket.month]
    assert len(page.chart.bars) == len(months)
    assert all(
        bool(bar.parts) == bool(one.claimable) for bar, one in zip(page.chart.bars, months, strict=True)
    )
    assert all(y >= 0 and y + height <= 1000 for bar in page.chart.bars for _, y, height in bar.parts)
    tallest = max(page.chart.bars, key=lambda bar: sum(height for *_, height in bar.parts))
    assert f"{max(one.claimable for one in months):,}" in tallest.says
    assert page.chart.ticks[0] >= max(one.claimable for one in months) > 0
    assert read(clerk, "/console/finance/").count('class="chart-column"') == len(months)


def test_money_is_shown_where_a_point_has_a_cost(staffed: Staffed, clerk: Client) -> None:
    assert "Set what a point costs" in read(clerk, "/console/finance/")
    finance.set_point_cost(
        actor=SYSTEM, now=utc_now(), cost=Decimal("0.01"), effective_on=today() - timedelta(days=400)
    )
    shown = read(clerk, "/console/finance/")
    points = ledger.get_balance(staffed.shop.anna, utc_now())
    assert f"<dd>${(points.active + points.pending) / 100:,.2f}</dd>" in shown
    assert "Closing in money" in read(clerk, "/console/finance/movements/")


def test_movements_add_up_and_can_be_cut(staffed: Staffed, clerk: Client) -> None:
    first = (today() - timedelta(days=3)).isoformat()
    address = f"?first_day={first}&last_day={today().isoformat()}"
    shown = read(clerk, f"/console/finance/movements/{address}&step=day")
    assert "Agrees with the ledger" in shown
    assert "Taken back with returns" in shown
    assert "Day by day" in shown
    rows = table(clerk, f"/console/finance/movements.csv{address}")
    net = rows[0].index("net")
    assert sum(int(row[net]) for row in rows[1:-1]) == int(rows[-1][net]) > 0
    assert f"<dd>{int(rows[-1][net]):,}</dd>" in shown


@pytest.mark.parametrize("by", ["expiry", "tier"])
def test_the_csv_has_the_same_figures(staffed: Staffed, clerk: Client, by: str) -> None:
    answer = clerk.get(f"/console/finance/liability.csv?by={by}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert (
        f'filename="regulars-liability_{today().isoformat()}_points_by-{by}.csv"'
        in answer["Content-Disposition"]
    )
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0][0] == by
    assert sum(int(row[1]) for row in rows[1:-1]) == int(rows[-1][1]) > 0


def test_what_does_not_agree_is_named(staffed: Staffed, clerk: Client) -> None:
    run("UPDATE ledger_wallet SET balance = balance + 3 WHERE member_id = %s", staffed.shop.anna)
    for address in ("/console/finance/", "/console/finance/movements/"):
        shown = read(clerk, address)
        assert "Does not agree with the ledger" in shown
        assert "Agrees with the ledger" not in shown
        assert "doctor --ledger" in shown
        assert len(re.findall("<strong>differ</strong>", shown)) == 2


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("?as_of=2999-01-01", "That day has not come yet."),
        ("?as_of=soon", "Enter a valid date."),
        ("?currency=gold", "Select a valid choice"),
        ("movements/?first_day=2026-02-02&last_day=2026-02-01", "The last day lies before the first one."),
        ("movements/?first_day=2999-02-02", "That day has not come yet."),
        ("movements/?last_day=9999-12-31", "That day has not come yet."),
        ("liability.csv?as_of=2999-01-01", "That day has not come yet."),
        ("movements.csv?first_day=2999-02-02", "That day has not come yet."),
    ],
)
def test_days_that_cannot_be_are_told_at_the_field(clerk: Client, address: str, words: str) -> None:
    shown = read(clerk, f"/console/finance/{address}", status=422)
    assert words in shown
    assert "Agrees with the ledger" not in shown


@pytest.mark.parametrize("role", list(Role))
def test_only_finance_owners_and_readers_get_in(staffed: Staffed, role: Role) -> None:
    client = staffed.client(role)
    may = role in {Role.FINANCE, Role.OWNER, Role.READ_ONLY}
    for page in ("", "movements/", "liability.csv", "movements.csv"):
        assert client.get(f"/console/finance/{page}").status_code == (200 if may else 403)
    assert ("/console/finance/" in read(client, "/console/")) == may


def test_as_many_queries_for_thirty_members_as_for_two(staffed: Staffed, clerk: Client) -> None:
    pages = ("/console/finance/", "/console/finance/movements/?step=day", "/console/finance/liability.csv")
    counts = []
    for count in (0, 28):
        names = [MemberInput(f"x{n}", "X", f"Name {n}") for n in range(count)]
        for number, member in enumerate(join(staffed.shop.now, *names) if names else ()):
            when = utc_now() - timedelta(days=11 * number)
            buy(member, [order(f"O-{number}", member, when)])
        for address in pages:
            read(clerk, address)
        with CaptureQueriesContext(connection) as seen:
            for address in pages:
                read(clerk, address)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def cost_form(cost: str, day: date, step: str = "check") -> dict[str, str]:
    return {"cost": cost, "effective_on": day.isoformat(), "step": step}


def test_a_cost_is_set_after_its_consequences_were_told(staffed: Staffed, clerk: Client) -> None:
    points = ledger.get_balance(staffed.shop.anna, utc_now())
    claimable = points.active + points.pending
    first = today() - timedelta(days=30)
    told = clerk.post("/console/finance/cost/", cost_form("0.005", first)).content.decode()
    assert "Reckon a point at 0.005" in told
    assert f"The {claimable:,} points that members can claim today come to" in told
    assert not finance.list_point_costs()
    assert clerk.post("/console/finance/cost/", cost_form("0.005", first, "confirm")).status_code == 302
    (cost,) = finance.list_point_costs()
    assert (cost.cost, cost.effective_on) == (Decimal("0.005"), first)
    (noted,) = trail.list_audit(action="finance.cost_set").items
    assert noted.actor == staffed.staff[Role.FINANCE].actor
    shown = read(clerk, "/console/finance/cost/")
    assert "0.005" in shown
    assert "now</span>" in shown
    assert "In money" in read(clerk, "/console/finance/")
    next_day = today() + timedelta(days=1)
    assert (
        " now and <strong>"
        in clerk.post("/console/finance/cost/", cost_form("0.007", next_day)).content.decode()
    )


def test_a_cost_that_would_change_reports_is_refused(staffed: Staffed, clerk: Client) -> None:
    finance.set_point_cost(actor=SYSTEM, now=utc_now(), cost=Decimal("0.005"), effective_on=today())
    for cost, day in (
        ("0.01", today()),
        ("-1", today() + timedelta(days=1)),
        ("x", today() + timedelta(days=1)),
    ):
        for step in ("check", "confirm"):
            answer = clerk.post("/console/finance/cost/", cost_form(cost, day, step))
            assert answer.status_code == 422
            assert f'value="{cost}"' in answer.content.decode()
    looker = staffed.client(Role.READ_ONLY)
    assert 'name="cost"' not in read(looker, "/console/finance/cost/")
    tomorrow = today() + timedelta(days=1)
    assert looker.post("/console/finance/cost/", cost_form("0.01", tomorrow, "confirm")).status_code == 403
    assert staffed.client(Role.MARKETER).get("/console/finance/cost/").status_code == 403
    assert len(finance.list_point_costs()) == 1
