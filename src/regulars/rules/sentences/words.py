"""Numbers, names and lists as a reader expects them."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def number(text: str | int) -> str:
    """An exact decimal in the reader's language, without needless zeros."""
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return str(number_format(value, decimal_pos=digits, force_grouping=True))


def listing(names: Sequence[str], more: int = 0) -> str:
    """Names one after another, and how many are not named."""
    written = ", ".join(names)
    if not more:
        return written
    return ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", more) % {
        "names": written,
        "count": more,
    }


def times(factor: str) -> str:
    """A factor as a word where there is one."""
    words = {"2": _("double"), "3": _("triple")}
    return words.get(factor) or _("%(factor)s×") % {"factor": number(factor)}


def period(word: str) -> str:
    """A cap's period as the end of a sentence."""
    return {
        "day": _("a day"),
        "week": _("a week"),
        "month": _("a month"),
        "year": _("a year"),
        "ever": _("in all"),
    }.get(word, word)
