"""Files as shops really send them: line ends, marks, delimiters, quotes and bytes of every kind."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.imports.errors import FileUnusable
from regulars.imports.readers import detect_format, lines, open_source
from regulars.imports.types import FileFormat, ImportOptions


def read(path: Path, columns: Sequence[str | None] = ("id", "name"), **options):
    with open_source(path, ImportOptions(**options)) as source:
        return [(record.line, record.fault or list(record.cells)) for record in source.read(columns)]


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"id,name\n1,Ada\n2,Bo\n",
        b"id,name\r\n1,Ada\r\n2,Bo\r\n",
        b"id,name\r1,Ada\r2,Bo",
        b"\xef\xbb\xbfid,name\n1,Ada\n2,Bo",
        b'"id";"name"\n"1";"Ada"\n"2";"Bo"\n',
        b"id\tname\n1\tAda\n2\tBo\n",
        b"id|name\n1|Ada\n2|Bo\n",
        b" id , name \n1,Ada\n2,Bo\n",
        b"\n\n".join([b"", b"id,name\n1,Ada\n2,Bo"]).lstrip() + b"\n",
        "id,name\n1,Ada\n2,Bo\n".encode("utf-16"),
        b'id,name,note\n1,Ada,"a, b"\n2,Bo,\n',
    ],
    ids=[
        "unix",
        "windows",
        "old-mac",
        "bom",
        "semicolon",
        "tab",
        "pipe",
        "blanks",
        "end",
        "utf-16",
        "more-columns",
    ],
)
def test_csv_of_every_kind_reads_alike(tmp_path, content) -> None:
    assert read(write(tmp_path / "a.csv", content)) == [(2, ["1", "Ada"]), (3, ["2", "Bo"])]


def test_a_quoted_cell_may_span_lines_and_lines_are_counted_as_they_stand(tmp_path) -> None:
    path = write(tmp_path / "a.csv", 'id,name\n1,"Ada\nLovelace"\n2,"says ""hi"""\n\n,\n3,Bo\n')
    assert read(path) == [(2, ["1", "Ada\nLovelace"]), (4, ["2", 'says "hi"']), (7, ["3", "Bo"])]


def test_an_unclosed_quote_costs_one_row_and_not_the_rest(tmp_path) -> None:
    path = write(tmp_path / "a.csv", 'id,name\n1,"Ada\n2,Bo\n3,Cy\n')
    assert read(path) == [(2, "has a quote that is not closed"), (3, ["2", "Bo"]), (4, ["3", "Cy"])]


def test_an_unclosed_quote_far_from_the_end_costs_one_row_too(tmp_path) -> None:
    rows = [f"{n},Bo" for n in range(1, 1001)]
    rows[499] = '500,"Bo'
    found = read(write(tmp_path / "a.csv", "\n".join(["id,name", *rows])))
    assert [line for line, _ in found] == list(range(2, 1002))
    assert [row for _, row in found if isinstance(row, str)] == ["has a quote that is not closed"]


def test_text_behind_a_closing_quote_is_that_rows_own_fault(tmp_path) -> None:
    path = write(tmp_path / "a.csv", 'id,name\n1,"Ada"x\n2,Bo\n')
    (line, fault), good = read(path)
    assert (line, good) == (2, (3, ["2", "Bo"]))
    assert fault.startswith("is not CSV")


def test_rows_too_short_and_too_long_are_told_apart_from_blank_ones(tmp_path) -> None:
    path = write(tmp_path / "a.csv", "id,name\n1\n \n,,,\n2,Bo,x\n3,Cy\n")
    assert read(path) == [
        (2, "has 1 cells where the head has 2"),
        (5, "has 3 cells where the head has 2"),
        (6, ["3", "Cy"]),
    ]


def test_bytes_that_are_not_utf_8_stay_in_their_row(tmp_path) -> None:
    path = write(tmp_path / "a.csv", b"id,name\n1,Z\xfcrich\n2,Bo\n")
    assert read(path) == [(2, ["1", "Z\udcfcrich"]), (3, ["2", "Bo"])]
    assert read(path, encoding="cp1252")[0] == (2, ["1", "Zürich"])


def test_a_line_beyond_all_measure_is_skipped_in_bounded_memory(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(lines, "LINE_LENGTH_MAX", 64)
    path = write(tmp_path / "a.csv", "id,name\n1," + "x" * 10_000 + "\n2,Bo\n" + "3," + "y" * 10_000)
    found = read(path)
    assert [(line, "longer" in row[0] or "longer" in row) for line, row in found] == [
        (2, True),
        (3, False),
        (4, True),
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n \n", "nothing but blank lines"),
        ("a.csv", b"PK\x03\x04rest", "spreadsheet"),
        ("a.csv", b"\x1f\x8b\x08rest", "compressed"),
        ("a.csv", b"PAR1rest", "Parquet"),
        ("a.csv", b'"id,name\n1,Ada\n', "head"),
        ("a.parquet", b"id,name\n1,Ada\n", "Parquet"),
        ("a.jsonl", b"", "is empty"),
        ("a.xlsx", b"x", "extensions"),
    ],
)
def test_a_file_that_is_not_what_it_is_said_to_be_is_refused_whole(tmp_path, name, content, words) -> None:
    with pytest.raises(FileUnusable, match=words):
        read(write(tmp_path / name, content))


def test_what_is_no_file_is_refused(tmp_path) -> None:
    with pytest.raises(FileUnusable, match="no file"):
        read(tmp_path / "none.csv")
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(FileUnusable, match="not a file"):
        read(tmp_path / "dir.csv")
    with pytest.raises(FileUnusable, match="no encoding"):
        read(write(tmp_path / "a.csv", "id\n"), encoding="klingon")


def test_json_lines_keep_decimals_and_take_bad_lines_one_by_one(tmp_path) -> None:
    text = (
        '{"id": "1", "name": 12.10}\n\n{"id": 2}\nnonsense\n[1]\n{"id": "3", "name": NaN}\n'
        '{"id": "4", "name": {"a": 1}}\n' + "[" * 5000 + "\n"
    )
    found = read(write(tmp_path / "a.jsonl", text))
    assert found[0] == (1, ["1", Decimal("12.10")])
    assert found[1] == (3, [2, None])
    assert [(line, row.split(":")[0]) for line, row in found[2:5]] == [
        (4, "is not JSON"),
        (5, "is not a JSON object"),
        (6, "is not JSON"),
    ]
    assert found[5] == (7, ["4", {"a": 1}])
    assert found[6][0] == 8
    assert isinstance(found[6][1], str)


def test_json_lines_find_nested_attributes_by_their_dotted_name(tmp_path) -> None:
    path = write(
        tmp_path / "a.jsonl", '{"id": 1, "attributes": {"size": 3}}\n{"id": 2, "attributes.size": 4}\n'
    )
    assert read(path, ("id", "attributes.size")) == [(1, [1, 3]), (2, [2, 4])]


def test_parquet_gives_exact_times_and_only_the_columns_asked_for(tmp_path) -> None:
    moment = datetime(2026, 3, 4, 14, 30, 0, 123456, tzinfo=UTC)
    table = pyarrow.table(
        {
            "id": pyarrow.array(["1", None]).dictionary_encode(),
            "name": pyarrow.array([moment, None], pyarrow.timestamp("ns", tz="UTC")),
            "wide": ["x" * 100, "y"],
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet") == [(1, ["1", moment]), (2, [None, None])]
    assert read(tmp_path / "a.parquet", ("id", None)) == [(1, ["1", None]), (2, [None, None])]


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_a_value_that_python_cannot_hold_is_a_fault_of_its_row(tmp_path, unit) -> None:
    moments = pyarrow.array([0, 2**62, None], pyarrow.int64()).cast(pyarrow.timestamp(unit, tz="UTC"))
    days = pyarrow.array([2**31 - 1, 0, 0], pyarrow.int32()).cast(pyarrow.date32())
    ids = pyarrow.array(["1", "2", "3"])
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"id": ids, "name": moments, "day": days}), path)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    with open_source(path, ImportOptions()) as source:
        records = list(source.read(("id", "name", None, "day")))
    assert [record.cells for record in records] == [
        ["1", epoch, None, None],
        ["2", None, None, epoch.date()],
        ["3", None, None, epoch.date()],
    ]
    assert [record.fault.split(":")[0] for record in records] == [
        "day cannot be read",
        "name cannot be read",
        "",
    ]
    assert list(records[1].raw) == ["2", "unreadable", "1970-01-01"]


def test_bytes_that_are_no_text_are_a_fault_of_their_row(tmp_path) -> None:
    offsets = pyarrow.array([0, 1, 2], pyarrow.int32()).buffers()[1]
    names = pyarrow.Array.from_buffers(pyarrow.string(), 2, [None, offsets, pyarrow.py_buffer(b"\xffx")])
    pyarrow.parquet.write_table(pyarrow.table({"id": ["1", "2"], "name": names}), tmp_path / "a.parquet")
    (_, fault), good = read(tmp_path / "a.parquet")
    assert "name cannot be read" in fault
    assert good == (2, ["2", "x"])


def test_a_parquet_file_with_damaged_pages_is_refused_in_words(tmp_path) -> None:
    path = tmp_path / "a.parquet"
    table = pyarrow.table({"id": [str(n * 7919) for n in range(5000)], "name": ["x"] * 5000})
    pyarrow.parquet.write_table(table, path, compression="snappy", use_dictionary=False)
    content = bytearray(path.read_bytes())
    for place in range(4, 20_000, 3):
        content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(FileUnusable, match="damaged"):
        read(path)


def test_the_extension_names_the_format() -> None:
    assert detect_format(Path("A.TSV")) is FileFormat.CSV
    assert detect_format(Path("a.ndjson")) is FileFormat.JSONL
    assert detect_format(Path("a.pq")) is FileFormat.PARQUET


cell_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(rows=st.lists(st.tuples(cell_texts, cell_texts), max_size=20), delimiter=st.sampled_from(",;\t|"))
def test_what_a_csv_writer_writes_is_read_back(tmp_path_factory, rows, delimiter) -> None:
    import csv

    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("id", "name"), *rows])
    told = [list(row) for row in rows if any(cell.strip() for cell in row)]
    assert [cells for _, cells in read(path)] == told


@given(st.binary(max_size=300))
def test_no_bytes_at_all_end_in_anything_but_rows_or_a_refusal(tmp_path_factory, content) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        head = b"id,name\n" if name == "a.csv" else b""
        path = write(folder / name, head + content)
        try:
            for _line, row in read(path):
                json.dumps(row, default=str)
        except FileUnusable:
            pass
