"""The pages of insights: what they show, what they say where there is nothing, what their files hold."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from regulars.analytics.facade import Figure, Measure, ReportKind, RetentionKind, Segment, Unit
from regulars.analytics.models import LifestyleTheme, MemberMeasure
from regulars.analytics.models import Report as ReportRow
from regulars.console.pages.insights import frame
from regulars.console.pages.insights.figures import show_figure
from regulars.console.pages.insights.findings import COLUMNS
from regulars.console.pages.insights.wording import LOOKED_FOR, RETENTION_KINDS, TONES
from regulars.facts.models import FactsState
from regulars.identity.facade import Permission, Role
from regulars.identity.policies import PERMISSIONS
from regulars.kit.clock import utc_now
from regulars.members.facade import MemberInput
from regulars.trail import facade as trail
from tests.console.conftest import Staffed
from tests.console.insights import samples
from tests.console.test_tables import HTMX, read, table_of
from tests.store.shop import join

PAGES = {
    "overview": "/console/insights/",
    "retention": "/console/insights/retention/",
    "value": "/console/insights/value/",
    "points": "/console/insights/points/",
    "check-up": "/console/insights/check-up/",
}


def copy_facts() -> None:
    FactsState.objects.create(
        synced_at=utc_now() - timedelta(hours=3),
        as_of=samples.AS_OF,
        time_zone="UTC",
        system="",
        oldest_running=0,
        layout="",
        transport="copy",
        seconds=1.0,
    )


@pytest.fixture
def marketer(staffed: Staffed) -> Client:
    """Someone who reads insights, with everything there is to read."""
    copy_facts()
    for kind, report in samples.make_all((staffed.shop.anna,)).items():
        samples.store(kind, report, utc_now())
    return staffed.client(Role.MARKETER)


def find_files(page: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'href="([^"]+\.csv[^"]*)"', page)]


def read_rows(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer["Content-Type"] == "text/csv; charset=utf-8", address
    return list(csv.reader(io.StringIO(answer.content.decode())))


def test_every_code_has_its_words() -> None:
    assert set(TONES) == set(Segment)
    assert set(RETENTION_KINDS) == set(RetentionKind)
    assert set(COLUMNS) <= set(LOOKED_FOR)
    for measure in Measure:
        assert frame.name_key(measure, "")


# Each page's charts are made anew for each of its files.
@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_each_picture_has_its_table_and_its_file(marketer: Client, name: str) -> None:
    page = read(marketer, PAGES[name])
    assert page.count("data-plot-canvas") == page.count('<details class="plot-table"')
    assert page.count("data-plot-canvas") == page.count('<script type="application/json">')
    files = find_files(page)
    assert files
    for address in files:
        rows = read_rows(marketer, address)
        assert len(rows) > 1, address
        assert {len(row) for row in rows} == {len(rows[0])}


def test_a_file_holds_what_the_table_shows(marketer: Client) -> None:
    page = read(marketer, PAGES["retention"])
    (address,) = [one for one in find_files(page) if "/cohorts.csv" in one]
    rows = read_rows(marketer, address)
    cohorts = samples.make_table(RetentionKind.N_PERIOD).cohorts
    assert rows[0] == ["First purchase", "Days since the first purchase", "value", "final"]
    assert len(rows) - 1 == sum(len(cohort.cells) for cohort in cohorts)
    shares = [float(row[2]) for row in rows[1:]]
    assert shares == [cell.share for cohort in cohorts for cell in cohort.cells]
    assert [row[3] for row in rows[1:]].count("no") == len(cohorts)
    assert page.count("so far; not final") > len(cohorts)


def test_the_numbers_that_matter_say_what_they_stand_on(marketer: Client) -> None:
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", read(marketer, PAGES["overview"])))
    for told in (
        "87.1%",
        "down from 88.4%",
        "1,859 of 2,134 members",
        "$28.74",
        "August 24 – November 15, 2026",
    ):
        assert told in page
    assert "No product that was sold has a cost" in page
    assert "1,421 members could have a reward and never took one" in page
    assert "Copied 3 hours ago" in page.replace("\xa0", " ")


def test_a_period_is_in_the_address_and_remembered(marketer: Client) -> None:
    for kind in ReportKind:
        samples.store(kind, samples.make_empty(kind), utc_now(), "28d")
    assert "1,859 of 2,134" in read(marketer, PAGES["overview"])
    asked = read(marketer, f"{PAGES['overview']}?period=28d")
    assert "Nothing of the kind has happened yet." in asked
    assert "/console/insights/retention/?period=28d" in asked
    assert "Nothing of the kind" in read(marketer, PAGES["retention"])
    assert "Nothing of the kind" in read(marketer, f"{PAGES['points']}?period=nonsense")
    assert "1,859 of 2,134" in read(marketer, f"{PAGES['overview']}?period=84d")


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ("", "Give the first and the last day."),
        ("&first=2026-05-02&last=2026-05-01", "The last day lies before the first one."),
        ("&first=1026-05-02&last=2026-05-01", "longer than ten years"),
        ("&first=2026-02-30&last=2026-05-01", "Enter a valid date."),
    ],
)
def test_days_that_make_no_sense_are_refused(marketer: Client, days: str, told: str) -> None:
    before = ReportRow.objects.count()
    answer = marketer.get(f"{PAGES['points']}?period=custom{days}")
    assert (answer.status_code, told in answer.content.decode()) == (422, True)
    assert ReportRow.objects.count() == before


def test_what_is_not_there_is_made_by_a_job_and_said_when_it_fails(marketer: Client) -> None:
    address = f"{PAGES['points']}?period=custom&first=2026-05-01&last=2026-05-31"
    waiting = marketer.get(address)
    assert (waiting.status_code, int(waiting["Refresh"]) > 0) == (200, True)
    assert "Being worked out" in waiting.content.decode()
    (row,) = ReportRow.objects.filter(made_at=None)
    assert (row.kind, row.scope) == ("points", "2026-05-01/2026-06-01")
    ReportRow.objects.filter(pk=row.pk).update(failure="The disk is full.")
    failed = marketer.get(address)
    assert "The disk is full." in failed.content.decode()
    assert "Refresh" not in failed
    again = marketer.post("/console/insights/points/make/?period=custom&first=2026-05-01&last=2026-05-31")
    assert again.status_code == 302
    assert "Being worked out" in marketer.get(again["Location"]).content.decode()
    assert marketer.get("/console/insights/points/moved.csv?period=365d").status_code == 302


def test_without_data_it_says_how_to_get_them_in(staffed: Staffed, monkeypatch: pytest.MonkeyPatch) -> None:
    client = staffed.client(Role.MARKETER)
    for address in PAGES.values():
        page = read(client, address)
        assert "Get your data in." in page
        assert "regulars[analytics]" not in page
    assert not ReportRow.objects.exists()
    (action,) = re.findall(r'action="(/console/insights/copy/)"', page)
    assert client.post(action)["Location"] == "/console/insights/"
    assert ProcrastinateJob.objects.filter(task_name="facts.sync_facts").count() == 1
    monkeypatch.setattr(frame, "EXTRA", ("no_such_package",))
    assert "regulars[analytics]" in read(client, PAGES["value"])


@pytest.mark.parametrize("name", PAGES)
def test_a_shop_where_nothing_happened_is_told_so(staffed: Staffed, name: str) -> None:
    copy_facts()
    for kind in ReportKind:
        samples.store(kind, samples.make_empty(kind), utc_now())
    page = read(staffed.client(Role.MARKETER), PAGES[name])
    assert "Nothing of the kind has happened yet." in page
    assert "data-plot-canvas" not in page


@pytest.mark.parametrize("role", list(Role))
def test_who_may_see_them(staffed: Staffed, role: Role) -> None:
    copy_facts()
    client = staffed.client(role)
    may = Permission.INSIGHTS_VIEW in PERMISSIONS[role]
    for address in (*PAGES.values(), "/console/insights/members/", "/console/insights/points/moved.csv"):
        assert (client.get(address).status_code != 403) == may, address
    assert ("/console/insights/" in read(client, "/console/")) == may


def measure(prefix: str, count: int) -> None:
    """As the refresh does: so many more members, all of one segment."""
    inputs = [MemberInput(f"{prefix}-{number}", prefix, f"N{number}") for number in range(count)]
    for number, member in enumerate(join(utc_now(), *inputs)):
        MemberMeasure.objects.create(
            member_id=member,
            as_of=samples.AS_OF,
            segment="loyal",
            orders_count=number,
            spent_minor=100 * number,
            currency="USD",
            value_minor=50_000 + number,
            risk=0.25,
        )


BEHIND = "/console/insights/members/?measure=segment&key=loyal&first=2026-08-24&last=2026-11-15"


# Thirty members join, and six pages are made.
@pytest.mark.slow
def test_the_members_behind_a_number(marketer: Client) -> None:
    counts = []
    for at, (prefix, more) in enumerate((("First", 2), ("More", 28))):
        measure(prefix, more)
        marketer.get(BEHIND)
        with CaptureQueriesContext(connection) as queries:
            whole = read(marketer, f"{BEHIND}&size=50")
        counts.append(len(queries))
        assert whole.count("row-link") == (2, 30)[at]
    assert counts[0] == counts[1]
    assert table_of(whole) == table_of(read(marketer, f"{BEHIND}&size=50", **HTMX))
    first = read(marketer, BEHIND)
    assert first.count("row-link") == 25
    (onward,) = re.findall(r'rel="next" href="([^"]+)"', first)
    assert read(marketer, unescape(onward)).count("row-link") == 5
    assert "$500.01" in first


def test_a_file_of_members_is_on_record(marketer: Client) -> None:
    measure("One", 3)
    answer: Any = marketer.get(BEHIND.replace("/members/", "/members.csv"))
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows[0] == [
        "name",
        "segment",
        "orders_count",
        "last_order_on",
        "spent_minor",
        "value_minor",
        "risk",
    ]
    assert [row[4] for row in rows[1:]] == ["0.00", "1.00", "2.00"]
    newest = trail.list_audit(size=1).items[0]
    assert (newest.action, newest.subject) == ("table.exported", "table:behind")


@pytest.mark.parametrize(
    "query", ["", "?measure=nonsense&first=2026-01-01&last=2026-01-02", "?measure=segment&key=loyal"]
)
def test_no_number_named_leads_back(marketer: Client, query: str) -> None:
    assert marketer.get(f"/console/insights/members/{query}")["Location"] == "/console/insights/"


def test_a_key_that_leads_nowhere_is_refused(marketer: Client) -> None:
    assert marketer.get(BEHIND.replace("key=loyal", "key=nobody")).status_code == 422
    for address in ("points/nothing.csv", "nowhere/moved.csv"):
        assert marketer.get(f"/console/insights/{address}").status_code == 404


def test_a_member_is_explained_to_who_may_see_it(staffed: Staffed) -> None:
    copy_facts()
    MemberMeasure.objects.create(
        member_id=staffed.shop.anna,
        as_of=samples.AS_OF,
        segment="slipping",
        value_minor=123_456,
        risk=0.71,
        currency="USD",
        risk_reasons=[
            {"code": "silence", "effect": 0.3, "value": 40.0},
            {"code": "novel", "effect": -0.1, "value": None},
        ],
        lifestyles=[{"code": "fresh_wine", "share": 0.4}],
    )
    address = f"/console/members/{staffed.shop.anna}/"
    shown = read(staffed.client(Role.MARKETER), address)
    for told in ("Slipping", "$1,235", "high, 71.0%", "40 days since the last purchase", "novel"):
        assert told in shown
    assert "Slipping" not in read(staffed.client(Role.SUPPORT), address)


def test_a_change_says_whether_it_is_for_the_better() -> None:
    period = samples.PERIOD
    same = Figure(Measure.CHURN_RATE, Unit.SHARE, period, 9, value=0.1, previous=0.1)
    shown = show_figure(same)
    assert (shown.change.way, shown.change.tone) == ("same", "")  # type: ignore[union-attr]
    worse = show_figure(Figure(Measure.CHURN_RATE, Unit.SHARE, period, 9, value=0.2, previous=0.1))
    better = show_figure(Figure(Measure.REPEAT_RATE, Unit.SHARE, period, 9, value=0.2, previous=0.1))
    assert (worse.change.tone, better.change.tone) == ("tomato", "leaf")  # type: ignore[union-attr]
    unknown = show_figure(Figure(Measure.REPEAT_RATE, Unit.SHARE, period, 0))
    assert (unknown.value, unknown.change, unknown.trend) == ("", None, None)


def test_a_marketer_names_a_theme_and_says_what_is_kept_out(staffed: Staffed) -> None:
    LifestyleTheme.objects.create(
        code="cats",
        name="Cat Food · Cat Litter",
        categories=[["Cat Food", 0.6], ["Cat Litter", 0.4]],
        members=375,
        rank=0,
    )
    LifestyleTheme.objects.create(code="wine", name="Wine", categories=[["Wine", 1.0]], members=12, rank=1)
    address = "/console/insights/lifestyles/"
    marketer, reader = staffed.client(Role.MARKETER), staffed.client(Role.READ_ONLY)
    assert "Cat Food · Cat Litter" in read(reader, address)
    assert read_rows(reader, "/console/insights/lifestyles.csv")[1] == [
        "cats", "Cat Food · Cat Litter", "375", "Cat Food", "0.6",
    ]  # fmt: skip
    for part in ("name/", "decide/"):
        assert f"{address}{part}" in read(marketer, address)
        assert f"{address}{part}" not in read(reader, address)
        assert reader.post(address + part, {"code": "cats", "name": "Cats"}).status_code == 403
    assert marketer.post(f"{address}name/", {"code": "cats", "name": "Cat people"}).status_code == 302
    assert "It is called “Cat people” now." in read(marketer, address)
    marketer.post(f"{address}name/", {"code": "wine", "name": "cat PEOPLE"})
    assert "Another lifestyle has this name." in read(marketer, address)
    assert marketer.post(f"{address}name/", {"code": "gone", "name": "x"}).status_code == 404
    long_horizon = {"sensitive_patterns": "wine", "risk_horizon_weeks": "99", "keeps_sensitive_out": "on"}
    assert marketer.post(f"{address}decide/", long_horizon).status_code == 422
    assert LifestyleTheme.objects.count() == 2
    assert marketer.post(f"{address}decide/", long_horizon | {"risk_horizon_weeks": "8"}).status_code == 302
    assert [one.code for one in LifestyleTheme.objects.all()] == ["cats"]
    assert trail.list_audit(size=1).items[0].action == "analytics.learning_set"
    jobs = sorted(ProcrastinateJob.objects.values_list("task_name", flat=True))
    assert jobs == ["analytics.learn_anew", "recommend.score"], (
        "shelves follow at once, and not for a refusal"
    )
