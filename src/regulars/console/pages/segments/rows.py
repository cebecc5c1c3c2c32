"""The builder's rows: one condition each, as the fields of a form; and trees made of them.

The form holds what most audiences need: conditions of which all or any hold, each of which may be turned
round. Trees that go deeper are edited as JSON.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.kit.money import minor_digits, to_minor
from regulars.kit.relations import Column, Unit, ValueKind
from regulars.segments.facade import ATTRIBUTE, TreeInvalid, Vocabulary

ROWS_MAX = 20
FIELDS = ("subject", "attribute", "negate", "op", "value", "days", "column", "match", "new_members")
OPS: tuple[tuple[str, Promise], ...] = (
    ("at_least", gettext_lazy("at least")),
    ("at_most", gettext_lazy("at most")),
    ("is", gettext_lazy("is")),
    ("one_of", gettext_lazy("is one of")),
    ("known", gettext_lazy("is known")),
    ("unknown", gettext_lazy("is not known")),
)
_RELATIVE = re.compile(r"(?:(?P<times>\d+(?:[.,]\d+)?)\s*[*×]\s*)?(?P<name>[a-z]+[_.][a-z_.]+)")
_AGGREGATES = ("count", "sum", "days_since")


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as it was filled in. `error` says what is wrong with it."""

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


def read_rows(posted: Mapping[str, Any]) -> list[Row]:
    """The rows of a form that was sent."""
    try:
        count = min(int(posted.get("rows", "0")), ROWS_MAX)
    except ValueError:
        count = 0
    rows = []
    for number in range(max(count, 0)):
        told = {name: str(posted.get(f"c{number}_{name}", "")) for name in FIELDS}
        flags = {name: bool(told.pop(name)) for name in ("negate", "new_members")}
        rows.append(Row(**told, **flags))  # type: ignore[arg-type]
    return rows


def make_tree(rows: Sequence[Row], joint: str, vocabulary: Vocabulary, currency: str) -> dict[str, Any]:
    """The tree that rows say. Raises TreeInvalid, whose path names the row."""
    children = []
    for number, row in enumerate(rows):
        path = f"match.{joint}.{number}"
        leaf = _make_leaf(row, path, vocabulary, currency)
        children.append({"not": leaf} if row.negate else leaf)
    return {"version": 1, "match": {"any" if joint == "any" else "all": children}}


def split_tree(
    tree: Mapping[str, Any], vocabulary: Vocabulary, currency: str
) -> tuple[str, list[Row]] | None:
    """How the conditions are joined, and the rows; None where the tree goes deeper than the form."""
    match = tree.get("match", {})
    joint = next((name for name in ("all", "any") if name in match), "")
    children = match[joint] if joint else [match]
    rows = []
    for child in children:
        negate = "not" in child
        row = _split_leaf(child["not"] if negate else child, vocabulary, currency)
        if row is None:
            return None
        rows.append(Row(**{**row, "negate": negate}))
    return (joint or "all", rows) if len(rows) <= ROWS_MAX else None


def list_subjects(
    vocabulary: Vocabulary, segments: Sequence[tuple[str, str]]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be asked, in groups: (group, [(value, label)])."""
    relations = list(vocabulary.relations.values())
    behind = [one for one in relations if not one.ahead]
    did = [(f"count:{one.name}", str(one.label)) for one in relations]
    since = [(f"days_since:{one.name}", str(one.label)) for one in behind]
    sums = [
        (f"sum:{one.name}.{column.name}", f"{one.label}: {column.label}")
        for one in relations
        for column in one.columns
        if column.kind is ValueKind.NUMBER
    ]
    known = [(f"trait:{one.name}", str(one.label)) for one in vocabulary.traits.values()]
    own = ("attribute:", _("an attribute of the shop’s own …"))
    groups = [
        (_("How often"), did),
        (_("Days since the last of"), since),
        (_("Sum of"), sums),
        (_("What is known of the member"), [*known, own]),
    ]
    if segments:
        groups.append((_("In the segment"), [(f"segment:{code}", name) for code, name in segments]))
    groups.append((_("Chance"), [("bucket:", _("a random share (percent)"))]))
    return groups


def list_columns(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """By what rows can be narrowed: every column of texts, once."""
    found = {
        column.name: str(column.label)
        for relation in vocabulary.relations.values()
        for column in relation.columns
        if column.kind is not ValueKind.NUMBER
    }
    return list(found.items())


def find_row_number(error: TreeInvalid) -> int | None:
    """Which row a refusal is about."""
    found = re.match(r"match\.(?:all|any)\.(\d+)", str(error.extra.get("path", "")))
    return int(found[1]) if found else None


def _make_leaf(row: Row, path: str, vocabulary: Vocabulary, currency: str) -> dict[str, Any]:
    kind, _colon, name = row.subject.partition(":")
    if kind == "segment":
        return {"segment": name}
    if kind == "bucket":
        return {"bucket": {"from": 0, "before": _read_whole(row.value, f"{path}.value")}}
    if kind in _AGGREGATES:
        return _make_measured(kind, name, row, path=path, vocabulary=vocabulary, currency=currency)
    trait = vocabulary.traits.get(name)
    leaf: dict[str, Any] = {"trait": name if trait else f"{ATTRIBUTE}{row.attribute.strip()}"}
    guessed = (
        trait.kind if trait else ValueKind.NUMBER if row.op in {"at_least", "at_most"} else ValueKind.TEXT
    )
    return leaf | _make_test(row, path, guessed, trait.unit if trait else Unit.PLAIN, currency)


def _make_measured(
    kind: str, name: str, row: Row, *, path: str, vocabulary: Vocabulary, currency: str
) -> dict[str, Any]:
    leaf: dict[str, Any] = {kind: name}
    relation = vocabulary.relations.get(name.partition(".")[0])
    unit = Unit.PLAIN
    if relation is not None and kind == "sum":
        unit = next((one.unit for one in relation.columns if one.name == name.partition(".")[2]), Unit.PLAIN)
    if row.days.strip() and kind != "days_since":
        days = _read_whole(row.days, f"{path}.within")
        leaf["within"] = {"next_days" if relation is not None and relation.ahead else "last_days": days}
    if row.match.strip():
        words = _split_words(row.match)
        test = {"one_of": words} if len(words) > 1 else {"is": words[0]}
        leaf["where"] = {row.column: test}
    if row.new_members:
        leaf["new_members"] = True
    return leaf | _make_test(row, path, ValueKind.NUMBER, unit, currency)


def _make_test(row: Row, path: str, kind: ValueKind, unit: Unit, currency: str) -> dict[str, Any]:
    if row.op in {"known", "unknown"}:
        return {"known": row.op == "known"}
    value = row.value.strip()
    if row.op == "one_of":
        return {"one_of": _split_words(value)}
    if kind is ValueKind.FLAG:
        return {row.op: value.casefold() in {"yes", "true", "1", _("yes")}}
    if kind is ValueKind.NUMBER:
        return {row.op: _read_number(value, f"{path}.{row.op}", unit, currency)}
    return {row.op: value}


def _read_number(value: str, path: str, unit: Unit, currency: str) -> Any:
    relative = _RELATIVE.fullmatch(value)
    if relative:
        name, times = relative["name"], float((relative["times"] or "1").replace(",", "."))
        return {"times": times, "trait" if "." in name else "shop": name}
    try:
        number = Decimal(value.replace(" ", "").replace("\u00a0", "").replace(",", "."))
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


def _split_words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()] or [""]


def _split_leaf(leaf: Mapping[str, Any], vocabulary: Vocabulary, currency: str) -> dict[str, Any] | None:
    if "segment" in leaf:
        return {"subject": f"segment:{leaf['segment']}", "value": ""}
    if "bucket" in leaf:
        return (
            {"subject": "bucket:", "value": str(leaf["bucket"]["before"])}
            if not leaf["bucket"]["from"]
            else None
        )
    ops = [op for op in ("at_least", "at_most", "is", "one_of", "known") if op in leaf]
    kind = next((one for one in (*_AGGREGATES, "trait") if one in leaf), "")
    if len(ops) != 1 or not kind:
        return None
    name = leaf[kind]
    unit = _unit_of(kind, name, vocabulary)
    row: dict[str, Any] = _write_test(ops[0], leaf[ops[0]], unit, currency)
    if kind == "trait" and name.startswith(ATTRIBUTE):
        return row | {"subject": "attribute:", "attribute": name.removeprefix(ATTRIBUTE)}
    row |= {"subject": f"{kind}:{name}", "new_members": leaf.get("new_members", False)}
    return _write_rows_meant(row, leaf)


def _write_rows_meant(row: dict[str, Any], leaf: Mapping[str, Any]) -> dict[str, Any] | None:
    within, where = leaf.get("within", {}), leaf.get("where", {})
    if within.keys() - {"last_days", "next_days"} or len(where) > 1:
        return None
    row["days"] = str(next(iter(within.values()), ""))
    for column, test in where.items():
        if test.keys() - {"is", "one_of"} or not isinstance(next(iter(test.values())), str | list):
            return None
        told = next(iter(test.values()))
        row |= {"column": column, "match": told if isinstance(told, str) else ", ".join(told)}
    return row


def _write_test(op: str, bound: Any, unit: Unit, currency: str) -> dict[str, Any]:
    if op == "known":
        return {"op": "known" if bound else "unknown", "value": ""}
    if isinstance(bound, list):
        return {"op": op, "value": ", ".join(bound)}
    if isinstance(bound, Mapping):
        name = bound.get("shop", bound.get("trait", ""))
        times = bound.get("times", 1)
        return {"op": op, "value": name if times == 1 else f"{times:g} × {name}"}
    if isinstance(bound, bool):
        return {"op": op, "value": _("yes") if bound else _("no")}
    if unit is Unit.MONEY and currency and isinstance(bound, int):
        return {"op": op, "value": str(Decimal(bound).scaleb(-minor_digits(currency)))}
    return {"op": op, "value": str(bound)}


def _unit_of(kind: str, name: str, vocabulary: Vocabulary) -> Unit:
    if kind == "trait":
        trait = vocabulary.traits.get(name)
        return trait.unit if trait else Unit.PLAIN
    if kind != "sum":
        return Unit.PLAIN
    relation, _dot, column = name.partition(".")
    columns: Iterator[Column] = iter(vocabulary.relations[relation].columns)
    return next((one.unit for one in columns if one.name == column), Unit.PLAIN)
