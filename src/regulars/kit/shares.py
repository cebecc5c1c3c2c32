"""Shares of a whole, written as percentages by the pattern of the reader's language."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import pgettext

DECIMALS_MAX = 2


def format_share(share: float, decimals: int | None = 1) -> str:
    """A share in the reader's language: 0.933 is `93.3%` in English, `93,3 %` in Russian.

    Without `decimals` as many as it needs, two at most. Patterns: Unicode CLDR, percent formats.

    >>> format_share(0.933), format_share(0.5, 0), format_share(0.125, None)
    ('93.3%', '50%', '12.5%')
    """
    percent = Decimal(str(share)) * 100
    if decimals is None:
        decimals = max(-int(_round(percent, DECIMALS_MAX).normalize().as_tuple().exponent), 0)
    number = number_format(_round(percent, decimals), decimal_pos=decimals, force_grouping=True)
    # Translators: how the language writes a percentage; a space is made one at which no line breaks.
    pattern = pgettext("a share of a whole", "%(number)s%%").replace(" ", "\N{NO-BREAK SPACE}")
    return pattern % {"number": number}


def _round(percent: Decimal, decimals: int) -> Decimal:
    return percent.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
