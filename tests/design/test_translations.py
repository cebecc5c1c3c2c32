"""The translations: complete, sure of themselves, with the placeholders of the original, and built."""

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext
from frontend import messages

from regulars.kit.money import format_money
from regulars.rules.types import PointsName
from tests.architecture.test_foreign_keys import ROOT

RUSSIAN = {1: "1 балл", 2: "2 балла", 5: "5 баллов", 11: "11 баллов", 21: "21 балл", 104: "104 балла"}


@pytest.mark.slow  # reads every source of the package
def test_every_message_is_translated_and_every_translation_is_of_a_message() -> None:
    """`make messages` takes new ones in; docs/translating.md says the rest."""
    assert messages.check() == []


@pytest.mark.slow  # reads every source of the package
def test_a_catalogue_that_is_not_complete_and_sound_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(messages.check())
    shutil.copytree(messages.LOCALES, tmp_path / "locale")
    monkeypatch.setattr(messages, "LOCALES", tmp_path / "locale")
    file = messages.catalogue_file("ru")
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace('msgstr "Награды"', 'msgstr ""')
        .replace('msgid "Home"', '#, fuzzy\nmsgid "Home"')
        .replace('msgid "Save"', 'msgid "Keepsake"')
        .replace('msgstr "до уровня %(name)s"', 'msgstr "до уровня %(nom)s"'),
        encoding="utf-8",
    )
    found = set(messages.check()) - before
    said = "\n".join(sorted(found))
    for part in (
        "ru: not translated: 'Rewards'",
        "ru: doubtful: 'Home'",
        "ru: not there: 'Save'",
        "ru: no longer said: 'Keepsake'",
        "ru: 'to %(name)s': placeholders ['%(nom)s'] instead of ['%(name)s']",
    ):
        assert part in said
    assert all(line.startswith("ru:") for line in found)


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_compiled_translations_are_those_of_the_catalogue(language: str) -> None:
    target = messages.catalogue_file(language).with_suffix(".mo")
    assert target.exists(), "run `make assets`"
    translation.trans_real._translations.clear()
    with messages.catalogue_file(language).open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    code = language.replace("_", "-").lower()
    assert code in dict(settings.LANGUAGES)
    with translation.override(code):
        for wanted in ("Rewards", "History", "Redeem"):
            said = catalogue.get(wanted)
            assert said is not None
            assert gettext(wanted) == said.string


def test_it_is_compiled_without_gettext(tmp_path: Path) -> None:
    shutil.copytree(messages.LOCALES, tmp_path / "src" / "regulars" / "locale")
    (tmp_path / "frontend").mkdir()
    script = shutil.copy(ROOT / "frontend" / "messages.py", tmp_path / "frontend")
    for made in tmp_path.rglob("*.mo"):
        made.unlink()
    subprocess.run([sys.executable, script, "compile"], check=True, env={"PATH": ""})
    assert len(list(tmp_path.rglob("*.mo"))) == len(messages.LANGUAGES)


@pytest.mark.parametrize(("count", "written"), RUSSIAN.items())
def test_russian_counts_in_three_forms(count: int, written: str) -> None:
    with translation.override("ru"):
        assert f"{count} {PointsName().of(count)}" == written
        assert ngettext("%(count)s point", "%(count)s points", count) % {"count": count} == written


def test_a_name_of_the_shops_own_is_not_translated() -> None:
    with translation.override("zh-hans"):
        assert (PointsName().of(3), PointsName().many) == ("积分", "积分")
        assert (PointsName("star", "stars").of(1), PointsName("star", "stars").many) == ("star", "stars")


@pytest.mark.parametrize(
    ("language", "euros", "francs"),
    [
        ("en", "€1,234.50", "CHF\xa01,234.50"),
        ("ru", "1\xa0234,50\xa0€", "1\xa0234,50\xa0CHF"),
        ("zh-hans", "€1,234.50", "CHF\xa01,234.50"),
    ],
)
def test_money_is_written_as_the_language_does(language: str, euros: str, francs: str) -> None:
    with translation.override(language):
        assert format_money(123_450, "EUR") == euros
        assert format_money(123_450, "CHF") == francs


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("ru", "Войти"), ("zh-hans", "登录")])
def test_a_browser_is_answered_in_its_language(language: str, word: str) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    for address in ("/sign-in/", "/console/sign-in/"):
        html = client.get(address).content.decode()
        assert f'lang="{language}"' in html
        assert word in html


def test_what_is_written_can_be_read_again() -> None:
    """A catalogue that Babel writes and reads is the same: an update without new messages changes nothing."""
    for language in messages.LANGUAGES:
        catalogue = messages.read_catalogue(language)
        out = io.BytesIO()
        messages.write_po(out, catalogue, width=0, include_lineno=False, sort_by_file=True)
        again = read_po(io.BytesIO(out.getvalue()), locale=language)
        assert {message.id: message.string for message in again if message.id} == {
            message.id: message.string for message in catalogue if message.id
        }
