"""From what stands in a cell to a value, or to a reason why not."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.imports import cells
from regulars.imports.errors import CellInvalid

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("12.5", 1250),
        (" 12.50 ", 1250),
        ("+3", 300),
        (".5", 50),
        ("5.", 500),
        ("0", 0),
        ("-0", 0),
        ("1.10000", 110),
        (7, 700),
        (Decimal("0.1"), 10),
        (19.99, 1999),
        (0.1 + 0.2, 30),
    ],
)
def test_amounts_are_exact(cell, minor) -> None:
    assert cells.read_amount(cell, 2) == minor


@pytest.mark.parametrize(
    "cell",
    [
        *("", "x", "1,234.50", "12,50", "1 000", "1e3", "٣", "--1", "0x1", "1.005", "-1", "9" * 50),
        *(0.005, True, float("nan"), [1], Decimal("Infinity"), Decimal("1e99")),
    ],
)
def test_what_is_no_amount_is_refused(cell) -> None:
    with pytest.raises(CellInvalid):
        cells.read_amount(cell, 2)


def test_currencies_have_the_decimals_that_they_have() -> None:
    assert cells.read_amount("1250", 0) == 1250
    assert cells.read_amount("1.234", 3) == 1234
    with pytest.raises(CellInvalid, match="more decimals"):
        cells.read_amount("12.5", 0)


def test_a_decimal_comma_is_read_where_it_is_said() -> None:
    assert cells.read_amount("12,50", 2, decimal_comma=True) == 1250
    with pytest.raises(CellInvalid):
        cells.read_amount("12.50", 2, decimal_comma=True)


@given(st.integers(0, 10**12))
def test_every_amount_that_can_be_written_is_read_back(minor) -> None:
    assert cells.read_amount(f"{minor // 100}.{minor % 100:02}", 2) == minor
    assert cells.read_amount(Decimal(minor).scaleb(-2), 2) == minor


@given(st.integers(0, 10**9))
def test_a_binary_float_is_the_amount_that_it_stands_for(minor) -> None:
    assert cells.read_amount(minor / 100, 2) == minor


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2026-03-04T14:30:00+01:00", datetime(2026, 3, 4, 13, 30, tzinfo=UTC)),
        ("2026-03-04T14:30:00Z", datetime(2026, 3, 4, 14, 30, tzinfo=UTC)),
        ("2026-03-04 14:30", datetime(2026, 3, 4, 13, 30, tzinfo=UTC)),
        ("2026-07-04 14:30:15.5", datetime(2026, 7, 4, 12, 30, 15, 500000, tzinfo=UTC)),
        ("2026-03-04", datetime(2026, 3, 3, 23, tzinfo=UTC)),
        # The clocks go back: of the two half past twos the first; forward: half past two is half past three.
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (datetime(2026, 3, 4, 14, 30), datetime(2026, 3, 4, 13, 30, tzinfo=UTC)),  # noqa: DTZ001
        (date(2026, 3, 4), datetime(2026, 3, 3, 23, tzinfo=UTC)),
    ],
)
def test_times_without_an_offset_are_local(cell, instant) -> None:
    assert cells.read_instant(cell, BERLIN) == instant


@pytest.mark.parametrize(
    "cell", ["", "yesterday", "04.03.2026", "3/4/2026", "20260304", "2026-02-30", 17, "24:00"]
)
def test_what_is_no_time_is_refused(cell) -> None:
    with pytest.raises(CellInvalid):
        cells.read_instant(cell, BERLIN)


def test_times_at_the_edge_of_the_calendar_are_refused_in_words() -> None:
    with pytest.raises(CellInvalid, match="calendar"):
        cells.read_instant("0001-01-01", BERLIN)


@pytest.mark.parametrize(
    ("cell", "number"), [("2", 2), ("2.0", 2), (2, 2), (2.0, 2), (Decimal(2), 2), ("+2", 2)]
)
def test_whole_numbers(cell, number) -> None:
    assert cells.read_whole(cell) == number


@pytest.mark.parametrize(
    "cell", ["", "2.5", 2.5, True, "x", "-1", -1, float("inf"), float("nan"), None, "9" * 60]
)
def test_what_is_no_whole_number_is_refused(cell) -> None:
    with pytest.raises(CellInvalid):
        cells.read_whole(cell)


def test_text_keeps_ids_as_they_are_written() -> None:
    assert cells.read_text(" 007 ") == "007"
    assert cells.read_text(7) == "7"
    assert cells.read_text(7.0) == "7"
    for cell in (7.5, True, ["x"], "a\0b", "Z\udcfcrich"):
        with pytest.raises(CellInvalid):
            cells.read_text(cell)


@pytest.mark.parametrize(
    "number",
    [
        *map(Decimal, ("1E+30", "1E+40", "1E+5000", "1E+3000000", "0E+3000000", "1E-3000000", "Infinity")),
        1e300,
        float("inf"),
    ],
)
def test_numbers_beyond_all_measure_are_refused_before_anything_is_done_with_them(number) -> None:
    readers = [
        cells.read_text,
        cells.read_whole,
        lambda cell: cells.read_amount(cell, 2),
        cells.read_truth,
        *(lambda cell, kind=kind: cells.read_attribute(cell, kind) for kind in ("", "int", "bool", "date")),
    ]
    for read in readers:
        with pytest.raises(CellInvalid) as refused:
            read(number)
        assert len(str(refused.value)) < 120


def test_yes_and_no_in_the_usual_spellings() -> None:
    assert [cells.read_truth(cell) for cell in ("yes", "TRUE", "1", True, 1)] == [True] * 5
    assert [cells.read_truth(cell) for cell in ("no", "False", "0", False, 0)] == [False] * 5
    with pytest.raises(CellInvalid):
        cells.read_truth("perhaps")


def test_messages_quote_no_more_than_a_line() -> None:
    with pytest.raises(CellInvalid) as refused:
        cells.read_day("x" * 5000)
    assert len(str(refused.value)) < 120
