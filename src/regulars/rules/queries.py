"""Reads of the rules: which programme is, or was, in force."""

import time
from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from importlib import resources

from django.db import connection

from regulars.analytics.facade import ProgrammeOutline
from regulars.kit.ids import ProgrammeVersion
from regulars.kit.statements import fetch_rows
from regulars.rules import models
from regulars.rules.document import parse_programme
from regulars.rules.errors import NoProgramme
from regulars.rules.types import DraftInfo, Programme, ProgrammeVersionInfo

PROGRAMMES_MAX = 64
RECALLED_SECONDS = 1.0
_SCHEDULE = "SELECT effective_from, number, sha256 FROM rules_programmeversion"
_programmes: dict[int, tuple[str, Programme]] = {}
"""Parsed programmes by version, with the hash of their text: versions never change, so these stay true."""


class Schedule:
    """Which version holds from when: one query, then any number of instants without another."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Iterable[tuple[datetime, int, str]]) -> None:
        self._rows = sorted(rows)

    def at(self, instant: datetime) -> Programme:
        """The programme in force at an instant; the first one where that is earlier. Raises NoProgramme."""
        number, sha256 = self._pick(instant)
        return _load(number, sha256)

    def number_at(self, instant: datetime) -> ProgrammeVersion:
        """The number of that version. Raises NoProgramme."""
        return ProgrammeVersion(self._pick(instant)[0])

    def _pick(self, instant: datetime) -> tuple[int, str]:
        if not self._rows:
            raise NoProgramme("No programme has been published yet.")
        from_the_first = max(instant, self._rows[0][0])
        begun = bisect_right(self._rows, from_the_first, key=lambda row: row[0])
        _effective_from, number, sha256 = self._rows[begun - 1]
        return number, sha256


_recalled: dict[str, tuple[float, Schedule]] = {}
"""All versions as they were read, and until when that is believed."""


def load_schedule() -> Schedule:
    """All versions and when each begins, to pick from for many instants. One query."""
    return Schedule(fetch_rows(_SCHEDULE, ()))


def get_programme_at(instant: datetime) -> Programme:
    """The programme in force at an instant; the first one where that is earlier. Raises NoProgramme."""
    return load_schedule().at(instant)


def get_current_programme(now: datetime) -> Programme:
    """The programme in force now. One small query. Raises NoProgramme."""
    return get_programme_at(now)


def recall_current_programme(now: datetime) -> Programme:
    """The programme in force now, by a list of versions that is at most a second old. Raises NoProgramme.

    No query most of the time. Inside a transaction it asks, for that may have published one.
    """
    if connection.in_atomic_block:
        return get_current_programme(now)
    began = time.monotonic()
    until, schedule = _recalled.get("all", (0.0, None))
    if schedule is None or began >= until:
        schedule = load_schedule()
        _recalled["all"] = (began + RECALLED_SECONDS, schedule)
    return schedule.at(now)


def get_programme(version: ProgrammeVersion) -> Programme:
    """A version's programme, from the process's memory where it was used before. Raises NoProgramme."""
    known = _programmes.get(version)
    return known[1] if known is not None else _read(version)


def find_time_zone(instant: datetime) -> str:
    """The time zone of the programme in force at an instant; empty where nothing is published."""
    try:
        return get_programme_at(instant).time_zone.key
    except NoProgramme:
        return ""


def find_outline(instant: datetime) -> ProgrammeOutline | None:
    """What a check-up has to know of the programme at an instant; None where nothing is published."""
    try:
        programme = get_programme_at(instant)
    except NoProgramme:
        return None
    tiers = sorted(programme.tiers.tiers, key=lambda tier: tier.rank)
    return ProgrammeOutline(
        rules_count=sum(rule.enabled for rule in programme.rules),
        tiers=tuple(tier.code for tier in tiers),
        tier_names=tuple(tier.name for tier in tiers),
    )


def find_version(number: ProgrammeVersion) -> ProgrammeVersionInfo | None:
    """A published version with its document, or None."""
    row = models.ProgrammeVersion.objects.filter(number=number).first()
    return None if row is None else to_info(row)


def list_versions() -> list[ProgrammeVersionInfo]:
    """All published versions with their documents, the latest first."""
    return [to_info(row) for row in models.ProgrammeVersion.objects.order_by("-number")]


def find_version_at(instant: datetime) -> ProgrammeVersionInfo | None:
    """The version in force at an instant, or the first one; None where nothing is published."""
    try:
        return find_version(load_schedule().number_at(instant))
    except NoProgramme:
        return None


def find_draft() -> DraftInfo | None:
    """The draft that operators work on, or None."""
    row = models.ProgrammeDraft.objects.filter(id=1).first()
    return None if row is None else to_draft(row)


def to_draft(row: models.ProgrammeDraft) -> DraftInfo:
    """The draft's row as the value that crosses the door."""
    return DraftInfo(
        text=row.text,
        base=None if row.base is None else ProgrammeVersion(row.base),
        revision=row.revision,
        started_by=row.started_by,
        started_at=row.started_at,
        saved_by=row.saved_by,
        saved_at=row.saved_at,
    )


def read_example() -> str:
    """The reference programme: a good general one, and the first of a fresh installation."""
    return (resources.files("regulars.rules") / "examples" / "programme.example.toml").read_text("utf-8")


def forget_programme(number: int) -> None:
    """Drop a version from memory: a number is taken again where its publication was rolled back."""
    _programmes.pop(number, None)
    _recalled.clear()


def to_info(row: models.ProgrammeVersion) -> ProgrammeVersionInfo:
    """A row as the value that crosses the door."""
    return ProgrammeVersionInfo(
        number=ProgrammeVersion(row.number),
        text=row.text,
        sha256=row.sha256,
        note=row.note,
        published_by=row.published_by,
        published_at=row.published_at,
        effective_from=row.effective_from,
    )


def _load(number: int, sha256: str) -> Programme:
    known = _programmes.get(number)
    if known is not None and known[0] == sha256:
        return known[1]
    return _read(ProgrammeVersion(number))


def _read(number: ProgrammeVersion) -> Programme:
    row = models.ProgrammeVersion.objects.filter(number=number).values_list("text", "sha256").first()
    if row is None:
        raise NoProgramme(f"There is no programme version {number}.", version=number)
    programme = parse_programme(row[0], version=number)
    if len(_programmes) >= PROGRAMMES_MAX:
        _programmes.clear()
    _programmes[number] = (row[1], programme)
    return programme
