"""Sheets of codes, codes that are made, and what operators see of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.catalogue.errors import CodesInvalid, PoolNotFound
from regulars.catalogue.facade import (
    Alphabet,
    CodeState,
    claim_code,
    count_blanks_needed,
    generate_codes,
    get_pool,
    hand_out_free_codes,
    import_code_sheet,
    list_codes,
    list_pool_stocks,
    save_pool,
)
from regulars.catalogue.models import Code
from regulars.catalogue.policies import make_code, mask_code, read_sheet
from regulars.trail.facade import list_audit
from tests.catalogue.examples import NOW, OPERATOR

SHEET = '\ufeffcode,value\nAAAA-1111\n"BBBB-2222",5\nAAAA-1111\n\nhas space inside\nCCCC-3333;x\n' + "x" * 201


@pytest.fixture
def pool(db: None) -> str:
    save_pool(actor=OPERATOR, now=NOW, code="cinema", name="Cinema", alert_below=3)
    return "cinema"


def test_a_sheet_is_taken_line_by_line_and_what_is_left_out_is_named(pool: str) -> None:
    import_code_sheet(actor=OPERATOR, now=NOW, pool=pool, text="BBBB-2222")
    done = import_code_sheet(actor=OPERATOR, now=NOW, pool=pool, text=SHEET)
    assert done.added == 2
    assert [(line.number, line.code) for line in done.known] == [(3, "••••22")]
    assert [line.number for line in done.twice] == [4]
    assert [(line.number, bool(line.fault)) for line in done.bad] == [(6, True), (8, True)]
    assert set(Code.objects.values_list("value", flat=True)) == {"AAAA-1111", "BBBB-2222", "CCCC-3333"}
    again = import_code_sheet(actor=OPERATOR, now=NOW, pool=pool, text=SHEET)
    assert (again.added, len(again.known)) == (0, 3)
    assert not any("AAAA" in str(record) for record in list_audit().items)
    with pytest.raises(PoolNotFound):
        import_code_sheet(actor=OPERATOR, now=NOW, pool="nowhere", text="x")


@given(st.lists(st.text(max_size=30), max_size=30))
def test_no_line_of_a_sheet_is_lost(lines: list[str]) -> None:
    """Each line that says anything is taken, or named as repeated or bad: or it is a heading."""
    text = "\n".join(lines)
    sheet = read_sheet(text)
    numbers = [*sheet.codes.values(), *(line.number for line in (*sheet.twice, *sheet.bad))]
    assert len(numbers) == len(set(numbers))
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        plain = line.strip()
        if (
            plain.isalnum()
            and plain.isprintable()
            and not (number == 1 and plain.lower().startswith(("c", "v")))
        ):
            assert number in numbers


def test_made_codes_keep_to_the_pattern_and_cannot_be_guessed(pool: str) -> None:
    made = generate_codes(
        actor=OPERATOR, now=NOW, pool=pool, pattern="TEA-####-######", alphabet=Alphabet.LETTERS, count=500
    )
    values = list(Code.objects.values_list("value", flat=True))
    assert made == len(set(values)) == 500
    signs = set(Alphabet.LETTERS.signs)
    assert all(v[:4] == "TEA-" and v[8] == "-" and set(v[4:8] + v[9:]) <= signs for v in values)
    before = Code.objects.count()
    for pattern, count in (
        ("####", 1),
        ("TEA", 1),
        ("##########", 10**6),
        ("<####-####-####>", 1),
        ("#" * 70, 1),
    ):
        with pytest.raises(CodesInvalid):
            generate_codes(
                actor=OPERATOR, now=NOW, pool=pool, pattern=pattern, alphabet=Alphabet.FIGURES, count=count
            )
    assert Code.objects.count() == before


@pytest.mark.parametrize("alphabet", Alphabet)
def test_no_alphabet_has_signs_that_look_alike(alphabet: Alphabet) -> None:
    if alphabet is not Alphabet.FIGURES:
        assert not set(alphabet.signs) & set("01OIL")
    needed = count_blanks_needed(alphabet, 1_000)
    assert len(alphabet.signs) ** needed >= 10**12 > len(alphabet.signs) ** (needed - 1)
    assert len({make_code("#" * needed, alphabet) for _each in range(300)}) == 300


@given(st.text(min_size=1, max_size=60))
def test_a_mask_never_shows_more_than_a_quarter(code: str) -> None:
    shown = mask_code(code).removeprefix("••••")
    assert len(shown) <= min(4, len(code) / 4)
    assert code.endswith(shown)


def test_operators_see_masks_and_fetch_what_is_free(pool: str) -> None:
    import_code_sheet(actor=OPERATOR, now=NOW, pool=pool, text="AAAA-1111\nBBBB-2222\n")
    claim_code(pool=pool, now=NOW)
    page = list_codes(pool)
    assert [(row.masked, row.state) for row in page.items] == [
        ("••••22", CodeState.FREE),
        ("••••11", CodeState.CLAIMED),
    ]
    assert list_codes(pool, state=CodeState.VOID).items == ()
    assert hand_out_free_codes(actor=OPERATOR, now=NOW, pool=pool) == ["BBBB-2222"]
    record = list_audit().items[0]
    assert (record.action, record.details) == ("codes.downloaded", {"count": 1})
    (stock,) = list_pool_stocks()
    assert (stock.free, stock.runs_low) == (1, True)
    assert get_pool(pool).runs_low
    save_pool(actor=OPERATOR, now=NOW, code=pool, name="Cinema", alert_below=1)
    assert not get_pool(pool).runs_low
