"""The pages of segments: who may, what is shown, and the builder without a script."""

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import local_date, utc_now
from regulars.segments import facade as segments
from regulars.segments.facade import SegmentInput
from regulars.segments.models import Segment
from regulars.segments.operations.rebuilding import TOO_LONG
from regulars.trail import facade as trail
from tests.console.conftest import Staffed
from tests.console.insights.test_pages import copy_facts

pytestmark = pytest.mark.django_db
BOUGHT = {"version": 1, "match": {"all": [{"trait": "points.balance", "at_least": 1}]}}
FIELDS = {
    "uid": "5b0c9f3e-5c1e-4f5f-9b43-0d6f1f1a2b3c",
    "rows": "1",
    "joint": "all",
    "name": "With points",
    "c0_subject": "trait:points.balance",
    "c0_op": "at_least",
    "c0_value": "1",
}


def make(name: str) -> str:
    told = SegmentInput(name, BOUGHT)
    return segments.create_segment(actor=SYSTEM, now=utc_now(), told=told).code


def test_what_is_counted_before_saving_is_what_is_in_it(staffed: Staffed) -> None:
    client = staffed.client(Role.MARKETER)
    counted = client.post("/console/segments/count/", FIELDS).content.decode()
    assert "points balance: at least 1" in counted
    saved = client.post("/console/segments/new/", FIELDS | {"act": "save"})
    assert saved["Location"] == "/console/segments/with-points/"
    segments.rebuild_due(now=utc_now())
    made = segments.get_segment("with-points")
    assert made.members_count > 0
    assert f"{made.members_count} member" in counted
    assert str(made.uid) == FIELDS["uid"]
    page = client.get("/console/segments/with-points/").content.decode()
    anna = staffed.shop.anna
    assert f"/console/segments/with-points/members/{anna}/" in page
    why = client.get(f"/console/segments/with-points/members/{anna}/").content.decode()
    assert "Points balance: at least 1" in why
    assert "With points" in client.get(f"/console/members/{anna}/").content.decode()


def test_conditions_come_and_go_without_a_script(staffed: Staffed) -> None:
    client = staffed.client(Role.OWNER)
    page = client.post("/console/segments/new/", FIELDS | {"act": "add"}).content.decode()
    assert 'name="c1_subject"' in page
    page = client.post("/console/segments/new/", FIELDS | {"act": "remove-0"}).content.decode()
    assert 'name="c0_subject"' not in page
    page = client.post("/console/segments/new/", FIELDS | {"act": "json"}).content.decode()
    assert "&quot;points.balance&quot;" in page
    assert segments.list_segments() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"c0_value": "many"}, "Write a number"),
        ({"rows": "0"}, "at least one condition"),
        ({"name": " "}, "Give a name"),
        ({"c0_subject": "count:comets"}, "There are no comets"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_saved(staffed: Staffed, wrong: dict[str, str], said: str) -> None:
    response = staffed.client(Role.OWNER).post("/console/segments/new/", FIELDS | wrong | {"act": "save"})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert segments.list_segments() == []


def test_everybody_reads_and_marketers_write(staffed: Staffed) -> None:
    code = make("One")
    for role in (Role.SUPPORT, Role.FINANCE, Role.DEVELOPER, Role.READ_ONLY):
        client = staffed.client(role)
        assert client.get("/console/segments/").status_code == 200
        assert client.get(f"/console/segments/{code}/").status_code == 200
        assert client.get("/console/segments/new/").status_code == 403
        assert client.post(f"/console/segments/{code}/archive/").status_code == 403
        assert client.post("/console/segments/new/", FIELDS | {"act": "save"}).status_code == 403
    assert [one.code for one in segments.list_segments()] == [code]
    marketer = staffed.client(Role.MARKETER)
    assert marketer.post(f"/console/segments/{code}/archive/").status_code == 302
    assert segments.list_segments() == []


def test_what_deep_trees_hold_survives_the_form(staffed: Staffed) -> None:
    deep = {
        "version": 1,
        "match": {"all": [{"any": [{"all": [{"any": [BOUGHT["match"], BOUGHT["match"]]}]}]}]},
    }
    told = SegmentInput("Deep", deep)
    made = segments.create_segment(actor=SYSTEM, now=utc_now(), told=told)
    page = staffed.client(Role.OWNER).get(f"/console/segments/{made.code}/edit/").content.decode()
    assert 'name="raw"' in page


@pytest.mark.parametrize("code", [one.code for one in segments.BUILT_IN])
def test_built_in_segments_can_be_copied(staffed: Staffed, code: str) -> None:
    segments.keep_built_in(actor=SYSTEM, now=utc_now())
    response = staffed.client(Role.OWNER).get(f"/console/segments/new/?from={code}")
    assert response.status_code == 200
    assert "(copy)" in response.content.decode()


def test_as_many_queries_for_thirty_as_for_one(staffed: Staffed) -> None:
    client = staffed.client(Role.OWNER)
    make("One")
    counts = []
    for more in (0, 29):
        for number in range(more):
            make(f"More {number}")
        for path in ("/console/segments/", "/console/segments/overlap/"):
            client.get(path)
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert client.get(path).status_code == 200
            counts.append(len(seen))
    assert counts[:2] == counts[2:]


def test_who_was_in_it_on_a_past_day(staffed: Staffed) -> None:
    code = make("One")
    segments.rebuild_due(now=utc_now())
    client = staffed.client(Role.MARKETER)
    today = local_date(utc_now(), ZoneInfo("UTC"))
    address = f"/console/segments/{code}/"
    size = segments.get_segment(code).members_count
    assert size > 0
    after = client.get(f"{address}?on={today + timedelta(days=1)}").content.decode()
    assert f"{size} member" in after
    before = client.get(f"{address}?on={today - timedelta(days=3)}").content.decode()
    assert "Nobody was in it then." in before
    for wrong in ("9999-12-31", "0001-01-01", "soon"):
        assert client.get(f"{address}?on={wrong}").status_code == 422


def read_file(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    written = b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]
    return list(csv.reader(io.StringIO(written)))


def test_what_is_shown_is_to_be_had_as_a_file(staffed: Staffed) -> None:
    code, other = make("One"), make("=Two")
    segments.rebuild_due(now=utc_now())
    client = staffed.client(Role.MARKETER)
    page = client.get("/console/segments/").content.decode()
    assert "/console/segments.csv" in page
    rows = read_file(client, "/console/segments.csv")
    assert [row[0] for row in rows] == ["code", other, code]
    assert rows[1][1] == "'=Two"
    assert len(read_file(client, "/console/segments/overlap.csv")) == 5
    assert (
        f"/console/segments/{code}/members.csv" in client.get(f"/console/segments/{code}/").content.decode()
    )
    listed = read_file(client, f"/console/segments/{code}/members.csv")
    assert len(listed) - 1 == segments.get_segment(code).members_count > 0
    newest = trail.list_audit(size=1).items[0]
    assert (newest.action, newest.subject) == ("table.exported", f"segment:{code}")
    assert client.get("/console/segments/nothing/members.csv").status_code == 404


@pytest.mark.parametrize(("language", "said"), [("en", "longer than ten minutes"), ("ru", "десяти минут")])
def test_a_failing_segment_says_so_in_the_readers_language(
    staffed: Staffed, language: str, said: str
) -> None:
    code = make("One")
    segments.rebuild_due(now=utc_now())
    Segment.objects.update(error=str(TOO_LONG), failed_at=utc_now(), failures=1)
    client = staffed.client(Role.SUPPORT)
    client.cookies["language"] = language
    for address in ("/console/segments/", f"/console/segments/{code}/"):
        page = client.get(address).content.decode()
        assert said in page
        assert 'role="alert"' in page
    Segment.objects.update(tree={"version": 1, "match": {"count": "comets", "at_least": 1}})
    assert "comets" in client.get(f"/console/segments/{code}/").content.decode()


def test_it_says_how_fresh_the_facts_are(staffed: Staffed) -> None:
    copy_facts()
    told = SegmentInput("Slipping", {"version": 1, "match": {"trait": "measure.churn_risk", "at_least": 0.5}})
    code = segments.create_segment(actor=SYSTEM, now=utc_now(), told=told).code
    client = staffed.client(Role.SUPPORT)
    for address in ("/console/segments/", "/console/segments/overlap/", f"/console/segments/{code}/"):
        assert "Data as of the end of" in client.get(address).content.decode()
