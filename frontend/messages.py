"""Translations: finds what the sources say, keeps the catalogues in step, checks and compiles them.

    python frontend/messages.py update     take new messages in, let go of those no longer said
    python frontend/messages.py check      refuse a catalogue that is not complete and sound
    python frontend/messages.py compile    write the .mo files, where they are older than their catalogue

Needs no gettext. Where `msgfmt` is installed, `check` asks it as well.
"""

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCES = Path(__file__).resolve().parents[1] / "src" / "regulars"
LOCALES = SOURCES / "locale"
LANGUAGES = ("ru", "zh_Hans")
KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")
}
# Named where it stands, said elsewhere.
KEYWORDS["gettext_noop"] = DEFAULT_KEYWORDS["gettext"]
HEADER = "# Translations of Regulars. How they are made: docs/translating.md\n"
_NOISE = (
    b'"POT-Creation-Date:',
    b'"PO-Revision-Date:',
    b'"Last-Translator:',
    b'"Language-Team:',
    b'"Report-Msgid-Bugs-To:',
    b'"Generated-By:',
)
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%|%[sd]")


def catalogue_file(language: str) -> Path:
    """Where a language's translations stand."""
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def collect_messages() -> Catalog:
    """Every message that Python and templates of the package name."""
    found = Catalog(charset="utf-8", fuzzy=False)
    for path in sorted([*SOURCES.rglob("*.py"), *SOURCES.rglob("templates/**/*.html")]):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            # What is not a message comes back as rows of X, indented as it was: no matter for a tokeniser.
            text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
        place = path.relative_to(SOURCES.parent).as_posix()
        for _line, message, comments, context in extract(
            "python", io.BytesIO(text.encode()), keywords=KEYWORDS, comment_tags=("Translators:",)
        ):
            found.add(message, None, [(place, None)], auto_comments=comments, context=context)
    return found


def read_catalogue(language: str) -> Catalog:
    """A language's catalogue; an empty one where there is none yet."""
    file = catalogue_file(language)
    if not file.exists():
        return Catalog(locale=language, project="Regulars", version="0", header_comment=HEADER, fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def update() -> list[str]:
    """Write each catalogue anew. Guesses nothing: a changed sentence is a new one."""
    template = collect_messages()
    for language in LANGUAGES:
        catalogue = read_catalogue(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        catalogue_file(language).parent.mkdir(parents=True, exist_ok=True)
        written = io.BytesIO()
        write_po(written, catalogue, width=0, include_lineno=False, sort_by_file=True)
        catalogue_file(language).write_bytes(_without_dates(written.getvalue()))
    return []


def _without_dates(catalogue: bytes) -> bytes:
    """Without the header's lines that change with each run, or that nobody has filled in."""
    return b"".join(line for line in catalogue.splitlines(keepends=True) if not line.startswith(_NOISE))


def check() -> list[str]:
    """What is wrong with the catalogues: missing, left over, doubtful, or with other placeholders."""
    template = collect_messages()
    wrong = [problem for language in LANGUAGES for problem in _check_language(language, template)]
    if msgfmt := shutil.which("msgfmt"):
        for language in LANGUAGES:
            done = subprocess.run(
                [msgfmt, "--check", "--output-file=/dev/null", catalogue_file(language)],
                capture_output=True,
                text=True,
                check=False,
            )
            wrong += [f"{language}: {line}" for line in done.stderr.splitlines() if "warning:" not in line]
    return wrong


def _check_language(language: str, template: Catalog) -> Iterator[str]:
    catalogue = read_catalogue(language)
    here = {_key(message): message for message in catalogue if message.id}
    wanted = {_key(message) for message in template if message.id}
    yield from (f"{language}: not there: {key}" for key in sorted(wanted - here.keys()))
    yield from (f"{language}: no longer said: {key}" for key in sorted(here.keys() - wanted))
    for key, message in sorted(here.items()):
        forms = _forms(message.string)
        if not all(forms) or len(forms) != (catalogue.num_plurals if message.pluralizable else 1):
            yield f"{language}: not translated: {key}"
        elif message.fuzzy:
            yield f"{language}: doubtful: {key}"
        else:
            yield from (f"{language}: {key}: {fault}" for fault in _faults(message))


def _faults(message: Message) -> Iterator[str]:
    """Every form has the original's placeholders: the first form of many languages counts 21, too."""
    wanted = set().union(*(_placeholders(text) for text in _forms(message.id)))
    original = _forms(message.id)[0]
    for text in _forms(message.string):
        if (there := _placeholders(text)) != wanted:
            yield f"placeholders {sorted(there)} instead of {sorted(wanted)}"
        if [original.startswith("\n"), original.endswith("\n")] != [
            text.startswith("\n"),
            text.endswith("\n"),
        ]:
            yield "a line break too few or too many at its ends"
        if original.startswith(" ") != text.startswith(" "):
            yield "a space too few or too many at its beginning"


def _placeholders(text: str) -> set[str]:
    return {match.group() for match in _PLACEHOLDER.finditer(text)} - {"%%"}


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str) or text is None else tuple(text)


def _key(message: Message) -> str:
    context = f"[{message.context}] " if message.context else ""
    return context + repr(_forms(message.id)[0])


def compile_all() -> list[str]:
    """Write each .mo file that is older than its catalogue."""
    for language in LANGUAGES:
        source = catalogue_file(language)
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            with target.open("wb") as stream:
                write_mo(stream, read_catalogue(language))
    return []


def main(arguments: list[str]) -> int:
    """Do as asked; say what is wrong, and end with 1 where something is."""
    deeds = {"update": update, "check": check, "compile": compile_all}
    if len(arguments) != 1 or arguments[0] not in deeds:
        sys.stderr.write(f"Say one of: {', '.join(deeds)}.\n")
        return 2
    wrong = deeds[arguments[0]]()
    sys.stderr.write("".join(f"{line}\n" for line in wrong))
    if wrong:
        sys.stderr.write("`make messages` takes new messages in; docs/translating.md says the rest.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
