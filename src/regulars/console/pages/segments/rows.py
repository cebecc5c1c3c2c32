"""The builder's rows: one condition each, as the fields of a form, and what each says as a leaf of a tree.

`splitting.py` is the way back, `groups.py` holds rows together.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console.pages.segments.subjects import Form
from regulars.kit.money import to_minor
from regulars.kit.relations import Relation, Unit, ValueKind
from regulars.segments.facade import ATTRIBUTE, TreeInvalid

FIELDS = ("subject", "attribute", "negate", "op", "value", "days", "column", "match", "new_members")
FLAGS = ("negate", "new_members")
OPS: tuple[tuple[str, Promise], ...] = (
    ("at_least", gettext_lazy("at least")),
    ("at_most", gettext_lazy("at most")),
    ("between", gettext_lazy("from … to")),
    ("is", gettext_lazy("is")),
    ("one_of", gettext_lazy("is one of")),
    ("known", gettext_lazy("is known")),
    ("unknown", gettext_lazy("is not known")),
)
DIGITS_MAX = 18
AGGREGATES = ("count", "sum", "days_since")
RANGE = " – "
_RELATIVE = re.compile(r"(?:(?P<times>\d{1,6}(?:[.,]\d{1,6})?)\s*[*×]\s*)?(?P<name>[^\W\d].*)")
_TO = re.compile(r"\s*(?:–|—|…|\.\.)\s*|(?<=[\w)])\s*-\s*(?=[\w(])")
_DAYS = re.compile(r"(\d{1,5})\s*(?:–|—|-|…|\.\.)\s*(\d{1,5})")
_DATES = re.compile(r"(\d{4}-\d\d-\d\d)\s*(?:–|—|-|…|\.\.|\s)\s*(\d{4}-\d\d-\d\d)")
_BOUND = re.compile(r"(≥|>=|≤|<=)\s*(.+)")


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as it was filled in. `error` says what is wrong with it; `is_new`: it was just added."""

    subject: str = "count:orders"
    attribute: str = ""
    negate: bool = False
    op: str = "at_least"
    value: str = "1"
    days: str = ""
    column: str = ""
    match: str = ""
    new_members: bool = False
    error: str = ""
    is_new: bool = False


def read_row(posted: Mapping[str, Any], number: int) -> Row:
    """The row of that number in a form that was sent."""
    told = {name: str(posted.get(f"c{number}_{name}", "")) for name in FIELDS}
    flags = {name: bool(told.pop(name)) for name in FLAGS}
    return Row(**told, **flags)  # type: ignore[arg-type]


def make_leaf(row: Row, path: str, form: Form) -> dict[str, Any]:
    """The leaf that a row says. Raises TreeInvalid under the path."""
    kind, _colon, name = row.subject.partition(":")
    if kind == "segment":
        return {"segment": name}
    if kind == "bucket":
        return {"bucket": _make_bucket(row.value, f"{path}.value")}
    if kind in AGGREGATES:
        return _make_measured(kind, name, row, path=path, form=form)
    trait = form.vocabulary.traits.get(name)
    leaf: dict[str, Any] = {"trait": name if trait else f"{ATTRIBUTE}{row.attribute.strip()}"}
    ranged = row.op in {"at_least", "at_most", "between"}
    guessed = trait.kind if trait else ValueKind.NUMBER if ranged else ValueKind.TEXT
    unit = trait.unit if trait else Unit.PLAIN
    return leaf | _make_test(
        row, path, kind=guessed, unit=unit, form=form, choices=form.choices.get(name, ())
    )


def _make_measured(kind: str, name: str, row: Row, *, path: str, form: Form) -> dict[str, Any]:
    leaf: dict[str, Any] = {kind: name}
    relation = form.vocabulary.relations.get(name.partition(".")[0])
    unit = Unit.DAYS if kind == "days_since" else Unit.PLAIN
    if relation is not None and kind == "sum":
        unit = next((one.unit for one in relation.columns if one.name == name.partition(".")[2]), Unit.PLAIN)
    if row.days.strip() and kind != "days_since":
        leaf["within"] = _make_window(row.days.strip(), f"{path}.within", relation)
    if row.match.strip():
        leaf["where"] = {row.column: _make_filter(row, f"{path}.where.{row.column}", relation, form)}
    if row.new_members:
        leaf["new_members"] = True
    return leaf | _make_test(row, path, kind=ValueKind.NUMBER, unit=unit, form=form)


def _make_window(told: str, path: str, relation: Relation | None) -> dict[str, Any]:
    """`30`, `60–30` (days ago), or two days of the calendar, the last included."""
    if told.isdecimal() and len(told) <= 5:
        return {"next_days" if relation is not None and relation.ahead else "last_days": int(told)}
    if days := _DAYS.fullmatch(told):
        first, last = sorted((int(days[1]), int(days[2])), reverse=True)
        return {"from_days_ago": first, "to_days_ago": last}
    if dates := _DATES.fullmatch(told):
        try:
            first_day, last_day = sorted(date.fromisoformat(one) for one in dates.groups())
            return {"from": first_day.isoformat(), "before": (last_day + timedelta(days=1)).isoformat()}
        except (ValueError, OverflowError):
            pass
    raise TreeInvalid(
        _("Write days: 30, or 60–30 for from 60 to 30 days ago, or 2026-01-01 – 2026-01-31."), path=path
    )


def _make_filter(row: Row, path: str, relation: Relation | None, form: Form) -> dict[str, Any]:
    """Words, several with commas; of a number 50, ≥ 50, ≤ 50 or 50–100."""
    column = None
    if relation is not None:
        column = next((one for one in relation.columns if one.name == row.column), None)
    if column is None or column.kind is not ValueKind.NUMBER:
        words = split_words(row.match)
        return {"one_of": words} if len(words) > 1 else {"is": words[0]}
    told = row.match.strip()
    if bound := _BOUND.fullmatch(told):
        op = "at_least" if bound[1] in {"≥", ">="} else "at_most"
        return {op: _read_plain(bound[2], f"{path}.{op}", column.unit, form.currency)}
    if len(ends := _TO.split(told)) == 2:
        low, high = (_read_plain(one, path, column.unit, form.currency) for one in ends)
        return {"at_least": low, "at_most": high}
    return {"is": _read_plain(told, f"{path}.is", column.unit, form.currency)}


def _make_bucket(value: str, path: str) -> dict[str, int]:
    """`10`: the first ten of a hundred; `10–30`: from the eleventh to the thirtieth."""
    ends = _TO.split(value.strip().removesuffix("%").strip())
    if len(ends) == 2:
        return {"from": _read_whole(ends[0], path), "before": _read_whole(ends[1], path)}
    return {"from": 0, "before": _read_whole(ends[0], path)}


def _make_test(
    row: Row,
    path: str,
    *,
    kind: ValueKind,
    unit: Unit,
    form: Form,
    choices: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    if row.op in {"known", "unknown"}:
        return {"known": row.op == "known"}
    value = row.value.strip()
    codes = {label.casefold(): code for code, label in choices}
    if row.op == "one_of":
        return {"one_of": [codes.get(word.casefold(), word) for word in split_words(value)]}
    if row.op == "between":
        ends = _TO.split(value)
        if len(ends) != 2:
            raise TreeInvalid(_("Write from and to: 1 – 4."), path=path)
        low, high = (read_number(one, path, unit, form) for one in ends)
        return {"at_least": low, "at_most": high}
    if kind is ValueKind.FLAG:
        return {row.op: value.casefold() in {"yes", "true", "1", _("yes")}}
    if kind is ValueKind.NUMBER:
        return {row.op: read_number(value, f"{path}.{row.op}", unit, form)}
    return {row.op: codes.get(value.casefold(), value)}


def read_number(value: str, path: str, unit: Unit, form: Form) -> Any:
    """A number, or so many times another value, by its name or by what it is called. Raises TreeInvalid."""
    relative = _RELATIVE.fullmatch(value)
    if not relative:
        return _read_plain(value, path, unit, form.currency)
    called, times = relative["name"].casefold(), float((relative["times"] or "1").replace(",", "."))
    bounds = {name for name, label in form.relatives.items() if called in {name, label.casefold()}}
    if not bounds and not relative["times"]:
        raise TreeInvalid(_("Write a number."), path=path)
    name = bounds.pop() if bounds else called
    bound: dict[str, Any] = {"trait" if "." in name else "shop": name}
    return bound if times == 1 else {"times": times, **bound}


def _read_plain(value: str, path: str, unit: Unit, currency: str) -> int | float:
    told = value.replace(" ", "").replace("\u00a0", "").replace(",", ".")
    try:
        number = Decimal(told.removesuffix("%"))
        if not number.is_finite() or abs(number.adjusted()) > DIGITS_MAX:
            raise ValueError(told)  # `1e99999999` would fill the memory
        number /= 100 if told.endswith("%") else 1
        if unit is Unit.MONEY and currency:
            return to_minor(number, currency)
        return int(number) if number == number.to_integral_value() else float(number)
    except (InvalidOperation, ValueError, OverflowError):
        raise TreeInvalid(_("Write a number."), path=path) from None


def _read_whole(value: str, path: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise TreeInvalid(_("Write a whole number."), path=path) from None


def split_words(text: str) -> list[str]:
    """Words that stand between commas or on lines of their own."""
    return [word for part in re.split(r"[,\n，]", text) if (word := part.strip())] or [""]
