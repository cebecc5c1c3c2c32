"""The normal form of identities, locales, zones and birthdays: pure laws."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.members.errors import ProfileInvalid
from regulars.members.policies import (
    birthday_in,
    birthdays_kept_on,
    check_time_zone,
    fold,
    normalise_identity,
    normalise_locale,
)
from regulars.members.types import IdentityKind

DECORATION = st.text(alphabet=" -", max_size=2)
LOCAL_PART = st.text(alphabet="abcXYZ0123456789.+-_ÄßſKé'", min_size=1, max_size=20)


@settings(deadline=None)
@given(st.one_of(st.emails(), st.builds("{}@Example.Org".format, LOCAL_PART), st.text(max_size=40)))
def test_the_normal_form_of_an_email_is_its_own(raw: str) -> None:
    try:
        once = normalise_identity(IdentityKind.EMAIL, raw)
    except ProfileInvalid:
        return
    assert normalise_identity(IdentityKind.EMAIL, once) == once
    assert normalise_identity(IdentityKind.EMAIL, f" {raw}\n") == once


@settings(deadline=None)
@given(
    st.integers(10**7, 10**15 - 1),
    st.sampled_from(["+", "00", "+ ", "00 "]),
    st.lists(DECORATION, max_size=15),
)
def test_a_phone_number_is_one_however_it_is_written(number: int, plus: str, gaps: list[str]) -> None:
    digits = str(number)
    gaps += [""] * (len(digits) - len(gaps))
    written = plus + "".join(digit + gap for digit, gap in zip(digits, gaps, strict=False))
    once = normalise_identity(IdentityKind.PHONE, written)
    assert once == f"+{digits}"
    assert normalise_identity(IdentityKind.PHONE, once) == once


@settings(deadline=None)
@given(st.text(alphabet="abcXYZ0189", min_size=4, max_size=64))
def test_a_card_is_one_however_it_is_cased_and_spaced(card: str) -> None:
    once = normalise_identity(IdentityKind.CARD, card)
    assert normalise_identity(IdentityKind.CARD, once) == once
    assert normalise_identity(IdentityKind.CARD, " - ".join(card.lower())) == once


@settings(deadline=None)
@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("en", "en"),
        ("EN_gb", "en-GB"),
        ("zh-hans", "zh-Hans"),
        ("zh_HANS_cn", "zh-Hans-CN"),
        ("es-419", "es-419"),
    ],
)
def test_locales_have_one_spelling(raw: str, normal: str) -> None:
    assert normalise_locale(raw) == normal
    assert normalise_locale(normal) == normal


@pytest.mark.parametrize("raw", ["", "e", "english", "en-", "en-GBR", "en GB", "../etc"])
def test_what_is_not_a_locale_is_refused(raw: str) -> None:
    with pytest.raises(ProfileInvalid):
        normalise_locale(raw)


@pytest.mark.parametrize("raw", ["", "Europe", "Europe/Atlantis", "../../etc/passwd", "europe/berlin"])
def test_what_is_not_a_time_zone_is_refused(raw: str) -> None:
    with pytest.raises(ProfileInvalid):
        check_time_zone(raw)


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(1900, 2100))
def test_every_birthday_is_kept_once_in_every_year(birthday: date, year: int) -> None:
    kept = birthday_in(birthday, year)
    assert kept.year == year
    assert (birthday.month, birthday.day) in birthdays_kept_on(kept)
    days = (date(year, 2, 27), date(year, 2, 28), date(year, 3, 1), kept)
    holds = {day for day in days if (birthday.month, birthday.day) in birthdays_kept_on(day)}
    assert holds == {kept}


def test_29_february_is_kept_on_the_28th_where_there_is_no_29th() -> None:
    leapling = date(2000, 2, 29)
    assert birthday_in(leapling, 2026) == date(2026, 2, 28)
    assert birthday_in(leapling, 2028) == date(2028, 2, 29)
