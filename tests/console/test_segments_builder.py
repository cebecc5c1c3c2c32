"""The builder of segments: groups within groups, what fields take, and that nothing is said by halves."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from regulars.analytics.models import LifestyleTheme
from regulars.console.pages.segments.groups import Group, make_tree, read_group, show_group, split_tree
from regulars.console.pages.segments.rows import Row
from regulars.console.pages.segments.subjects import Form, make_form
from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.segments import facade as segments
from regulars.segments.facade import SegmentInput, TreeInvalid
from tests.console.conftest import Staffed

pytestmark = pytest.mark.django_db
NEW = "/console/segments/new/"
POINTS = {"trait": "points.balance", "at_least": 1}
NESTED = {
    "all": [
        POINTS,
        {
            "not": {
                "any": [
                    {"count": "orders", "within": {"from_days_ago": 60, "to_days_ago": 30}, "at_least": 1},
                    {
                        "all": [
                            {
                                "not": {
                                    "days_since": "orders",
                                    "at_most": {"times": 2, "shop": "usual_gap_days"},
                                }
                            },
                            {"count": "orders", "where": {"amount": {"at_least": 5000}}, "at_least": 2},
                        ]
                    },
                ]
            }
        },
    ]
}
LEAVES = [
    {"count": "orders", "at_least": 1, "at_most": 4},
    {"count": "orders", "within": {"from": "2026-01-01", "before": "2026-02-01"}, "at_least": 1},
    {"count": "orders", "within": {"last_days": 30}, "at_most": 0, "new_members": True},
    {"count": "purchases", "where": {"category": {"one_of": ["Dairy", "Care"]}}, "at_least": 2},
    {"count": "purchases", "where": {"quantity": {"at_least": 2, "at_most": 5}}, "at_least": 2},
    {"sum": "orders.amount", "at_least": 5050, "at_most": 9000},
    {"sum": "points_expiring.points", "within": {"next_days": 30}, "at_least": 100},
    {"days_since": "orders", "at_least": {"times": 4, "trait": "measure.usage_interval_days"}},
    {"days_since": "orders", "at_most": {"shop": "lapsed_after_days"}},
    {"trait": "measure.churn_risk", "at_most": 0.5},
    {"trait": "measure.named_segment", "one_of": ["champions", "at_risk"]},
    {"trait": "measure.lifestyle", "is": "cats"},
    {"trait": "measure.lifestyle", "known": False},
    {"trait": "member.attribute.city", "is": "Riga"},
    {"trait": "member.attribute.children", "at_least": 2},
    {"segment": "lapsed"},
    {"bucket": {"from": 0, "before": 10}},
    {"bucket": {"from": 10, "before": 30}},
]
BY_HALVES = [
    {"trait": "member.attribute.children", "is": 2},
    {"count": "orders", "where": {"store": {"is": "n"}, "channel": {"is": "web"}}, "at_least": 1},
    {"count": "orders", "where": {"store": {"known": True}}, "at_least": 1},
    {"not": {"not": POINTS}},
    {"all": [{"any": [{"all": [{"any": [POINTS]}]}]}]},
    {"all": ["nonsense"]},
]


@pytest.fixture
def form(staffed: Staffed) -> Form:
    LifestyleTheme.objects.create(
        code="cats", name="Cat food", given_name="Cat people", categories=[], members=1, rank=0
    )
    return make_form(segments.load_vocabulary(utc_now()), "EUR")


def tree(match: Any) -> dict[str, Any]:
    return {"version": 1, "match": match}


def post_of(root: Group) -> dict[str, str]:
    """What a browser would send of a form."""
    sent = {"joint": root.joint, "uid": "5b0c9f3e-5c1e-4f5f-9b43-0d6f1f1a2b3c", "name": "Some"}
    todo = list(show_group(root).children)
    count = 0
    while todo:
        shown = todo.pop(0)
        count += 1
        name = f"c{shown.number}_"
        sent[f"{name}depth"] = str(shown.depth)
        if isinstance(shown.item, Group):
            sent |= {f"{name}kind": "group", f"{name}joint": shown.item.joint}
            todo = [*shown.children, *todo]
        else:
            for field in ("subject", "attribute", "op", "value", "days", "column", "match"):
                sent[name + field] = getattr(shown.item, field)
            if shown.item.new_members:
                sent[f"{name}new_members"] = "1"
        if shown.item.negate:
            sent[f"{name}negate"] = "1"
    return sent | {"rows": str(count)}


def test_what_the_form_shows_is_what_it_says(form: Form) -> None:
    for leaf in LEAVES:
        for match in (leaf, {"not": leaf}, {"any": [POINTS, {"all": [leaf]}]}):
            root = split_tree(tree(match), form)
            assert root is not None, match
            whole = match if "any" in match else {"all": [match]}
            assert make_tree(read_group(post_of(root)), form)["match"] == whole


def test_what_it_cannot_say_in_full_is_left_as_json(form: Form) -> None:
    for match in BY_HALVES:
        assert split_tree(tree(match), form) is None, match


def test_groups_stand_in_groups_and_survive_the_way_there_and_back(form: Form, staffed: Staffed) -> None:
    root = split_tree(tree(NESTED), form)
    assert root is not None
    assert make_tree(read_group(post_of(root)), form) == tree(NESTED)
    client = staffed.client(Role.MARKETER)
    assert client.post(NEW, post_of(root) | {"act": "save"}).status_code == 302
    assert segments.get_segment("some").tree == tree(NESTED)
    page = client.get("/console/segments/some/edit/").content.decode()
    assert 'name="raw"' not in page
    for told in (
        "Group 2",
        "Group 2.2",
        "Condition 2.2.1",
        'value="60–30"',
        'value="2 × the usual gap between purchases in this shop"',
    ):
        assert told in page
    # A third level within the whole is the deepest that the form has.
    assert [number for number in "14" if f'value="group-{number}"' in page] == ["1"]


def read_form(page: str) -> dict[str, str]:
    """The fields of a page, as a browser would send them again."""
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    sent |= {
        name: unescape(value)
        for name, value in re.findall(r'<input class="input"[^>]* name="([^"]+)" value="([^"]*)"', page)
    }
    sent |= dict(
        re.findall(r'<input class="(?:radio|checkbox)"[^>]* name="([^"]+)" value="([^"]+)" checked', page)
    )
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]+)" selected', options) or re.search(r'value="([^"]+)"', options)
        sent[name] = chosen[1] if chosen else ""
    return sent


def press(client: Client, page: str, act: str, **changed: str) -> str:
    return client.post(NEW, read_form(page) | changed | {"act": act}).content.decode()


def test_a_segment_with_groups_is_built_without_a_script(staffed: Staffed) -> None:
    client = staffed.client(Role.MARKETER)
    page = client.get(NEW).content.decode()
    page = press(client, page, "group-root", c0_subject="trait:points.balance", c0_days="")
    assert page.count("autofocus") == 1
    page = press(client, page, "add-1", c1_joint="any", c2_subject="count:orders", c2_days="30")
    page = press(client, page, "group-1", c3_subject="trait:points.pending", c3_value="2")
    page = press(client, page, "count", c4_negate="1")
    page = press(client, page, "remove-0")
    assert "Condition 2" not in page
    saved = client.post(NEW, read_form(page) | {"name": "By hand", "act": "save"})
    assert saved["Location"] == "/console/segments/by-hand/"
    assert segments.get_segment("by-hand").tree["match"] == {
        "all": [
            {
                "any": [
                    {"count": "orders", "within": {"last_days": 30}, "at_least": 1},
                    {"trait": "points.pending", "at_least": 2},
                    {"not": {"all": [{"count": "orders", "at_least": 1}]}},
                ]
            }
        ]
    }
    # The group that loses its last condition goes with it.
    page = press(client, page, "remove-4")
    assert "Group 1.3" not in page


def test_enter_counts_and_removes_nothing(staffed: Staffed) -> None:
    """A browser presses the first button of a form where somebody presses Enter in a field."""
    page = staffed.client(Role.MARKETER).get(NEW).content.decode()
    form = page[page.index('id="segment-form"') :]
    assert re.search(r'<button[^>]* name="act" value="([^"]+)"', form)[1] == "count"  # type: ignore[index]


MISTAKES = [
    ("days", "a while", "60–30 for from 60 to 30 days ago"),
    ("days", "2026-02-30 – 2026-03-01", "60–30 for from 60 to 30 days ago"),
    ("days", "99999", "Write a whole number from 1 to 3660"),
    ("value", "1e99999999", "Write a number"),
    ("value", "2 × comets", "There are"),
    ("op", "nonsense", "Compare by one of"),
    ("subject", "segment:gone", "There is no segment gone"),
    ("subject", "segment:'; DROP", "Write the code of a segment"),
    ("subject", "nonsense", "There is no"),
]


def test_mistakes_within_groups_stand_beside_their_condition(form: Form, staffed: Staffed) -> None:
    client = staffed.client(Role.MARKETER)
    for field, value, said in MISTAKES:
        wrong: Any = {field: value}
        root = Group(items=[Row(subject="count:orders"), Group("any", items=[Row(), Row(**wrong)])])
        page = client.post(NEW, post_of(root) | {"act": "save"}).content.decode()
        assert said in unescape(page), value
        beside = re.search(r"data-wrong><legend>Condition 2\.2</legend>", page)
        # Which of several conditions names a segment that is gone is not told apart.
        assert bool(beside) == (value != "segment:gone"), value
    assert segments.list_segments() == []


def test_what_somebody_writes_is_never_markup_nor_sql(form: Form, staffed: Staffed) -> None:
    nasty = "<script>alert(1)</script>' OR 1=1; %(p0)s {x} %s"
    row = Row(subject="count:purchases", column="category", match=nasty)
    own = Row(subject="attribute:", attribute=nasty[:60], op="is", value=nasty)
    sent = post_of(Group(items=[row, own])) | {"name": nasty[:100], "act": "save"}
    client = staffed.client(Role.MARKETER)
    answer = client.post(NEW, sent)
    assert answer.status_code == 302
    segments.rebuild_due(now=utc_now())
    (made,) = segments.list_segments()
    assert (made.error, made.members_count) == ("", 0)
    for part in ("", "edit/", "history/", "archive/"):
        assert "<script>alert" not in client.get(f"{answer['Location']}{part}").content.decode()
    assert "&lt;script&gt;alert" in client.get("/console/segments/").content.decode()


def test_too_much_is_refused_and_nothing_breaks(form: Form, staffed: Staffed) -> None:
    client = staffed.client(Role.MARKETER)
    long_list = Row(subject="trait:member.language", op="one_of", value=",".join(map(str, range(10_000))))
    refused = client.post(NEW, post_of(Group(items=[long_list])) | {"act": "save"})
    assert refused.status_code == 422
    assert "list of 1 to 200 texts" in refused.content.decode()
    many = client.post(NEW, post_of(Group(items=[Row() for _ in range(59)])) | {"act": "save"})
    assert (many.status_code, "40 are the most" in many.content.decode()) == (422, True)
    deep = post_of(Group(items=[Row()])) | {"c0_depth": "99", "c0_kind": "group", "rows": "1"}
    assert client.post(NEW, deep | {"act": "save"}).status_code == 422
    raw: Any = POINTS
    for _level in range(20):
        raw = {"all": [raw]}
    for text in (
        json.dumps(tree(raw)),
        "[" * 100_000,
        "{}",
        "\x00",
        "null",
        '{"version": 1, "match": 1e999}',
    ):
        answer = client.post(NEW, post_of(Group()) | {"raw": text, "act": "save"})
        assert answer.status_code == 422
    assert segments.list_segments() == []


def test_json_that_the_form_can_hold_leads_back_to_it(form: Form, staffed: Staffed) -> None:
    client = staffed.client(Role.MARKETER)
    sent = post_of(Group()) | {"raw": json.dumps(tree(NESTED))}
    assert 'value="form"' in client.post(NEW, sent | {"act": "count"}).content.decode()
    page = client.post(NEW, sent | {"act": "form"}).content.decode()
    assert "Condition 2.2.1" in page
    deep = sent | {"raw": json.dumps(tree(BY_HALVES[4]))}
    assert 'value="form"' not in client.post(NEW, deep | {"act": "count"}).content.decode()
    assert 'name="raw"' in client.post(NEW, deep | {"act": "form"}).content.decode()


def test_what_nothing_is_called_is_pointed_out(form: Form, staffed: Staffed) -> None:
    row = Row(subject="count:purchases", column="product", match="no-such-product")
    page = staffed.client(Role.MARKETER).post("/console/segments/count/", post_of(Group(items=[row])))
    assert "There is no product “no-such-product”" in page.content.decode()
    assert "0 members" in page.content.decode()


def test_two_who_save_the_same_segment(form: Form, staffed: Staffed) -> None:
    told = SegmentInput("Ours", tree(POINTS))
    made = segments.create_segment(actor=SYSTEM, now=utc_now(), told=told)
    client = staffed.client(Role.MARKETER)
    address = f"/console/segments/{made.code}/edit/"
    page = client.get(address).content.decode()
    sent = read_form(page) | {"act": "save"}
    # The other one changed only the name, which is no new version of the tree.
    segments.update_segment(actor=SYSTEM, now=utc_now(), code=made.code, name="Theirs")
    answer = client.post(address, sent | {"c0_value": "7"})
    assert (answer.status_code, "Somebody changed" in answer.content.decode()) == (422, True)
    assert 'value="7"' in answer.content.decode()
    now = segments.get_segment(made.code)
    assert (now.name, now.tree) == ("Theirs", tree(POINTS))
    assert (
        client.post(address, read_form(client.get(address).content.decode()) | {"act": "save"}).status_code
        == 302
    )


def test_values_go_by_their_names(form: Form, staffed: Staffed) -> None:
    page = staffed.client(Role.MARKETER).get(NEW).content.decode()
    assert 'id="choices-measure.lifestyle"><option value="Cat people">' in page
    row = Row(subject="trait:measure.lifestyle", op="is", value="cat PEOPLE")
    made = make_tree(Group(items=[row]), form)
    assert made["match"] == {"all": [{"trait": "measure.lifestyle", "is": "cats"}]}
    assert "Cat people" in segments.describe_tree(tree=made, now=utc_now())
    with pytest.raises(TreeInvalid):
        make_tree(Group(items=[Row(subject="trait:points.balance", op="between", value="7")]), form)
