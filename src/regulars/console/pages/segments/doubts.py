"""What looks odd in a tree without being wrong: words that nothing in the shop is called by."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from regulars.catalogue import facade as catalogue

DOUBTS_MAX = 3
LOOKED_UP_MAX = 30
_KNOWN: Mapping[str, Callable[[str], bool]] = {
    "product": lambda name: bool(catalogue.find_products([name])),
    "brand": catalogue.has_brand,
    "category": catalogue.has_category,
}


def list_doubts(tree: Mapping[str, Any]) -> list[str]:
    """Sentences about products, brands and categories that there are none of. A query for each word, few."""
    asked = islice(dict.fromkeys(_list_words(tree)), LOOKED_UP_MAX)
    unknown = ((column, word) for column, word in asked if not _KNOWN[column](word))
    return [_say(column, word) for column, word in islice(unknown, DOUBTS_MAX)]


def _say(column: str, word: str) -> str:
    sentences = {
        "product": _("There is no product “%(word)s” in the catalogue; products go by their codes."),
        "brand": _("No product in the catalogue is of the brand “%(word)s”."),
        "category": _("No product in the catalogue is in the category “%(word)s”."),
    }
    return sentences[column] % {"word": word}


def _list_words(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for child in node:
            yield from _list_words(child)
    elif isinstance(node, Mapping):
        for column, test in (node.get("where") or {}).items():
            if column in _KNOWN and isinstance(test, Mapping):
                for word in test.get("one_of", [test["is"]] if "is" in test else []):
                    yield column, word
        for name, child in node.items():
            if name != "where":
                yield from _list_words(child)
