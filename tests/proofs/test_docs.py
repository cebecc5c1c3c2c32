"""The documentation's examples are true: recomputed by the checker, and by the database."""

import json
import re
from pathlib import Path

import pytest
from django.db import connection

from regulars.proofs import facade as proofs
from tests.proofs.example import EARN, KEY, SPEND, build_example

PAGE = (Path(__file__).parents[2] / "docs/proofs.md").read_text()
VECTORS = dict(re.findall(r"^([a-z0-9 ]+):\n((?:    [0-9a-f]+\n)+)", PAGE, re.MULTILINE))


def test_every_vector_is_what_is_computed() -> None:
    example = build_example()
    example.pop("statement")
    assert {name: re.sub(r"\s", "", text) for name, text in VECTORS.items()} == example


def test_the_statement_of_the_page_holds() -> None:
    (told,) = re.findall(r"```json\n(\{\n \"format\": \"regulars-statement\".*?)```", PAGE, re.DOTALL)
    assert json.loads(told) == build_example()["statement"]
    findings = proofs.check_statement(proofs.read_statement(json.loads(told)), [KEY.public_key])
    assert [finding.holds for finding in findings] == [True, True]


@pytest.mark.django_db
@pytest.mark.parametrize(("entry", "name"), [(EARN, "entry 1"), (SPEND, "entry 2")])
def test_the_database_writes_the_bytes_of_the_page(entry: proofs.SealedEntry, name: str) -> None:
    values = {field: getattr(entry, field) for field in proofs.SealedEntry.__dataclass_fields__}
    values |= {field: list(values[field]) or None for field in ("lots", "lot_amounts")}
    columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO ledger_journal ({columns}) VALUES ({marks})", list(values.values()))
        cursor.execute("SELECT encode(ledger_encode_entry(j), 'hex') FROM ledger_journal j")
        assert cursor.fetchall() == [(re.sub(r"\s", "", VECTORS[name]),)]


def test_all_fields_stand_in_the_table_in_their_order() -> None:
    rows = re.findall(r"^\| \d+ \| `(\w+)` \|", PAGE, re.MULTILINE)
    fields = [name for name in proofs.SealedEntry.__dataclass_fields__ if name != "lot_amounts"]
    assert rows == fields
