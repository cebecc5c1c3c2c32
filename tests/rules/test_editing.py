"""Changing a document in place: the change that was meant, and not a byte besides."""

import difflib
import tomllib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.rules.document import check_programme
from regulars.rules.editing import add_table, change_table, move_table, read_document, remove_table
from regulars.rules.editing.writer import write_value
from regulars.rules.errors import EditRefused, ProgrammeInvalid
from regulars.rules.facade import read_example
from tests.rules.documents import MINIMAL

EXAMPLE = read_example()
DAILY = {"scope": "member", "period": "day", "points": 40}
BY_HAND = """\
# Ours since 2019. Ask Ada before you touch it.
[programme]
name = "Hand"   # the name
time_zone = "Europe/Berlin"
currency = "EUR"
points_name.singular = "star"
points_name.plural = "stars"

# bread pays
[[earn]]
id = "bread"
type = "bonus"
points = 5

  [earn.match]
  categories = [
    "bread", # the dark one
    "rolls",
  ]

  [[earn.caps]]
  scope = "member"
  period = "day"
  points = 10

# milk pays more
[[earn]]
id = "milk"
type = "bonus"
points = 7
"""


def changed(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


@pytest.mark.parametrize(
    ("path", "values", "lines"),
    [
        (("earn", 0), {"points": Decimal("1.5")}, ["- points = 1", "+ points = 1.5"]),
        (("earn", 0), {"per": Decimal(1)}, []),
        (("earn", 0), {"enabled": False}, ["+ enabled = false"]),
        (("earn", 2), {"first_purchase": None}, ["- first_purchase = true"]),
        (
            ("expiry",),
            {"months": 6},
            ["- months = 12", "+ months = 6"],
        ),
        (("pending",), {"days": None, "awaits": "delivered"}, ["+ awaits = \"delivered\""]),
        (
            ("earn", 6),
            {"caps": [DAILY, {"scope": "member", "period": "month", "points": 90}]},
            [
                '-   { scope = "member", period = "month", points = 100 },',
                '+   { scope = "member", period = "month", points = 90 },',
            ],
        ),
    ],
)  # fmt: skip
def test_a_change_moves_only_its_own_lines(path: Any, values: Any, lines: list[str]) -> None:
    found = changed(EXAMPLE, change_table(EXAMPLE, path, values))
    # A removed line of its own may end in a comment, which goes with it.
    assert [line.split(" #")[0].rstrip() for line in found if "days = 0" not in line] == lines


def test_what_stands_in_headers_and_dots_of_its_own_is_found() -> None:
    text = change_table(
        BY_HAND, ("earn", 0), {"match": {"categories": ["bread", "rolls"], "brands": ["Mill"]}}
    )
    assert changed(BY_HAND, text) == ['+   brands = ["Mill"]']
    text = change_table(BY_HAND, ("earn", 0), {"caps": [{"scope": "member", "period": "day", "points": 20}]})
    assert changed(BY_HAND, text) == ["-   points = 10", "+   points = 20"]
    text = change_table(BY_HAND, ("programme",), {"points_name": {"singular": "star", "plural": "Stars"}})
    assert changed(BY_HAND, text) == ['- points_name.plural = "stars"', '+ points_name.plural = "Stars"']
    text = change_table(BY_HAND, ("earn", 0), {"caps": None, "match": None})
    assert read_document(text)["earn"][0] == {"id": "bread", "type": "bonus", "points": 5}
    assert "# bread pays" in text
    assert not check_programme(change_table(BY_HAND, ("expiry",), {"kind": "never"}))


def test_rules_move_with_the_comments_right_above_them() -> None:
    text = move_table(BY_HAND, ("earn", 1), -1)
    assert [rule["id"] for rule in read_document(text)["earn"]] == ["milk", "bread"]
    assert '# milk pays more\n[[earn]]\nid = "milk"' in text
    assert move_table(text, ("earn", 0), 1).strip() == BY_HAND.strip()
    assert move_table(BY_HAND, ("earn", 1), 1) == BY_HAND
    gone = remove_table(BY_HAND, ("earn", 1))
    assert changed(BY_HAND, gone)[-5:] == [
        "- # milk pays more", "- [[earn]]", '- id = "milk"', '- type = "bonus"', "- points = 7",
    ]  # fmt: skip
    assert "# Ours since 2019" in gone
    # A heading that stands apart is of the place, not of the rule.
    assert "# What members do" in remove_table(EXAMPLE, ("earn", 4))


def test_a_table_that_was_not_there_is_begun() -> None:
    text = add_table(MINIMAL, ("tiers", "tier"), {"code": "gold", "threshold": 10})
    assert not check_programme(text)
    assert text.startswith(MINIMAL)
    text = change_table(MINIMAL, ("returns",), {"shortfall": "debt"})
    assert text == MINIMAL + '\n[returns]\nshortfall = "debt"\n'


def test_what_cannot_be_done_without_touching_more_is_refused() -> None:
    inline = MINIMAL.split("[[earn]]", maxsplit=1)[0]
    inline = 'earn = [{ id = "a", type = "bonus", points = 1 }]\n' + inline
    with pytest.raises(EditRefused):
        add_table(inline, ("earn",), {"id": "b"})
    with pytest.raises(EditRefused):
        remove_table(inline, ("earn", 4))
    with pytest.raises(ProgrammeInvalid):
        change_table("[programme", ("earn", 0), {"points": 1})


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(deadline=None, max_examples=60)
@given(texts)
def test_any_text_is_written_so_that_it_is_read_back(text: str) -> None:
    text = text.replace("\r\n", "\n")
    assert tomllib.loads(f"a = {write_value(text)}")["a"] == text


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from([("earn", 0), ("earn", 3), ("earn", 7), ("tiers", "tier", 1), ("programme",)]),
    st.dictionaries(
        st.sampled_from(["name", "points", "enabled", "perks", "match", "caps"]),
        st.one_of(
            st.none(), texts, st.booleans(), st.integers(0, 99), st.lists(texts, min_size=1, max_size=3),
            st.dictionaries(st.sampled_from(["skus", "brands"]), st.lists(texts, min_size=1), min_size=1),
        ),
        max_size=4,
    ),
)  # fmt: skip
def test_law_an_edit_changes_the_keys_that_were_meant_and_no_other_line(path: Any, values: Any) -> None:
    """Whatever is written where: the rest of the document reads the same, and so do its comments."""
    try:
        text = change_table(EXAMPLE, path, values)
    except EditRefused:
        return
    before, after = read_document(EXAMPLE), read_document(text)
    old, new = before, after
    for part in path:
        old, new = old[part], new[part]
    assert new == {k: v for k, v in {**old, **values}.items() if v is not None}
    for key in set(old) | set(values):
        old.pop(key, None), new.pop(key, None)  # fmt: skip
    assert before == after
    kept = [line for line in text.splitlines() if line.startswith("#")]
    assert [line for line in EXAMPLE.splitlines() if line.startswith("#")] == kept


def test_a_form_does_not_write_over_what_is_no_table() -> None:
    with pytest.raises(EditRefused, match="edit the text"):
        change_table("expiry = 5\n", ("expiry",), {"months": 7})
