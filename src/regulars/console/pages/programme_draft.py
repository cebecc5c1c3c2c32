"""The draft of the programme: its tables for forms, what it means, and what differs from what is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.console.desk import Desk
from regulars.console.forms_programme import Context, TableForm
from regulars.console.forms_programme_rule import KINDS, RuleForm
from regulars.console.forms_programme_terms import (
    BasicsForm,
    ExcludedForm,
    ExpiryForm,
    LadderForm,
    PendingForm,
    ReturnsForm,
    TierForm,
)
from regulars.console.pages.people import Named, name_actors, parse_actor
from regulars.console.pages.programme import Comparison, DiffLine, ShownProblem, compare, show_problems
from regulars.rules import facade as rules
from regulars.rules.facade import DraftInfo, Programme, ProgrammeVersionInfo, RuleType

PARTS: Mapping[str, tuple[type[TableForm], Any, str, Any]] = {
    "programme": (BasicsForm, _("Name, points, rounding"), "store", ""),
    "expiry": (
        ExpiryForm,
        _("When points lapse"),
        "calendar-clock",
        _("Points that members hold already keep their date, unless it slides with their activity."),
    ),
    "pending": (PendingForm, _("When points can be spent"), "clock", ""),
    "returns": (ReturnsForm, _("Returns"), "undo-2", ""),
    "excluded": (
        ExcludedForm,
        _("What never earns"),
        "ban",
        _("It does not qualify for tiers either, nor count towards a minimum basket."),
    ),
    "tiers": (LadderForm, _("How tiers are reached"), "crown", ""),
}
"""The tables of the whole programme: form, title, icon, hint."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text says beside what is in force. `sentences` are None where it has mistakes."""

    problems: tuple[ShownProblem, ...]
    sentences: tuple[DiffLine, ...] | None
    comparison: Comparison
    live: ProgrammeVersionInfo | None

    @property
    def changed(self) -> int:
        """How many sentences came or went."""
        return sum(line.kind != "same" for line in self.sentences or ())


@dataclass(frozen=True, slots=True)
class Row:
    """A rule or a tier of the draft in its list. `state` against what is in force: new, changed or same.

    `address` is empty where the text has no name for it that a form could find it by.
    """

    address: str
    name: str
    about: str
    enabled: bool
    state: str
    mistakes: int
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class PartRow:
    """A table of the whole programme in its list."""

    address: str
    title: Promise | str
    icon: str
    state: str
    mistakes: int


@dataclass(frozen=True, slots=True)
class Workspace:
    """The draft with everything that its pages show."""

    draft: DraftInfo
    saved_by: Named
    is_mine: bool
    meaning: Meaning
    rules: tuple[Row, ...]
    tiers: tuple[Row, ...]
    parts: tuple[PartRow, ...]
    readable: bool


def read_workspace(desk: Desk) -> Workspace:
    """The draft as it is kept. Raises NoDraft."""
    draft = find_draft()
    meaning = read_meaning(desk, draft.text)
    saved_by = str(desk.actor) == draft.saved_by
    data = read_data(draft.text)
    live = read_data(meaning.live.text) if meaning.live else {}
    problems = [shown.problem for shown in meaning.problems]
    return Workspace(
        draft=draft,
        saved_by=name_of(draft.saved_by),
        is_mine=saved_by,
        meaning=meaning,
        rules=_rows("earn", data or {}, live or {}, problems, parse(draft.text)),
        tiers=_rows("tier", data or {}, live or {}, problems, parse(draft.text)),
        parts=_parts(data or {}, live or {}, problems),
        readable=data is not None,
    )


def find_draft() -> DraftInfo:
    """The draft. Raises NoDraft."""
    draft = rules.find_draft()
    if draft is None:
        raise rules.NoDraft(str(_("There is no draft: it was published or thrown away.")))
    return draft


def read_meaning(desk: Desk, text: str) -> Meaning:
    """What a text says, whether or not it can be published."""
    live = rules.find_version(desk.programme.version) if desk.programme else None
    problems = rules.check_programme(text)
    sentences: tuple[DiffLine, ...] | None = None
    if not problems:
        before = describe(desk.programme) if desk.programme else []
        sentences = compare_sentences(before, describe(rules.parse_programme(text)))
    return Meaning(show_problems(text, problems), sentences, compare(live.text if live else "", text), live)


def describe(programme: Programme) -> list[str]:
    """All that a programme says, in sentences."""
    return [*rules.describe_rules(programme), *rules.describe_terms(programme)]


def compare_sentences(before: Sequence[str], after: Sequence[str]) -> tuple[DiffLine, ...]:
    """The sentences of `after` with those that went, each told as same, added or removed."""
    changed = compare("\n".join(before), "\n".join(after), context=len(before) + len(after))
    return changed.lines or tuple(DiffLine("same", None, None, sentence) for sentence in after)


def parse(text: str) -> Programme | None:
    """The programme of a text, None where it has mistakes."""
    try:
        return rules.parse_programme(text)
    except rules.ProgrammeInvalid:
        return None


def read_data(text: str) -> dict[str, Any] | None:
    """The document as plain values; None where it is not TOML, so that no form can show it."""
    try:
        return rules.read_document(text)
    except rules.ProgrammeInvalid:
        return None


def make_form(
    address: str, data: Mapping[str, Any], table: Mapping[str, Any], sent: Any = None
) -> TableForm | None:
    """The form of a table. None where its kind is none that is known."""
    head = address.partition(":")[0]
    context = make_context(data)
    if head == "earn":
        kind = next((kind for kind in RuleType if kind == table.get("type")), None)
        return None if kind is None else RuleForm(sent, table=table, context=context, kind=kind)
    if head == "tier":
        return TierForm(sent, table=table, context=context)
    return PARTS[head][0](sent, table=table, context=context)


def make_context(data: Mapping[str, Any]) -> Context:
    """What forms need to know of the document, as far as it can be read."""
    basics, ladder = rules.table_at(data, ("programme",)), rules.table_at(data, ("tiers",))
    tiers = [
        (str(tier.get("code")), str(tier.get("name") or tier.get("code"))) for tier in _tables(data, "tier")
    ]
    try:
        zone = ZoneInfo(str(basics.get("time_zone", "UTC")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    return Context(
        str(basics.get("currency", "EUR")), zone, tuple(tiers), str(ladder.get("metric", "points"))
    )


def problems_of(address: str, data: Mapping[str, Any], text: str) -> list[tuple[str, str]]:
    """The mistakes of one table of a text: field within it, and message."""
    path = rules.find_path(data, address)
    head, _colon, name = address.partition(":")
    if path is None:
        return []
    base = {"earn": "earn", "tier": "tiers.tier"}.get(head, head)
    labels = [f"{base}[{name}]", f"{base}[#{int(path[-1]) + 1}]"] if name else [base]
    found = []
    for problem in rules.check_programme(text):
        within = next((x for x in labels if problem.field == x or problem.field.startswith(f"{x}.")), None)
        if within is not None:
            found.append((problem.field[len(within) + 1 :], problem.message))
    # [tiers] is one table with the tiers below it, which have forms of their own.
    return [(field, message) for field, message in found if not (head == "tiers" and "tier[" in field)]


def name_of(actor: str) -> Named:
    """Who `operator:3` is."""
    parsed = parse_actor(actor)
    return name_actors([parsed])[parsed] if parsed else Named(actor)


def _tables(data: Mapping[str, Any], head: str) -> list[Mapping[str, Any]]:
    return rules.list_tables(data, head)


def _rows(
    head: str,
    data: Mapping[str, Any],
    live: Mapping[str, Any],
    problems: Sequence[rules.Problem],
    programme: Programme | None,
) -> tuple[Row, ...]:
    key = "id" if head == "earn" else "code"
    tables = _tables(data, head)
    known = {table.get(key): table for table in _tables(live, head)}
    rows = []
    for place, table in enumerate(tables):
        name = str(table.get(key, ""))
        address = f"{head}:{name}"
        path = rules.find_path(data, address)
        label = f"{'earn' if head == 'earn' else 'tiers.tier'}[{name}]"
        same = name in known and rules.fingerprint(known[name]) == rules.fingerprint(table)
        rows.append(
            Row(
                address=address if path and (head == "tier" or table.get("type") in set(RuleType)) else "",
                name=str(table.get("name") or name or f"#{place + 1}"),
                about=_about(head, name, table, programme),
                enabled=table.get("enabled", True) is not False,
                state="same" if same else "changed" if name in known else "new",
                mistakes=sum(problem.field.startswith(label) for problem in problems),
                first=place == 0,
                last=place == len(tables) - 1,
            )
        )
    return tuple(rows)


def _about(head: str, name: str, table: Mapping[str, Any], programme: Programme | None) -> str:
    if head == "earn":
        rule = programme.find_rule(name) if programme else None
        if programme and rule:
            return rules.describe_rule(programme, rule)
        return str(next((label for kind, label in KINDS.items() if kind == table.get("type")), ""))
    tier = programme.find_tier(name) if programme else None
    if programme is None or tier is None:
        return ""
    only = replace(programme, rules=(), tiers=replace(programme.tiers, tiers=(tier,), grace_days=0))
    count = len(rules.describe_terms(replace(only, tiers=replace(only.tiers, tiers=()))))
    sentences = rules.describe_terms(only)
    return " ".join(sentences[: len(sentences) - count])


def _parts(
    data: Mapping[str, Any], live: Mapping[str, Any], problems: Sequence[rules.Problem]
) -> tuple[PartRow, ...]:
    rows = []
    for address, (_form, title, icon, _hint) in PARTS.items():
        tables = [
            {key: value for key, value in rules.table_at(each, (address,)).items() if key != "tier"}
            for each in (data, live)
        ]
        same = rules.fingerprint(tables[0]) == rules.fingerprint(tables[1])
        state = "same" if same else "changed"
        own = [p for p in problems if p.field.partition(".")[0] == address and "tier[" not in p.field]
        rows.append(PartRow(address, title, icon, state, len(own)))
    return tuple(rows)
