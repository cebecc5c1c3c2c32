"""Categories that tell what is nobody's business: kept out of every inference by default."""

import re
from collections.abc import Iterable, Sequence

HEALTH = (
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
    "аллерг",
    "антацид",
    "аптек",
    "бады",
    "беременн",
    "биодобав",
    "витамин",
    "гинеколог",
    "диабет",
    "диет",
    "женская гигиена",
    "женской гигиен",
    "здоровье",
    "контрацеп",
    "лекарств",
    "медикамент",
    "медицин",
    "обезболив",
    "очки",
    "первая помощь",
    "планирование семьи",
    "презерватив",
    "слабительн",
    "средства от простуды",
    "тест на беременность",
    "тесты на беременность",
    "урологич",
    "保健",
    "减肥",
    "中药",
    "医用",
    "医疗",
    "医药",
    "卫生巾",
    "孕妇",
    "孕婴",
    "感冒",
    "止痛",
    "失禁",
    "眼镜",
    "糖尿病",
    "维生素",
    "药品",
    "药店",
    "西药",
    "计生",
    "过敏",
    "避孕",
)
BABY = (
    "baby",
    "diaper",
    "infant",
    "грудничк",
    "детск",
    "для детей",
    "для малышей",
    "младен",
    "новорожд",
    "памперс",
    "пелен",
    "подгузник",
    "奶粉",
    "婴儿",
    "婴幼",
    "母婴",
    "宝宝",
    "尿布",
    "尿裤",
    "尿片",
)
TOBACCO = (
    "cigar",
    "smoking",
    "tobacco",
    "вейп",
    "кальян",
    "курение",
    "курения",
    "никотин",
    "сигар",
    "табак",
    "табач",
    "卷烟",
    "烟草",
    "电子烟",
    "雪茄",
    "香烟",
)
ALCOHOL = (
    "alcohol",
    "beer",
    "liquor",
    "spirits",
    "whisky",
    "wine",
    "алкогол",
    "вина",
    "винн",
    "вино.",
    "виски",
    "водка",
    "водки",
    "игристое",
    "игристые",
    "коньяк",
    "ликер",
    "пиво",
    "пивн",
    "слабоалкогол",
    "шампанск",
    "啤酒",
    "洋酒",
    "烈酒",
    "白酒",
    "葡萄酒",
    "酒水",
    "酒类",
    "黄酒",
)
DEFAULT_PATTERNS = (*HEALTH, *BABY, *TOBACCO, *ALCOHOL)
"""Beginnings of words in the name of a category, in English, Russian and Chinese: the marketer's to change.

A dot at the end means that the word ends there: `вино.` is wine, and no grapes (виноград). Chinese puts no
space between words: its patterns count wherever they stand.
"""
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def compile_patterns(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for all: a pattern counts where a word begins with it, in capitals or not."""
    kept = [_compile(_fold(pattern.strip())) for pattern in patterns if pattern.strip(" .")]
    return re.compile("|".join(kept)) if kept else None


def is_sensitive(categories: Sequence[str], pattern: re.Pattern[str] | None) -> bool:
    """Whether a path of categories has a sensitive one in it."""
    return pattern is not None and any(pattern.search(_fold(name)) for name in categories)


def _compile(pattern: str) -> str:
    word = re.escape(pattern.removesuffix("."))
    begin = "" if _UNSPACED.match(pattern) else r"(?<!\w)"
    return begin + word + (r"(?!\w)" if pattern.endswith(".") else "")


def _fold(text: str) -> str:
    """Without capitals, and without the dots that Russian leaves off a letter as it likes."""
    return text.casefold().replace("ё", "е")
