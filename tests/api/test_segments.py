"""Segments over HTTP."""

from regulars.kit.clock import utc_now
from regulars.segments import facade as segments
from tests.api.client import Caller, refused
from tests.redemption.examples import make_member

TREE = {"version": 1, "match": {"trait": "points.balance", "at_least": 500}}


def test_a_segment_is_counted_defined_filled_and_read(caller: Caller) -> None:
    member_id = make_member(points=600)
    seen = caller.post("/segments/preview", {"tree": TREE}).json()
    assert (seen["count"], seen["sample"]) == (1, [member_id])
    assert seen["sentence"] == "Members with: points balance: at least 500."
    body = {"name": "Rich", "tree": TREE, "uid": seen["uid"]}
    made = caller.post("/segments", body, key="k1").json()
    assert (made["code"], made["state"], made["uid"]) == ("rich", "building", seen["uid"])
    again = caller.post("/segments", body, key="k1")
    assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
    segments.rebuild_due(now=utc_now())
    assert caller.get("/segments/rich").json()["members_count"] == 1
    (one,) = caller.get("/segments/rich/members").json()["items"]
    assert one["member_id"] == member_id
    assert caller.get("/segments/rich/members", as_of="2020-01-01T00:00:00Z").json()["items"] == []
    assert [one["code"] for one in caller.get(f"/members/{member_id}/segments").json()["items"]] == ["rich"]
    (entry,) = caller.get("/segments/rich/history").json()["items"]
    assert (entry["entered"], entry["facts"]) == (True, {"match": 600})
    changed = caller.post("/segments/rich", {"name": "Well-off", "expected_version": 1}, key="k2").json()
    assert (changed["name"], changed["version"]) == ("Well-off", 1)
    assert caller.post("/segments/rich/archive", key="k3").json()["state"] == "archived"
    assert caller.get("/segments").json()["items"] == []


def test_a_mistake_in_a_tree_names_its_place(caller: Caller) -> None:
    wrong = {"version": 1, "match": {"all": [{"count": "comets", "at_least": 1}]}}
    problem = refused(caller.post("/segments", {"name": "No", "tree": wrong}, key="k1"), 422, "tree_invalid")
    assert problem["path"] == "match.all.0.count"
    refused(caller.post("/segments/preview", {"tree": wrong}), 422, "tree_invalid")
    refused(caller.get("/segments/nobody"), 404, "segment_not_found")
    assert segments.list_segments() == []
