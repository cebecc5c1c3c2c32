"""What can be said to an import is written down, and nothing else is."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest

from regulars.cli.importing import import_
from regulars.imports.facade import ImportKind
from regulars.imports.operations import BATCH_ITEMS, BATCH_ROWS
from regulars.imports.readers.delimited import RECORD_LINES_MAX
from regulars.imports.shapes import Context, make_shape
from regulars.kit.actor import SYSTEM

TEXT = (Path(__file__).parents[2] / "docs" / "import.md").read_text("utf-8")
CONTEXT = Context(
    actor=SYSTEM,
    now=datetime(2026, 11, 20, tzinfo=UTC),
    currency="EUR",
    zone=ZoneInfo("Europe/Berlin"),
    decimal_comma=False,
    create_members=False,
)


@pytest.mark.parametrize("kind", list(ImportKind))
def test_every_field_and_every_other_name_is_in_its_section(kind) -> None:
    section = TEXT.split(f"\n## {kind.value}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    shape = make_shape(kind, CONTEXT)
    documented = set(re.findall(r"`([a-z_]+)`", "\n".join("|".join(row.split("|")[:4]) for row in rows)))
    names = {field.name for field in shape.fields}
    other = {name for field in shape.fields for name in field.other_names}
    assert documented - {"attributes"} == names | other
    required = {field.name for field in shape.fields if field.required}
    assert {row.split("`")[1] for row in rows if "| required |" in row} == required
    assert ("`attributes.NAME`" in section) == shape.has_attributes


def test_every_option_is_written_down() -> None:
    options = [option for option in import_.params if isinstance(option, click.Option)]
    for option in options:
        assert option.opts[0] in TEXT, option.opts[0]
    assert set(re.findall(r"--[a-z][a-z-]+", TEXT)) == {option.opts[0] for option in options}


def test_the_figures_are_those_of_the_code() -> None:
    assert f"{BATCH_ITEMS:,} orders" in TEXT
    assert f"{BATCH_ROWS:,} rows" in TEXT
    assert f"{RECORD_LINES_MAX} lines at most" in TEXT
