"""Money: whole minor units and an ISO 4217 code. How many decimals a currency has, and how it is written."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import pgettext

AMOUNT_DIGITS_MAX = 18
_DIGITS_0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_DIGITS_3 = "BHD IQD JOD KWD LYD OMR TND"
_DIGITS_2 = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
    USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""

_DIGITS: Mapping[str, int] = {
    code: digits
    for digits, codes in ((0, _DIGITS_0), (2, _DIGITS_2), (3, _DIGITS_3))
    for code in codes.split()
}

CURRENCIES = frozenset(_DIGITS)
"""The codes in use of ISO 4217: money that a shop may take."""

_SYMBOLS = {
    "CNY": "¥",
    "EUR": "€",
    "GBP": "£",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "KZT": "₸",
    "RUB": "₽",
    "TRY": "₺",
    "UAH": "₴",
    "USD": "$",
}


def minor_digits(currency: str) -> int:
    """How many decimals the currency's minor unit has: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _DIGITS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """Whole minor units of an amount in the currency's own unit.

    Raises ValueError where it is not whole, and for what is no money: `1e99999999` would fill the memory.

    >>> to_minor(Decimal("18.50"), "EUR"), to_minor(Decimal("18"), "JPY")
    (1850, 18)
    """
    if not amount.is_finite() or amount.adjusted() > AMOUNT_DIGITS_MAX:
        raise ValueError(f"{amount} is no amount of money")
    minor = amount.scaleb(minor_digits(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} has more than {minor_digits(currency)} decimals")
    return int(minor)


def format_amount(minor: int, currency: str) -> str:
    """The bare number in the reader's language, with all decimals of the currency: `18.50`."""
    digits = minor_digits(currency)
    return str(number_format(Decimal(minor).scaleb(-digits), decimal_pos=digits, force_grouping=True))


def format_money(minor: int, currency: str) -> str:
    """An amount with its currency in the reader's language: `€18.50`, `CHF 18.50`, `-€3.00`."""
    return _with_currency(format_amount(abs(minor), currency), currency, is_negative=minor < 0)


def format_round_money(minor: int, currency: str) -> str:
    """The same in whole units, rounded half up, for sums where decimals would only be noise: `€18,430`."""
    whole = (Decimal(abs(minor)).scaleb(-minor_digits(currency)) + Decimal("0.5")).__floor__()
    amount = str(number_format(whole, force_grouping=True))
    return _with_currency(amount, currency, is_negative=minor < 0 < whole)


def _with_currency(amount: str, currency: str, *, is_negative: bool) -> str:
    symbol = _SYMBOLS.get(currency)
    if symbol is None:
        # Translators: the code stands where the language puts a currency's code.
        text = pgettext("money with a currency code", "%(code)s %(amount)s").replace(
            " ", "\N{NO-BREAK SPACE}"
        )
        written = text % {"code": currency, "amount": amount}
    else:
        # Translators: the symbol stands where the language puts a currency's symbol.
        text = pgettext("money with a currency symbol", "%(symbol)s%(amount)s")
        written = text % {"symbol": symbol, "amount": amount}
    return f"-{written}" if is_negative else written
