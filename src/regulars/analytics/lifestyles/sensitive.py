"""Categories that tell what is nobody's business: kept out of every inference by default."""

import re
from collections.abc import Iterable, Sequence

DEFAULT_PATTERNS = (
    # health
    "adult incontinence",
    "allergy",
    "analgesic",
    "antacid",
    "cold and flu",
    "contracept",
    "diet",
    "eye and ear care",
    "family planning",
    "feminine hygiene",
    "first aid",
    "foot care",
    "glasses/vision",
    "health care",
    "laxative",
    "medic",
    "natural care",
    "pharmac",
    "pregnan",
    "vitamin",
    # baby
    "baby",
    "diaper",
    "infant",
    # tobacco
    "cigar",
    "smoking",
    "tobacco",
    # alcohol
    "alcohol",
    "beer",
    "liquor",
    "spirits",
    "whisky",
    "wine",
)
"""Beginnings of words in the name of a category, in the catalogue's languages: the marketer's to change."""


def compile_patterns(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for all: a pattern counts where a word begins with it, in capitals or not."""
    kept = [re.escape(pattern.strip().casefold()) for pattern in patterns if pattern.strip()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(kept)})") if kept else None


def is_sensitive(categories: Sequence[str], pattern: re.Pattern[str] | None) -> bool:
    """Whether a path of categories has a sensitive one in it."""
    return pattern is not None and any(pattern.search(name.casefold()) for name in categories)
