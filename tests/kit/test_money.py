"""Money is whole minor units; how many, and how they are written, depends on the currency and the reader."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.kit.money import CURRENCIES, format_amount, format_money, minor_digits, to_minor


@pytest.mark.parametrize(("code", "digits"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CLP", 0)])
def test_currencies_have_their_own_decimals(code: str, digits: int) -> None:
    assert code in CURRENCIES
    assert minor_digits(code) == digits


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12), st.sampled_from(sorted(CURRENCIES)))
def test_minor_units_survive_the_way_there_and_back(minor: int, code: str) -> None:
    amount = Decimal(minor).scaleb(-minor_digits(code))
    assert to_minor(amount, code) == minor


def test_what_is_no_money_is_refused_at_once() -> None:
    for amount in ("1e99999999", "-1e99999999", "NaN", "Infinity", "1e999999999999"):
        with pytest.raises(ValueError, match="no amount of money"):
            to_minor(Decimal(amount), "EUR")


def test_more_decimals_than_the_currency_has_are_refused() -> None:
    assert to_minor(Decimal("1.500"), "EUR") == 150
    for amount, code in ((Decimal("1.005"), "EUR"), (Decimal("0.5"), "JPY")):
        with pytest.raises(ValueError, match="decimals"):
            to_minor(amount, code)


@pytest.mark.parametrize(
    ("minor", "code", "amount", "money"),
    [
        (1850, "EUR", "18.50", "€18.50"),
        (123456789, "USD", "1,234,567.89", "$1,234,567.89"),
        (500, "JPY", "500", "¥500"),
        (1850, "CHF", "18.50", "CHF\N{NO-BREAK SPACE}18.50"),
        (1500, "KWD", "1.500", "KWD\N{NO-BREAK SPACE}1.500"),
        (0, "EUR", "0.00", "€0.00"),
        (-300, "EUR", "-3.00", "-€3.00"),
    ],
)
def test_money_is_written_in_english(minor: int, code: str, amount: str, money: str) -> None:
    assert format_amount(minor, code) == amount
    assert format_money(minor, code) == money


def test_decimals_follow_the_language() -> None:
    with translation.override("ru"):
        assert format_amount(1850, "RUB") == "18,50"
