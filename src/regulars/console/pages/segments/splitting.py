"""From a leaf of a tree back to the row of the builder that says it; None where none can."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from regulars.console.pages.segments.rows import AGGREGATES, RANGE, Row
from regulars.console.pages.segments.subjects import Form
from regulars.kit.money import minor_digits
from regulars.kit.relations import Column, Unit, ValueKind
from regulars.segments.facade import ATTRIBUTE

_OPS = ("at_least", "at_most", "is", "one_of", "known")
_LABELLED = frozenset({ValueKind.TEXT, ValueKind.TEXTS})


def split_leaf(leaf: Mapping[str, Any], form: Form) -> Row | None:
    """The row of a leaf. What a row cannot say in full is not said by halves."""
    if "segment" in leaf:
        return Row(subject=f"segment:{leaf['segment']}", value="")
    if "bucket" in leaf:
        first, before = leaf["bucket"]["from"], leaf["bucket"]["before"]
        return Row(subject="bucket:", value=f"{first}{RANGE}{before}" if first else str(before))
    kind = next((one for one in (*AGGREGATES, "trait") if one in leaf), "")
    ops = [op for op in _OPS if op in leaf]
    if not kind or not ops:
        return None
    name = str(leaf[kind])
    unit = _unit_of(kind, name, form)
    fields: dict[str, Any] = _write_test(leaf, ops, unit, form)
    if kind != "trait":
        fields |= {"subject": f"{kind}:{name}", "new_members": leaf.get("new_members", False)}
        meant = _write_meant(leaf, form)
        return None if meant is None else Row(**fields, **meant)
    if name.startswith(ATTRIBUTE):
        return Row(**fields, subject="attribute:", attribute=name.removeprefix(ATTRIBUTE))
    trait = form.vocabulary.traits.get(name)
    if trait is not None and trait.kind in _LABELLED and "known" not in ops:
        labels = dict(form.choices.get(name, ()))
        told = leaf.get("one_of", [leaf.get("is")])
        fields["value"] = ", ".join(labels.get(one, one) for one in told)
    return Row(**fields, subject=f"trait:{name}")


def _write_test(leaf: Mapping[str, Any], ops: list[str], unit: Unit, form: Form) -> dict[str, Any]:
    written = [_write_bound(leaf[op], unit, form) for op in ops]
    if ops == ["at_least", "at_most"]:
        return {"op": "between", "value": RANGE.join(written)}
    if ops == ["known"]:
        return {"op": "known" if leaf["known"] else "unknown", "value": ""}
    return {"op": ops[0], "value": written[0]}


def _write_bound(bound: Any, unit: Unit, form: Form) -> str:
    if isinstance(bound, list):
        return ", ".join(bound)
    if isinstance(bound, Mapping):
        name, times = bound.get("shop", bound.get("trait", "")), bound.get("times", 1)
        called = form.relatives.get(name, str(name))
        return called if times == 1 else f"{times:g} × {called}"
    if isinstance(bound, bool):
        return _("yes") if bound else _("no")
    if unit is Unit.MONEY and form.currency and isinstance(bound, int):
        return str(Decimal(bound).scaleb(-minor_digits(form.currency)))
    if unit is Unit.SHARE and isinstance(bound, int | float):
        return f"{(Decimal(str(bound)) * 100).normalize():f}%"
    return str(bound)


def _write_meant(leaf: Mapping[str, Any], form: Form) -> dict[str, Any] | None:
    """Which rows of a relation are meant: when, and of what."""
    within, where = leaf.get("within", {}), leaf.get("where", {})
    if len(where) > 1:
        return None
    meant: dict[str, Any] = {"days": _write_window(within)}
    for column, test in where.items():
        kind = next(one for one in AGGREGATES if one in leaf)
        match = _write_filter(test, _column_of(str(leaf[kind]), column, form), form)
        if match is None:
            return None
        meant |= {"column": column, "match": match}
    return meant


def _write_window(within: Mapping[str, Any]) -> str:
    if "from_days_ago" in within:
        return f"{within['from_days_ago']}–{within['to_days_ago']}"
    if "from" in within:
        return f"{within['from']}{RANGE}{date.fromisoformat(within['before']) - timedelta(days=1)}"
    return str(next(iter(within.values()), ""))


def _write_filter(test: Mapping[str, Any], column: Column | None, form: Form) -> str | None:
    if column is None:
        return None
    if column.kind is not ValueKind.NUMBER:
        told = test.get("one_of", test.get("is"))
        return None if told is None else told if isinstance(told, str) else ", ".join(told)
    low, high = (
        None if test.get(op) is None else _write_bound(test[op], column.unit, form)
        for op in ("at_least", "at_most")
    )
    if low is not None and high is not None:
        return f"{low}{RANGE}{high}"
    if "is" in test:
        return _write_bound(test["is"], column.unit, form)
    return f"≥ {low}" if low is not None else f"≤ {high}" if high is not None else None


def _column_of(relation: str, name: str, form: Form) -> Column | None:
    known = form.vocabulary.relations.get(relation.partition(".")[0])
    return next((one for one in known.columns if one.name == name), None) if known else None


def _unit_of(kind: str, name: str, form: Form) -> Unit:
    if kind == "trait":
        trait = form.vocabulary.traits.get(name)
        return trait.unit if trait else Unit.PLAIN
    if kind != "sum":
        return Unit.PLAIN
    column = _column_of(name, name.partition(".")[2], form)
    return column.unit if column else Unit.PLAIN
