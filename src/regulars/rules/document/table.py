"""Reading one table of the document: every value typed, every mistake noted with its line, none raised."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from regulars.rules.document.positions import Path, Positions
from regulars.rules.document.schema import LISTED, SCHEMA, SYNONYMS, section_of
from regulars.rules.hints import did_you_mean, quoted
from regulars.rules.types import Problem

Choice = TypeVar("Choice", bound=StrEnum)
Kind = TypeVar("Kind")

TEXT_MAX = 200
WHOLE_MAX = 1_000_000_000
DECIMALS_MAX = 6


class Report:
    """Where mistakes are gathered, in the order in which they are met."""

    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self.problems: list[Problem] = []

    def add(self, path: Path, field: str, message: str, *, line: int | None = None) -> None:
        """Note a mistake. `line` where it is not the line of `path`."""
        self.problems.append(Problem(line or self.positions.line(path), field, message))

    def sorted(self) -> tuple[Problem, ...]:
        """All mistakes in the order of the document, each once."""
        return tuple(sorted(dict.fromkeys(self.problems), key=lambda problem: problem.line))


class Table:
    """One table. Reading a value that is wrong notes the mistake and gives the default."""

    def __init__(self, report: Report, data: dict[str, Any], path: Path, label: str) -> None:
        self.report = report
        self.path = path
        self.label = label
        self._data = data
        self._section = section_of(path)
        self._refuse_unknown()

    def has(self, key: str) -> bool:
        """True where the document gives this key."""
        return key in self._data

    def field(self, key: str) -> str:
        """How a mistake names this key: `earn[bread].points`."""
        return f"{self.label}.{key}" if self.label and key else self.label or key

    def mistake(self, key: str, message: str, /, **params: object) -> None:
        """Note a mistake about one key, or about the table where the key is empty or missing."""
        path = (*self.path, key) if key else self.path
        self.report.add(path, self.field(key), message % params if params else message)

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """A text of one line, without spaces around it."""
        value = self._take(key, str, _("a text in quotes"), required=required)
        if value is None:
            return default
        if not value.strip():
            self.mistake(key, _("must not be empty"))
        elif len(value) > TEXT_MAX:
            self.mistake(key, _("is longer than %(most)d characters"), most=TEXT_MAX)
        return value.strip()

    def raw(self, key: str) -> str:
        """A text as it is."""
        return self._take(key, str, _("a text in quotes")) or ""

    def slug(self, key: str, *, required: bool = False) -> str:
        """A short name for machines: small letters, digits, `_` and `-`."""
        value = self.text(key, required=required)
        if value and not _is_slug(value):
            self.mistake(
                key,
                _("may have small letters, digits, _ and - only, and not begin with a sign; found %(found)s"),
                found=quoted(value),
            )
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._take(key, bool, _("true or false, without quotes"))
        return default if value is None else value

    def whole(
        self, key: str, default: int = 0, *, least: int = 0, most: int = WHOLE_MAX, required: bool = False
    ) -> int:
        """A whole number within bounds."""
        value = self._take(key, int, _("a whole number"), required=required)
        if value is None:
            return default
        return value if self._within(key, value, least, most) else default

    def ratio(
        self, key: str, default: Fraction, *, least: Fraction, most: int, required: bool = False
    ) -> Fraction:
        """An exact number, whole or with up to six decimals."""
        value = self._number(key, required=required)
        if value is None or not self._within(key, value, least, most):
            return default
        return Fraction(value)

    def money(self, key: str, digits: int, default: int = 0, *, least: int = 0) -> int:
        """An amount in the currency's own unit (18.50), as whole minor units."""
        value = self._number(key)
        if value is None or not self._within(key, value, Fraction(least, 10**digits), WHOLE_MAX):
            return default
        minor: Fraction = Fraction(value) * 10**digits
        if minor.denominator != 1:
            self.mistake(
                key,
                _("has more decimals than the currency (%(digits)d); found %(found)s"),
                digits=digits,
                found=value,
            )
            return default
        return minor.numerator

    def choice(self, key: str, words: type[Choice], default: Choice | None = None) -> Choice | None:
        """One of a few words. Required where there is no default."""
        value = self._take(
            key, str, _("one of %(words)s") % {"words": _listed(words)}, required=default is None
        )
        return default if value is None else self._choose(key, value, words) or default

    def choices(self, key: str, words: type[Choice]) -> frozenset[Choice]:
        """Several of a few words."""
        return frozenset(
            word for text in self.texts(key) if (word := self._choose(key, text, words)) is not None
        )

    def word(self, key: str, words: Sequence[str], default: str = "") -> str:
        """One of a few words that have no enum of their own. Required where there is no default."""
        value = self._take(key, str, _("one of %(words)s") % {"words": _listed(words)}, required=not default)
        if value is None:
            return default
        if value not in words:
            self._refuse_word(key, value, words)
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, each once."""
        values = self._take(key, list, _('a list in square brackets: ["…"]'))
        if values is None:
            return ()
        if not values:
            self.mistake(key, _("is an empty list; leave the key out where there is nothing to name"))
        for position, value in enumerate(values):
            if not isinstance(value, str) or not value.strip():
                path = (*self.path, key, position)
                message = _("must be a list of texts in quotes; found %(found)s") % {"found": describe(value)}
                self.report.add(path, self.field(key), message)
            elif value in values[:position]:
                message = _("names %(found)s twice") % {"found": quoted(value)}
                self.report.add((*self.path, key, position), self.field(key), message)
        return tuple(dict.fromkeys(value.strip() for value in values if isinstance(value, str)))

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A calendar date, without a time."""
        value = self._take(key, date, _("a date without quotes: 2026-12-31"), required=required)
        if isinstance(value, datetime):
            self.mistake(key, _("must be a date without a time: %(day)s"), day=value.date())
            return None
        return value

    def moment(self, key: str) -> date | datetime | None:
        """A date, or a date with a time."""
        return self._take(key, date, _("a date without quotes: 2026-12-31 or 2026-12-31T18:00:00"))

    def clock_time(self, key: str) -> time | None:
        """A time of day, `17:00:00` or "17:00"."""
        wanted = _('a time of day: "17:00"')
        value = self._data.get(key)
        if isinstance(value, str):
            try:
                return time.fromisoformat(value).replace(tzinfo=None)
            except ValueError:
                self.mistake(
                    key, _("must be %(wanted)s; found %(found)s"), wanted=wanted, found=quoted(value)
                )
                return None
        return self._take(key, time, wanted)

    def table(self, key: str) -> "Table | None":
        """The table under a key, where there is one."""
        value = self._data.get(key)
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            section = section_of((*self.path, key))
            self.mistake(
                key, _("stands in single brackets, since there is only one: [%(section)s]"), section=section
            )
            return None
        value = self._take(key, dict, _("a table"))
        return None if value is None else Table(self.report, value, (*self.path, key), self.field(key))

    def tables(self, key: str, name: str = "") -> list["Table"]:
        """The tables under a key that may hold several, labelled by their `name` key, else by place."""
        values = self._data.get(key)
        section = section_of((*self.path, key))
        if isinstance(values, dict):
            self.mistake(
                key,
                _("stands in double brackets, since there may be several: [[%(section)s]]"),
                section=section,
            )
            return []
        values = self._take(key, list, _("written as [[%(section)s]]") % {"section": section})
        found = []
        for position, value in enumerate(values or ()):
            path = (*self.path, key, position)
            if not isinstance(value, dict):
                message = _("must hold tables; found %(found)s") % {"found": describe(value)}
                self.report.add(path, self.field(key), message)
                continue
            known = value.get(name)
            label = known if isinstance(known, str) and known else f"#{position + 1}"
            found.append(Table(self.report, value, path, f"{self.field(key)}[{label}]"))
        return found

    def only(self, keys: Collection[str], among: Iterable[str], *, why: str) -> None:
        """Refuse the keys of `among` that have no meaning here; `why` says in what case."""
        for key in among:
            if key in self._data and key not in keys:
                self.mistake(key, _("has no meaning %(why)s"), why=why)

    def _take(self, key: str, kind: type[Kind], wanted: str, *, required: bool = False) -> Kind | None:
        if key not in SCHEMA[self._section]:
            raise LookupError(f"{key} is not in the schema of [{self._section}]")
        if key not in self._data:
            if required:
                self.report.add(self.path, self.field(key), _("is missing: %(wanted)s") % {"wanted": wanted})
            return None
        value = self._data[key]
        # A bool is an int to Python, never to the one who writes a programme.
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        self.mistake(key, _("must be %(wanted)s; found %(found)s"), wanted=wanted, found=describe(value))
        return None

    def _number(self, key: str, *, required: bool = False) -> Decimal | int | None:
        value = self._data.get(key)
        if not isinstance(value, Decimal):
            whole: int | None = self._take(
                key, int, _("a number without quotes: 1 or 1.50"), required=required
            )
            return whole
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or exponent > DECIMALS_MAX:
            self.mistake(key, _("must be a plain number; found %(found)s"), found=value)
            return None
        if exponent < -DECIMALS_MAX:
            self.mistake(key, _("has more than %(most)d decimals"), most=DECIMALS_MAX)
            return None
        return value

    def _within(self, key: str, value: Decimal | int, least: Fraction | int, most: int) -> bool:
        if value > most:
            self.mistake(key, _("must be at most %(most)s; found %(found)s"), most=most, found=value)
        elif value < least:
            low = Decimal(least.numerator) / Decimal(least.denominator)
            self.mistake(key, _("must be at least %(least)s; found %(found)s"), least=low, found=value)
        else:
            return True
        return False

    def _choose(self, key: str, value: str, words: type[Choice]) -> Choice | None:
        try:
            return words(value)
        except ValueError:
            self._refuse_word(key, value, list(words))
            return None

    def _refuse_word(self, key: str, value: str, words: Sequence[str]) -> None:
        self.mistake(
            key,
            _("must be one of %(words)s; found %(found)s%(hint)s"),
            words=_listed(words),
            found=quoted(value),
            hint=did_you_mean(value, words),
        )

    def _refuse_unknown(self) -> None:
        known = SCHEMA[self._section]
        for key in self._data:
            if key not in known:
                self.mistake(key, "%(message)s", message=self._unknown(key, known))

    def _unknown(self, key: str, known: Sequence[str]) -> str:
        meant = SYNONYMS.get(key, key)
        outer = self._section.rpartition(".")[0]
        if self._section and not outer and key in SCHEMA[""]:
            return _("stands below [%(inner)s]; it has a header of its own: [%(key)s]") % {
                "inner": bracketed(self._section),
                "key": bracketed(key),
            }
        if outer and key in SCHEMA[outer]:
            return _("belongs to [%(outer)s], but stands below [%(inner)s]; move it above that line") % {
                "outer": bracketed(outer),
                "inner": bracketed(self._section),
            }
        for section, keys in SCHEMA.items():
            head, _dot, tail = section.rpartition(".")
            if meant not in known and meant in keys and head == self._section and tail in known:
                return _("belongs into %(inner)s: %(inner)s = { %(key)s = … }") % {
                    "inner": tail,
                    "key": meant,
                }
        hint = did_you_mean(meant if meant in known else key.lower(), known)
        return _("is not known here%(hint)s") % {
            "hint": hint or _(" (known are %(words)s)") % {"words": _listed(known)}
        }


def describe(value: object) -> str:
    """A value of the document as a person would call it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _("the text %(text)s") % {"text": quoted(value)}
    if isinstance(value, int | Decimal):
        return _("the number %(number)s") % {"number": value}
    if isinstance(value, date | time):
        return str(value)
    return _("a list") if isinstance(value, list) else _("a table")


def name_path(path: Path) -> str:
    """A place in the document as mistakes name it: `earn[#2].points`."""
    name = ""
    for part in path:
        name += f"[#{part + 1}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def bracketed(section: str) -> str:
    """A section's name as its header writes it within the outer brackets."""
    return f"[{section}]" if section in LISTED else section


def _listed(words: Iterable[str]) -> str:
    return ", ".join(str(word) for word in words)


def _is_slug(text: str) -> bool:
    return text[0].isalnum() and all(c in "abcdefghijklmnopqrstuvwxyz0123456789_-" for c in text)
