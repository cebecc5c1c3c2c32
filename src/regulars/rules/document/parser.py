"""The whole document: syntax, then tables, then what only shows together."""

import re
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.kit.ids import ProgrammeVersion
from regulars.rules.document.crosscheck import check_dates, check_together
from regulars.rules.document.positions import Positions
from regulars.rules.document.reading import read_toml
from regulars.rules.document.rules import read_rule
from regulars.rules.document.sections import (
    read_basics,
    read_excluded,
    read_expiry,
    read_pending,
    read_returns,
    read_tiers,
    refuse_repeated_ids,
)
from regulars.rules.document.table import Report, Table, name_path
from regulars.rules.errors import ProgrammeInvalid
from regulars.rules.types import DRAFT, Expiry, Pending, Problem, Programme

TEXT_MAX = 500_000
RULES_MAX = 500

_MISTAKES = (
    (
        r"^[^#]*=\s*\d{1,2}:\d{2}(?!:|\d)",
        gettext_lazy('a time stands in quotes ("17:00") or has seconds (17:00:00)'),
    ),
    (r"^[^#\"]*=\s*-?\d+,\d", gettext_lazy("decimals are written with a point: 1.50")),
    (
        r"^[^#\"]*=\s*\d+(\.\d+)?\s*%",
        gettext_lazy("a percentage is written as a number: 1.5 instead of 50% more"),
    ),
    (r"^[^#]*[“”„«»]", gettext_lazy('text stands in straight quotes: "…"')),
    (
        r"^[^#\"']*=\s*(True|False|TRUE|FALSE|yes|no|on|off)\s*(#|$)",
        gettext_lazy("write true or false, in small letters"),
    ),
    (r"^[^#\"']*=\s*[A-Za-z_]", gettext_lazy('text stands in quotes: "…"')),
    (r"^[^#\"']*=\s*(#|$)", gettext_lazy("the value is missing after the = sign")),
    (r"=\s*[-+]?[\d_]{1000,}", gettext_lazy("a number is far too long")),
    (r"^\s*[\w.-]+\s*:", gettext_lazy("a key and its value are joined by =, not by a colon")),
    (r"^\s*[\w.-]+\s+[^=\s]", gettext_lazy("a key and its value are joined by =")),
)
"""What people write that is not TOML, and what to tell them."""


def parse_programme(
    text: str, *, version: ProgrammeVersion = DRAFT, as_of: datetime | None = None
) -> Programme:
    """The programme that a document says. Raises ProgrammeInvalid with every mistake, line by line.

    Where `as_of` is given, dates that would be past at that instant are mistakes too.
    """
    programme, problems = _read(text, version, as_of)
    if problems or programme is None:
        raise ProgrammeInvalid(problems)
    return programme


def check_programme(text: str, *, as_of: datetime | None = None) -> list[Problem]:
    """All mistakes of a document, in its order; empty where it can be published."""
    return list(_read(text, DRAFT, as_of)[1])


def _read(
    text: str, version: ProgrammeVersion, as_of: datetime | None
) -> tuple[Programme | None, tuple[Problem, ...]]:
    if len(text) > TEXT_MAX:
        return None, (Problem(1, "document", _("is longer than %(most)d characters") % {"most": TEXT_MAX}),)
    try:
        data = read_toml(text)
        report = Report(Positions(text.removeprefix("\ufeff")))
    except (ValueError, RecursionError) as error:
        return None, _syntax_problems(text.removeprefix("\ufeff"), error)
    root = Table(report, data, (), "")
    if "programme" not in data:
        root.mistake("programme", _("is missing: name, time_zone and currency stand below [programme]"))
    basics = root.table("programme")
    if basics is None:
        return None, report.sorted()
    programme = _assemble(root, basics, report, version)
    if as_of is not None and not report.problems:
        check_dates(programme, as_of, report)
    return programme, report.sorted()


def _assemble(root: Table, programme: Table, report: Report, version: ProgrammeVersion) -> Programme:
    basics = read_basics(programme)
    expiry, pending = root.table("expiry"), root.table("pending")
    tables = root.tables("earn", "id")
    if not tables and not root.has("earn"):
        root.mistake("earn", _("is missing: write each way to earn as [[earn]]"))
    if len(tables) > RULES_MAX:
        root.mistake("earn", _("has more than %(most)d rules"), most=RULES_MAX)
    refuse_repeated_ids(tables)
    written = [(table, rule) for table in tables if (rule := read_rule(table, basics)) is not None]
    whole = Programme(
        name=basics.name,
        time_zone=basics.time_zone,
        currency=basics.currency,
        version=version,
        points_name=basics.points_name,
        rounding=basics.rounding,
        round_at=basics.round_at,
        stacking=basics.stacking,
        expiry=Expiry() if expiry is None else read_expiry(expiry),
        pending=Pending() if pending is None else read_pending(pending),
        returns=read_returns(root.table("returns")),
        excluded=read_excluded(root.table("excluded")),
        rules=tuple(rule for _table, rule in written),
        tiers=read_tiers(root.table("tiers"), basics),
    )
    if len(written) == len(tables):
        check_together(whole, written, report)
    return whole


def _syntax_problems(text: str, error: Exception) -> tuple[Problem, ...]:
    """What TOML itself refuses, said so that one need not know TOML."""
    if isinstance(error, RecursionError):
        return (Problem(1, "document", _("is nested too deeply")),)
    if isinstance(error, UnicodeError):
        return (Problem(1, "document", _("holds characters that are not valid Unicode")),)
    if repeated := _find_repeated(text):
        return repeated
    lines = text.splitlines() or [""]
    place = re.search(r"\(at line (\d+), column \d+\)", str(error))
    line = min(int(place[1]), len(lines)) if place else len(lines)
    reason = re.sub(r"\s*\(at [^)]*\)", "", str(error))
    for pattern, hint in _MISTAKES:
        if re.search(pattern, lines[line - 1]):
            reason = str(hint)
            break
    return (Problem(line, "document", _("is not valid TOML: %(reason)s") % {"reason": reason}),)


def _find_repeated(text: str) -> tuple[Problem, ...]:
    try:
        repeated = Positions(text).repeated
    except (UnicodeError, RecursionError):
        return ()
    message = _("is written twice; it stands in line %(line)d already")
    tables = {twice.path for twice in repeated}
    return tuple(
        Problem(twice.line, name_path(twice.path), message % {"line": twice.line_before})
        for twice in repeated
        if twice.path[:-1] not in tables
    )
