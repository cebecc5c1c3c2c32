"""Reasons as sentences: each of them, in each language, with what it is about, and never half said."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.recommend.types import Reason, ReasonCode, ServedBy, ShelfCode
from regulars.recommend.wording import explain_shelf, name_shelf, say_pace, say_reason
from regulars.rules.facade import PointsName

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LANGUAGES = ("en", "ru", "zh-hans")
LEFT_OVER = re.compile(r"%\(|%[sd]|\{\w*\}|None|Undefined")

number = st.integers(1, 100_000)
day = st.dates(date(2020, 1, 1), date(2030, 12, 31)).map(date.isoformat)
# Names as shops give them: with signs that templates and formats know.
name = st.sampled_from(["Sourdough loaf", "100% juice", "Кефир <3,2 %>", "M&M's", "豆腐 {500 g}", "%(days)s"])
told = st.fixed_dictionaries
VALUES: dict[ReasonCode, st.SearchStrategy[dict[str, Any]]] = {
    ReasonCode.BOUGHT_OFTEN: told({"orders": number, "last_on": day}),
    ReasonCode.BOUGHT_WITH: told({"sku": name, "name": name, "last_on": day}),
    ReasonCode.SEEN: told({"sku": name, "name": name}),
    ReasonCode.BRAND: told({"brand": name, "percent": st.integers(0, 100), "lift_percent": number}),
    ReasonCode.CATEGORY: told({"category": name, "orders": number}),
    ReasonCode.INTEREST: told({"interest": name}),
    ReasonCode.ALIKE: told({"segment": name, "buyers": number, "days": number}),
    ReasonCode.POPULAR: told({"buyers": number, "days": number}),
    ReasonCode.PINNED: told({}),
    ReasonCode.AFFORDABLE: told({"points": number}),
    ReasonCode.NEAR: told(
        {"points": number},
        optional={"days": number, "amount": number, "currency": st.sampled_from(["EUR", "JPY", "CHF"])},
    ).filter(lambda one: ("amount" in one) == ("currency" in one)),
    ReasonCode.EXPIRING: told({"points": number, "on": day}),
    ReasonCode.GOAL: told({}),
    ReasonCode.TAKEN_OFTEN: told({"members": number, "days": number}),
}
# What a sentence must name, where it is given. The segment is the shop's own word, and no member's to read.
NAMED = ("name", "brand", "category", "interest")


def say(code: ReasonCode, values: dict[str, Any], language: str) -> str:
    with translation.override(language):
        return say_reason(Reason(code, values), now=NOW, points_name=PointsName())


def test_every_reason_has_its_values_here() -> None:
    assert VALUES.keys() == set(ReasonCode)


@pytest.mark.parametrize("code", list(ReasonCode))
@given(data=st.data())
@settings(max_examples=25)
def test_a_reason_is_a_whole_sentence_in_each_language(code: ReasonCode, data: st.DataObject) -> None:
    values = data.draw(VALUES[code])
    said = [say(code, values, language) for language in LANGUAGES]
    for sentence in said:
        plain = sentence
        for told in (values[key] for key in NAMED if key in values):
            assert told in sentence
            plain = plain.replace(told, "")
        assert not LEFT_OVER.search(plain), sentence
        assert plain.strip()[-1] in ".。", sentence
    assert len(set(said)) == len(LANGUAGES), "one of them is not translated"


@pytest.mark.parametrize("code", list(ReasonCode))
@given(data=st.data())
@settings(max_examples=25)
def test_what_is_not_told_is_left_out(code: ReasonCode, data: st.DataObject) -> None:
    """Rows outlive the version that wrote them."""
    values = data.draw(VALUES[code])
    kept = {key: values[key] for key in values if data.draw(st.booleans())}
    broken = {key: data.draw(st.sampled_from([value, "", "soon"])) for key, value in kept.items()}
    for told in (kept, broken):
        sentence = say(code, told, "en")
        assert sentence.endswith(".")
        assert not LEFT_OVER.search(sentence.replace("%(days)s", "")), sentence


BASKET: dict[str, int | str] = {"amount": 3120, "currency": "EUR"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"days": 1}, "About 1 day at your pace."),
        (
            {"days": 9, "amount": 3120, "currency": "EUR"},
            "About 9 days at your pace, or one basket of €31.20.",
        ),
        (BASKET, "One basket of €31.20 would do."),
        ({}, ""),
    ],
)
def test_beside_what_is_missing_only_the_pace_is_told(values: dict[str, int | str], said: str) -> None:
    assert say_pace(Reason(ReasonCode.NEAR, {"points": 312, **values})) == said


@pytest.mark.parametrize(
    ("code", "values", "said"),
    [
        (
            ReasonCode.BOUGHT_OFTEN,
            {"orders": 7, "last_on": "2026-10-12"},
            "You bought it 7 times, last on October 12.",
        ),
        (
            ReasonCode.BOUGHT_OFTEN,
            {"orders": 1, "last_on": "2025-10-12"},
            "You bought it on October 12, 2025.",
        ),
        (
            ReasonCode.NEAR,
            {"points": 312, "days": 9, "amount": 3120, "currency": "EUR"},
            "Still missing: 312 points. That is about 9 days at your pace, or one basket of €31.20.",
        ),
        (
            ReasonCode.NEAR,
            {"points": 1, "days": 1},
            "Still missing: 1 point. That is about 1 day at your pace.",
        ),
        (
            ReasonCode.BRAND,
            {"brand": "Harbour", "percent": 62, "lift_percent": 40},
            "Of what you buy of this kind, 62% is from Harbour: more than with others.",
        ),
        (
            ReasonCode.ALIKE,
            {"segment": "About to lapse", "buyers": 1, "days": 28},
            "1 member with a taste like yours bought it within 28 days.",
        ),
        # A product that has lost its name is called by its number.
        (
            ReasonCode.BOUGHT_WITH,
            {"sku": "LOAF", "last_on": "2026-11-01"},
            "It goes with “LOAF”, which you bought on November 1.",
        ),
        (ReasonCode.BOUGHT_WITH, {"name": "Loaf"}, "It goes with “Loaf”, which you bought."),
        (ReasonCode.BRAND, {"brand": "Harbour", "buyers": 3}, "It is from Harbour, which you choose often."),
        (ReasonCode.CATEGORY, {"category": "Bread"}, "It is of “Bread”, where you buy often."),
    ],
)
def test_sentences(code: ReasonCode, values: dict[str, Any], said: str) -> None:
    assert say(code, values, "en") == said


@pytest.mark.parametrize(
    ("orders", "said"),
    [(2, "2 раза"), (5, "5 раз"), (21, "21 раз"), (22, "22 раза")],
)
def test_numbers_and_nouns_agree_in_russian(orders: int, said: str) -> None:
    values = {"orders": orders, "last_on": "2026-10-12"}
    assert said in say(ReasonCode.BOUGHT_OFTEN, values, "ru")
    assert "12 октября" in say(ReasonCode.BOUGHT_OFTEN, values, "ru")


@pytest.mark.parametrize("language", LANGUAGES)
def test_shelves_are_named_and_explained(language: str) -> None:
    with translation.override(language):
        for subject in ("", "100% juice"):
            assert len({name_shelf(code, subject) for code in ShelfCode}) == len(ShelfCode)
            assert subject in name_shelf(ShelfCode.BECAUSE, subject)
            assert subject in name_shelf(ShelfCode.BRANDS, subject)
        assert not [code for code in ShelfCode if LEFT_OVER.search(explain_shelf(code))]
        newest = name_shelf(ShelfCode.POPULAR, way=ServedBy.NEWEST)
        assert newest != name_shelf(ShelfCode.POPULAR, way=ServedBy.SHOP)
        assert explain_shelf(ShelfCode.POPULAR, ServedBy.NEWEST) != explain_shelf(ShelfCode.POPULAR)
