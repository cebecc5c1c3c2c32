"""Pure decisions about codes: how a sheet is read, how a code is masked, what cannot be guessed."""

import re
import secrets
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.catalogue.errors import CodesInvalid
from regulars.catalogue.policies.saving import is_storable
from regulars.catalogue.types import CodeLine, CodeSheet

CODE_MAX = 200
SHEET_LINES_MAX = 200_000
GENERATE_MAX = 100_000
PATTERN_MAX = 64
SAFETY = 10**9
"""Of so many guesses, one may hit a code that was made: nobody finds one by trying."""
BLANK = "#"
_PATTERN = re.compile(r"[A-Za-z0-9#._/+-]+")
_HEADINGS = {"code", "codes", "voucher", "coupon"}


class Alphabet(StrEnum):
    """Which signs stand for `#`. None has signs that look alike: no 0 and O, no 1, I and L."""

    LETTERS_AND_FIGURES = "letters_and_figures"
    LETTERS = "letters"
    FIGURES = "figures"

    @property
    def signs(self) -> str:
        """The signs themselves."""
        return _SIGNS[self]


_SIGNS = {
    Alphabet.LETTERS_AND_FIGURES: "23456789ABCDEFGHJKMNPQRSTUVWXYZ",
    Alphabet.LETTERS: "ABCDEFGHJKMNPQRSTUVWXYZ",
    Alphabet.FIGURES: "0123456789",
}


def mask_code(code: str) -> str:
    """A code with all but its end hidden: of short ones less is shown, of the shortest nothing."""
    shown = min(4, len(code) // 4)
    return "••••" + (code[-shown:] if shown else "")


def read_sheet(text: str) -> CodeSheet:
    """Codes out of a text or CSV file: one a line, the first column counts, a heading is passed over.

    Raises CodesInvalid where there are too many lines.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    if len(lines) > SHEET_LINES_MAX:
        raise CodesInvalid(
            _("More than %(most)s lines are too many for one sheet; divide it.")
            % {"most": f"{SHEET_LINES_MAX:,}"}
        )
    codes: dict[str, int] = {}
    twice: list[CodeLine] = []
    bad: list[CodeLine] = []
    for number, line in enumerate(lines, 1):
        code = _read_line(line)
        if not code or (number == 1 and code.lower() in _HEADINGS):
            continue
        if fault := _find_fault(code):
            bad.append(CodeLine(number, mask_code(code[:CODE_MAX]), fault))
        elif code in codes:
            twice.append(CodeLine(number, mask_code(code)))
        else:
            codes[code] = number
    return CodeSheet(codes, tuple(twice), tuple(bad))


def _read_line(line: str) -> str:
    line = line.strip()
    if line.startswith('"') and (end := line.find('"', 1)) > 0:
        return line[1:end].strip()
    return re.split("[,;\t]", line, maxsplit=1)[0].strip()


def _find_fault(code: str) -> str:
    if len(code) > CODE_MAX:
        return _("longer than %(most)d characters") % {"most": CODE_MAX}
    if not is_storable(code) or not code.isprintable():
        return _("has a sign that cannot be printed")
    if any(sign.isspace() for sign in code):
        return _("has a space inside")
    return ""


def check_pattern(pattern: str, alphabet: Alphabet, count: int) -> None:
    """Raise CodesInvalid where codes of that pattern could be guessed, or make no sense."""
    if not 0 < count <= GENERATE_MAX:
        raise CodesInvalid(
            _("Make 1 to %(most)s codes at a time.") % {"most": f"{GENERATE_MAX:,}"}, field="count"
        )
    if len(pattern) > PATTERN_MAX or _PATTERN.fullmatch(pattern) is None:
        raise CodesInvalid(
            _("A pattern has letters, figures, dashes and #, up to %(most)d signs.") % {"most": PATTERN_MAX},
            field="pattern",
        )
    needed = count_blanks_needed(alphabet, count)
    if pattern.count(BLANK) < needed:
        raise CodesInvalid(
            ngettext(
                "So few could be guessed: %(count)s code needs at least %(needed)d # in the pattern.",
                "So few could be guessed: %(count)s codes need at least %(needed)d # in the pattern.",
                count,
            )
            % {"count": f"{count:,}", "needed": needed},
            field="pattern",
        )


def count_blanks_needed(alphabet: Alphabet, count: int) -> int:
    """How many `#` make so many codes hard enough to guess: see SAFETY."""
    blanks, ways = 0, 1
    while ways < count * SAFETY:
        blanks, ways = blanks + 1, ways * len(alphabet.signs)
    return blanks


def make_code(pattern: str, alphabet: Alphabet) -> str:
    """One code of the pattern, each `#` drawn from the system's source of secrets."""
    return "".join(secrets.choice(alphabet.signs) if sign == BLANK else sign for sign in pattern)
