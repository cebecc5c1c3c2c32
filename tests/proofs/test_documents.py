"""What is read from strangers: a deviation is refused in a sentence, never by another exception."""

import base64
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.proofs import facade as proofs
from tests.proofs.example import KEY, build_example

STATEMENT = build_example()["statement"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def list_ways(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(found for name, one in inner for found in list_ways(one, (*way, name)))]


@pytest.mark.slow  # 300 statements, each read and checked
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list_ways(STATEMENT)[1:]), JSON)
def test_whatever_is_altered_never_passes_for_the_truth(way: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(STATEMENT)
    place = document
    for name in way[:-1]:
        place = place[name]
    if json.dumps(place[way[-1]]) == json.dumps(value):
        return
    place[way[-1]] = value
    try:
        statement = proofs.read_statement(document)
    except proofs.DocumentUnusable as refusal:
        assert refusal.detail.endswith(".")
        return
    findings = proofs.check_statement(statement, [KEY.public_key])
    # What is not proven may change: when it was issued, spare copies of keys, what came later, no wallets.
    unproven = way[0] in {"issued_at", "keys"} or way[-1] == "later_entries" or way == ("wallets",)
    assert unproven or not all(finding.holds for finding in findings), (way, value)


@pytest.mark.parametrize("told", ["AAAA", "", "no.such.file", "x" * 5_000])
def test_what_is_no_key_is_refused(told: str) -> None:
    with pytest.raises(proofs.DocumentUnusable):
        proofs.load_public_key(told)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": "regulars-statement", "encoding": 2}', "NaN", '{"a": 1, "a": 1}', "\xff"],
)
def test_what_is_no_statement_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "statement.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(proofs.DocumentUnusable) as caught:
        proofs.read_statement(proofs.read_file(file))
    assert caught.value.detail.endswith(".")


def test_a_file_that_holds_another_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "checkpoint-0000000002.json").write_text(json.dumps(STATEMENT["checkpoint"]))
    with pytest.raises(proofs.DocumentUnusable, match="holds checkpoint 1"):
        proofs.read_folder(tmp_path)
    (tmp_path / "checkpoint-0000000002.json").rename(tmp_path / "checkpoint-0000000001.json")
    assert [one.number for one in proofs.read_folder(tmp_path).checkpoints] == [1]


def test_a_key_is_read_from_every_form(tmp_path: Path) -> None:
    told = base64.b64encode(KEY.public_key).decode()
    files = {
        "key.json": json.dumps(STATEMENT["keys"][0]),
        "key.txt": told + "\n",
        "key.pem": Ed25519PublicKey.from_public_bytes(KEY.public_key)
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        assert proofs.load_public_key(str(tmp_path / name)) == KEY.public_key
    assert proofs.load_public_key(told) == KEY.public_key
