"""The documentation is complete and true: every key stands in it, and every example in it works."""

import re
from pathlib import Path

import pytest

from regulars.rules.conditions import VARIABLES, check_when
from regulars.rules.conditions.check import FUNCTIONS
from regulars.rules.document import check_programme
from regulars.rules.document.schema import LISTED, SCHEMA, SYNONYMS
from regulars.rules.queries import read_example
from regulars.rules.types import RuleType
from tests.rules.documents import MINIMAL

TEXT = (Path(__file__).parents[2] / "docs" / "programme.md").read_text("utf-8")
PARTS = dict(re.findall(r"^##+ (.+?)\n(.*?)(?=^##+ |\Z)", TEXT, re.MULTILINE | re.DOTALL))
SHARED = {"earn.pending": ("pending", "[pending]"), "earn.expiry": ("expiry", "[expiry]")}


def heading(section: str) -> str:
    """The heading under which a table of the schema is explained."""
    if section in SHARED:
        return "`pending` and `expiry`"
    if section in LISTED and section != "earn.caps":
        return f"`[[{section}]]`"
    return f"`[{section}]`" if "." not in section else f"`{section.rpartition('.')[2]}`"


def documented(section: str) -> list[str]:
    rows = re.findall(r"^\| (`[^|]+`) \|", PARTS[heading(section)].split("| key |")[1], re.MULTILINE)
    return [key for row in rows for key in re.findall(r"`(\w+)`", row)]


@pytest.mark.parametrize("section", [section for section in SCHEMA if section and section not in SHARED])
def test_every_key_is_explained_and_no_other(section: str) -> None:
    assert sorted(documented(section)) == sorted(SCHEMA[section])


def test_a_rules_own_pending_and_expiry_have_the_keys_of_the_programmes() -> None:
    own = [key for section in SHARED for key in SCHEMA[section]]
    assert sorted(documented("earn.pending")) == sorted(own)
    for section, (key, _table) in SHARED.items():
        assert SCHEMA[section] == SCHEMA[key]


def test_every_table_is_explained() -> None:
    for table in SCHEMA[""]:
        assert f"`[{table}]`" in PARTS or f"`[[{table}]]`" in PARTS


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))
def test_every_example_works(block: str) -> None:
    text = block if "[programme]" in block else f"{MINIMAL}\n{block}"
    assert check_programme(text) == []


def test_the_shortest_programme_is_ten_lines() -> None:
    assert f"```toml\n{MINIMAL}```" in TEXT
    assert len(MINIMAL.splitlines()) == 10


@pytest.mark.parametrize(
    "condition", "".join(re.findall(r"^```cel\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)).splitlines()
)
def test_every_condition_works(condition: str) -> None:
    assert check_when(condition, RuleType.BONUS) == []


def test_every_value_and_function_of_conditions_is_named() -> None:
    part = PARTS["`when`"]
    times = set(VARIABLES["basket"]) & set(VARIABLES["event"]) - {"attributes"}
    for variable, fields in VARIABLES.items():
        for field in fields:
            assert f"`….{field}`" in part if field in times else f"`{variable}.{field}`" in part
    for function in FUNCTIONS:
        assert f"`{function}`" in part or function.startswith("get")


def test_the_mistakes_shown_are_those_made() -> None:
    [problem] = check_programme(MINIMAL + "poinst = 1\n")
    assert f"{problem.field}: {problem.message}" in TEXT


def test_the_example_programme_is_sound() -> None:
    assert check_programme(read_example()) == []


def test_synonyms_lead_to_keys_that_exist() -> None:
    known = {key for keys in SCHEMA.values() for key in keys}
    assert set(SYNONYMS.values()) <= known
    assert not set(SYNONYMS) & set(SCHEMA[""])
