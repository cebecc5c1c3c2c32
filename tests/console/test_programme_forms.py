"""The draft's tables as forms: they show what the text says, and write only what was changed."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.identity.facade import Role
from regulars.rules import facade as rules
from tests.console.conftest import Staffed
from tests.console.test_programme import DRAFT, begin, field, words
from tests.store.shop import PROGRAMME

PART = f"{DRAFT}part/"


def text() -> str:
    draft = rules.find_draft()
    assert draft
    return draft.text


def read_form(page: str) -> dict[str, Any]:
    """What a browser would send of the page's own form, untouched."""
    form = page.split('class="table-form"')[1].split("</form>", maxsplit=1)[0]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if not name or ("checkbox" in tag and "checked" not in tag):
            continue
        sent.setdefault(name[1], []).append(value[1] if value else "on" if "checkbox" in tag else "")
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        sent[name] = [chosen[1] if chosen else ""]
    for name, body in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        sent[name] = [body.strip()]
    return {name: values for name, values in sent.items() if name != "csrfmiddlewaretoken"}


def addresses() -> list[str]:
    data = rules.read_document(PROGRAMME)
    # One of each type: the fields of a form hang on it.
    earn = {rule["type"]: f"earn:{rule['id']}" for rule in rules.list_tables(data, "earn")}
    tiers = [f"tier:{tier['code']}" for tier in rules.list_tables(data, "tier")]
    return [*earn.values(), tiers[-1], "programme", "expiry", "pending", "returns", "excluded", "tiers"]


# Twelve forms, each read and sent: two seconds.
@pytest.mark.slow
def test_a_form_that_is_sent_as_it_came_changes_nothing(staffed: Staffed, owner: Client) -> None:
    draft = begin(owner)
    for address in addresses():
        sent = read_form(owner.get(f"{PART}{address}/").content.decode())
        answer = owner.post(f"{PART}{address}/", {**sent, "step": "keep"})
        assert answer.status_code == 302, words(answer.content)
    assert rules.find_draft() == draft


def send(client: Client, address: str, **values: Any) -> tuple[int, str]:
    page = client.get(f"{PART}{address}/").content.decode()
    answer = client.post(f"{PART}{address}/", {**read_form(page), "step": "keep", **values})
    return answer.status_code, answer.content.decode()


# Five changes, each with its page read first.
@pytest.mark.slow
def test_one_change_is_one_line_of_the_text(staffed: Staffed, owner: Client) -> None:
    begin(owner)
    rule = rules.parse_programme(PROGRAMME).rules[0]
    assert send(owner, f"earn:{rule.id}", name="All you buy")[0] == 302
    old, new = PROGRAMME.splitlines(), text().splitlines()
    assert [line for line in new if line not in old] == ['name = "All you buy"']
    assert send(owner, f"earn:{rule.id}", window_weekdays=["monday"], window_time_from="17:00")[0] == 302
    assert 'window = { weekdays = ["monday"], time_from = "17:00" }' in text()
    assert (
        send(
            owner, f"earn:{rule.id}", caps0_points="500", caps0_period="day", match_categories="bread\nrolls"
        )[0]
        == 302
    )
    assert 'caps = [{ scope = "member", period = "day", points = 500 }]' in text()
    assert 'match = { categories = ["bread", "rolls"] }' in text()
    assert (
        send(
            owner,
            f"earn:{rule.id}",
            expiry_kind="after_months",
            expiry_months="3",
            pending_kind="days",
            pending_days="7",
        )[0]
        == 302
    )
    assert 'expiry = { kind = "after_months", months = 3 }' in text()
    assert "pending = { days = 7 }" in text()
    assert send(owner, f"earn:{rule.id}", when="basket.hour >= 18")[0] == 302
    found = rules.parse_programme(text()).rules[0]
    assert (found.when, found.caps[0].points, found.match.categories) == (
        "basket.hour >= 18", 500, {"bread", "rolls"},
    )  # fmt: skip


def test_the_tables_of_the_whole_programme_are_written(staffed: Staffed, owner: Client) -> None:
    begin(owner)
    assert (
        send(owner, "expiry", expiry_kind="end_of_period", expiry_period="year", expiry_months="")[0] == 302
    )
    assert send(owner, "pending", pending_kind="awaits", pending_awaits="delivered")[0] == 302
    assert send(owner, "returns", shortfall="balance_only")[0] == 302
    assert send(owner, "excluded", categories="tobacco")[0] == 302
    assert send(owner, "programme", points_name_singular="star", points_name_plural="stars")[0] == 302
    found = rules.parse_programme(text())
    assert (found.expiry.period, found.pending.awaits, str(found.returns.shortfall)) == (
        "year", "delivered", "balance_only",
    )  # fmt: skip
    assert (found.excluded.categories, found.points_name.plural) == ({"tobacco"}, "stars")


def test_mistakes_stand_at_their_fields_and_nothing_is_kept(staffed: Staffed, owner: Client) -> None:
    draft = begin(owner)
    rule = rules.parse_programme(PROGRAMME).rules[0]
    for name, value, said in (
        ("points", "0", "Must be at least 0.000001"),
        ("when", "basket.totl > 3", "has no field totl"),
        ("id", "Not An Id", "May have small letters"),
        ("window_time_from", "soon", "Enter a valid time."),
    ):
        status, page = send(owner, f"earn:{rule.id}", **{name: value})
        assert status == 422
        after = page.split(f'name="{name}"')[1]
        assert said in words(after.split('role="alert"')[1].split("</div>")[0].encode())
        typed = unescape(page)
        assert f'value="{value}"' in typed or f"\n{value}</textarea>" in typed
    assert rules.find_draft() == draft
    preview = owner.post(
        f"{PART}earn:{rule.id}/",
        {**read_form(owner.get(f"{PART}earn:{rule.id}/").content.decode()), "points": "7", "step": "preview"},
    )
    assert "7 points" in words(preview.content)
    assert "<html" not in preview.content.decode()
    assert rules.find_draft() == draft


def test_a_rule_is_added_by_its_kind_moved_rested_and_taken_out(staffed: Staffed, owner: Client) -> None:
    begin(owner)
    count = len(rules.parse_programme(PROGRAMME).rules)
    assert "A multiplier" in words(owner.get(f"{DRAFT}add/earn/").content)
    add = f"{DRAFT}add/earn/?type=multiplier"
    sent = {**read_form(owner.get(add).content.decode()), "id": "double", "name": "Double", "step": "keep"}
    assert owner.post(add, {**sent, "factor": "0.5"}).status_code == 422
    assert owner.post(add, {**sent, "factor": "2"}).status_code == 302
    status = owner.post(add, {**sent, "factor": "3"})
    assert (status.status_code, "Another one has this name already." in words(status.content)) == (422, True)

    def act(action: str, **more: str) -> int:
        return owner.post(f"{DRAFT}act/", {"address": "earn:double", "action": action, **more}).status_code

    assert act("up") == 302
    assert act("rest") == 302
    found = rules.parse_programme(text())
    assert [rule.id for rule in found.rules].index("double") == count - 1
    assert not found.rules[count - 1].enabled
    assert "Double At rest" in words(owner.get(DRAFT).content)
    assert act("wake") == 302
    assert act("remove") == 200
    assert len(rules.parse_programme(text()).rules) == count + 1
    assert act("remove", sure="yes") == 302
    assert len(rules.parse_programme(text()).rules) == count
    assert act("up") == 409
    assert act("add") == 409
    add = f"{DRAFT}add/tier/"
    sent = {
        **read_form(owner.get(add).content.decode()),
        "code": "stellar",
        "threshold": "999999",
        "step": "keep",
    }
    assert owner.post(add, sent).status_code == 302
    assert rules.parse_programme(text()).tiers.tiers[-1].threshold == 999_999


def test_a_form_on_what_another_changed_is_not_kept_before_one_has_looked(
    staffed: Staffed, owner: Client
) -> None:
    begin(owner)
    marketer = staffed.client(Role.MARKETER)
    mine = {**read_form(owner.get(f"{PART}expiry/").content.decode()), "step": "keep"}
    assert send(marketer, "expiry", expiry_kind="never", expiry_months="")[0] == 302
    theirs = text()
    answer = owner.post(f"{PART}expiry/", {**mine, "expiry_kind": "after_months", "expiry_months": "24"})
    assert answer.status_code == 409
    assert "Mara Lindt has changed this meanwhile." in words(answer.content)
    assert text() == theirs
    page = answer.content.decode()
    assert 'value="24"' in page
    again = {**mine, "expiry_kind": "after_months", "expiry_months": "24", "seen": field(page, "seen")}
    assert owner.post(f"{PART}expiry/", again).status_code == 302
    assert rules.parse_programme(text()).expiry.months == 24


@pytest.mark.parametrize("address", ["earn:nobody", "tier:", "nothing", "earn"])
def test_what_has_no_form_is_refused(staffed: Staffed, owner: Client, address: str) -> None:
    begin(owner)
    assert owner.get(f"{PART}{address}/").status_code == 409


def test_many_rules_ask_no_more_of_the_database(staffed: Staffed, owner: Client) -> None:
    rule = '\n[[earn]]\nid = "r{}"\ntype = "bonus"\npoints = 1\n'
    counts = []
    for extra in (1, 30):
        begin(owner, PROGRAMME + "".join(rule.format(number) for number in range(extra)))
        with CaptureQueriesContext(connection) as seen:
            assert owner.get(DRAFT).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
