"""Members over HTTP."""

from typing import Any

import pytest

from regulars.members.facade import IdentityKind, find_member
from tests.api.client import Caller, refused

ANNA = {
    "external_id": "H1",
    "given_name": "Anna",
    "family_name": "Schmidt",
    "email": "Anna@example.org",
    "cards": ["1234 5678"],
    "birthday": "1990-02-28",
    "joined_at": "2025-01-02T10:00:00+01:00",
    "attributes": {"pets": 2, "news": True, "city": "Köln"},
}


def test_create_change_leave_alone(caller: Caller) -> None:
    created = caller.post("/members", ANNA)
    assert created.status_code == 201
    assert created.json()["status"] == "created"
    again = caller.post("/members", ANNA)
    assert (again.status_code, again.json()["status"]) == (200, "unchanged")
    changed = caller.post("/members", {"external_id": "H1", "given_name": "Anne", "clear": ["birthday"]})
    assert (changed.status_code, changed.json()["status"]) == (200, "updated")
    told = caller.get("/members/external:H1").json()
    assert (told["given_name"], told["family_name"], told["birthday"]) == ("Anne", "Schmidt", None)
    assert told["attributes"] == {"pets": 2, "news": True, "city": "Köln"}
    assert told["joined_at"] == "2025-01-02T09:00:00Z"


def test_a_member_goes_by_many_names(caller: Caller) -> None:
    member_id = caller.post("/members", ANNA).json()["member_id"]
    for ref in (str(member_id), "external:H1", "email:anna@EXAMPLE.org", "card:1234-5678"):
        assert caller.get(f"/members/{ref}").json()["member_id"] == member_id
    for ref in (
        "999999",
        "9" * 19,
        "external:H2",
        "email:nobody@example.org",
        "phone:+4930123456",
        "email:no",
    ):
        refused(caller.get(f"/members/{ref}"), 404, "member_not_found")
    for ref in ("0", "-1", "H1", "name:Anna", "9" * 20):
        refused(caller.get(f"/members/{ref}"), 422, "invalid_input")


def test_refusals_are_told_by_their_code(caller: Caller) -> None:
    caller.post("/members", ANNA)
    refused(
        caller.post("/members", {"external_id": "H2", "email": "anna@example.org"}), 409, "identity_taken"
    )
    refused(caller.post("/members", {"external_id": "H2", "email": "nonsense"}), 422, "member_invalid")
    problem = refused(
        caller.post("/members", {"external_id": "H2", "birthday": "31.12.1990"}), 422, "invalid_input"
    )
    assert problem["errors"][0]["field"] == "body.member.birthday"
    refused(caller.post("/members", {"external_id": "H2", "surname": "X"}), 422, "invalid_input")
    assert find_member(IdentityKind.EXTERNAL, "H2") is None


def test_a_batch_tells_of_each(caller: Caller) -> None:
    items = [
        ANNA,
        {"external_id": "H2", "email": "anna@example.org"},
        {"external_id": "H3", "birthday": "never"},
        "nonsense",
        {"external_id": "H4"},
        {"external_id": "H5", "attributes": {"x": 1.5}},
    ]
    results = caller.post("/members/batch", {"members": items}).json()["results"]
    assert [(result["external_id"], result["status"]) for result in results] == [
        ("H1", "created"), ("H2", "refused"), ("H3", "refused"),
        (None, "refused"), ("H4", "created"), ("H5", "refused"),
    ]  # fmt: skip
    assert [result["problem"] and result["problem"]["code"] for result in results] == [
        None, "identity_taken", "invalid_input", "invalid_input", None, "invalid_input",
    ]  # fmt: skip
    refused(caller.post("/members/batch", {"members": []}), 422, "invalid_input")
    refused(caller.post("/members/batch", {"members": [{}] * 1_001}), 422, "invalid_input")


def test_searching_in_pages(caller: Caller) -> None:
    batch = [{"external_id": f"H{n}", "given_name": "Anna", "family_name": f"S{n}"} for n in range(5)]
    caller.post("/members/batch", {"members": batch})
    seen, cursor = [], None
    while True:
        page = caller.get("/members", search="anna", size=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [member["external_id"] for member in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == [f"H{n}" for n in range(5)]
    refused(caller.get("/members", cursor="nonsense"), 422, "bad_cursor")
    refused(caller.get("/members", size=101), 422, "invalid_input")


def test_the_tier(caller: Caller) -> None:
    caller.post("/members", ANNA)
    told = caller.get("/members/external:H1/tier").json()
    assert (told["tier"], told["next_tier"], told["needed"], told["metric"]) == (
        "bronze",
        "gold",
        1_000,
        "points",
    )


@pytest.mark.parametrize("size", [1, 30])
def test_the_same_queries_for_any_page(caller: Caller, size: int, django_assert_num_queries: Any) -> None:
    caller.post("/members/batch", {"members": [{"external_id": f"H{n}"} for n in range(30)]})
    caller.get("/members/external:H1")
    with django_assert_num_queries(2):
        assert len(caller.get("/members", search="h", size=size).json()["items"]) == size
