"""Finding the mistakes of a `when` before it is published: names, types, and what could be slow.

CEL leaves out what it need not evaluate, so that trying the whole expression once would find only the
first mistake of `a && b`. Each operand is therefore tried on its own, on example values.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from regulars.rules.conditions.run import WHEN_MAX, Condition, ConditionFailed, compile_when, make_context
from regulars.rules.conditions.tokens import (
    Token,
    bound_names,
    macro_bodies,
    macro_depth,
    read_tokens,
    split_at,
    split_choice,
    split_relation,
    unwrap,
)
from regulars.rules.conditions.variables import FREE, VARIABLES, field_accesses, variables_for
from regulars.rules.hints import did_you_mean
from regulars.rules.types import RuleType

MACROS_MAX = 5
"""A condition is evaluated with every order, inside its transaction, and a list may hold 10,000 products."""
TYPE_NAMES = frozenset({"bool", "bytes", "double", "int", "list", "map", "string", "uint", "null_type"})
_FUNCTIONS = """
    size contains startsWith endsWith matches int uint double string bytes dyn type timestamp duration
    getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes getSeconds
    getMilliseconds has all exists exists_one filter map
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())

Mistake = tuple[int, str]
"""A mistake: on which line of the expression (from 0), and what it is."""


class _Unknowable(Exception):
    """The value depends on attributes that only the shop knows."""


def check_when(source: str, kind: RuleType) -> list[Mistake]:
    """All mistakes found, in the order of the expression; empty where it may be published."""
    if not source.strip():
        return [(0, _("is empty; leave the key out"))]
    if len(source) > WHEN_MAX:
        return [(0, _("is longer than %(most)d characters") % {"most": WHEN_MAX})]
    try:
        condition = compile_when(source)
    except ConditionFailed as failed:
        return [_syntax_mistake(source, failed)]
    tokens = read_tokens(source)
    named = list(_wrong_names(source, condition, tokens, kind))
    if named:
        return sorted(named)
    if slow := _what_is_slow(tokens):
        return [(0, slow)]
    samples = {name: dict(VARIABLES[name]) for name in variables_for(kind)}
    return list(dict.fromkeys(_wrong_types(source, tokens, samples)))


def _what_is_slow(tokens: list[Token]) -> str:
    """Why the expression could take long, as its work grows faster than the basket; empty where it cannot."""
    if macro_depth(tokens) > 1:
        return _("holds one of all, exists, exists_one, filter and map within another")
    bodies = macro_bodies(tokens)
    if len(bodies) > MACROS_MAX:
        message = _("holds more than %(most)d of all, exists, exists_one, filter and map")
        return message % {"most": MACROS_MAX}
    for body in bodies:
        for name, field, _token in field_accesses(body):
            if name == "basket" and isinstance(VARIABLES[name].get(field), list):
                message = _("names %(list)s within all, exists, exists_one, filter or map")
                return message % {"list": f"{name}.{field}"}
    return ""


def _syntax_mistake(source: str, failed: ConditionFailed) -> Mistake:
    text = str(failed.__cause__ or failed)
    place = re.search(r"<input>:(\d+):(\d+): (?:Syntax error: )?(.*)", text)
    if place is None:
        return 0, _("is not valid CEL: %(reason)s") % {"reason": failed}
    reason = re.sub(r" expecting .*", "", place[3]).replace("<EOF>", _("the end"))
    line = int(place[1]) - 1
    written = (source.splitlines() or [""])[min(line, len(source.splitlines()) - 1)]
    if re.search(r"(?<![=!<>])=(?!=)", written):
        reason = _("to compare, write == instead of =")
    elif re.search(r"\b(and|or|not)\b", written):
        reason = _("write && for and, || for or, ! for not")
    return line, _("is not valid CEL: %(reason)s (at character %(column)s)") % {
        "reason": reason,
        "column": place[2],
    }


def _wrong_names(source: str, condition: Condition, tokens: list[Token], kind: RuleType) -> Iterator[Mistake]:
    allowed = variables_for(kind)
    for name in sorted(condition.variables() - set(allowed) - bound_names(tokens) - TYPE_NAMES):
        line = next((_line(source, token) for token in tokens if token.text == name), 0)
        if name in VARIABLES:
            message = _("%(name)s is not known to a rule of type %(type)s") % {"name": name, "type": kind}
        else:
            hint = did_you_mean(name, allowed)
            message = _("%(name)s is not known%(hint)s") % {"name": name, "hint": hint}
        yield line, message
    for name in sorted(f for f in condition.functions() - FUNCTIONS if f.isidentifier()):
        line = next((_line(source, token) for token in tokens if token.text == name), 0)
        hint = did_you_mean(name, FUNCTIONS)
        yield line, _("the function %(name)s is not known%(hint)s") % {"name": name, "hint": hint}
    for name, field, token in field_accesses(tokens):
        if name not in allowed or field in VARIABLES[name]:
            continue
        if not field:
            message = _("%(name)s cannot be used whole; take one of its fields: %(fields)s")
            yield _line(source, token), message % {"name": name, "fields": ", ".join(VARIABLES[name])}
        else:
            hint = did_you_mean(field, VARIABLES[name]) or f" ({', '.join(VARIABLES[name])})"
            message = _("%(name)s has no field %(field)s%(hint)s")
            yield _line(source, token), message % {"name": name, "field": field, "hint": hint}


def _wrong_types(source: str, tokens: list[Token], samples: dict[str, Any]) -> Iterator[Mistake]:
    """The mistakes of an expression that must be true or false, operand by operand."""
    tokens = unwrap(tokens)
    if choice := split_choice(tokens):
        for part in choice:
            yield from _wrong_types(source, part, samples)
        return
    for sign in ("||", "&&"):
        parts = split_at(tokens, sign)
        if len(parts) > 1:
            for part in parts:
                yield from _wrong_types(source, part, samples)
            return
    if relation := split_relation(tokens):
        yield from _wrong_relation(source, relation, tokens, samples)
        return
    if tokens[0].text == "!":
        yield from _wrong_types(source, tokens[1:], samples)
        return
    yield from _not_boolean(source, tokens, samples)


def _wrong_relation(
    source: str, relation: tuple[list[Token], str, list[Token]], tokens: list[Token], samples: dict[str, Any]
) -> Iterator[Mistake]:
    left, sign, right = relation
    try:
        values = _value(source, left, samples), _value(source, right, samples)
    except (_Unknowable, ConditionFailed):
        yield from _not_boolean(source, tokens, samples)
        return
    kinds = _kind(values[0]), _kind(values[1])
    line = _line(source, tokens[0])
    if sign in {"==", "!="} and kinds[0] != kinds[1] and "null" not in kinds:
        message = _("compares %(left)s with %(right)s, which are never equal")
        yield line, message % {"left": kinds[0], "right": kinds[1]}
    elif sign == "in" and isinstance(values[1], list) and values[1] and _kind(values[1][0]) != kinds[0]:
        message = _("looks for %(left)s in a list of %(right)s")
        yield line, message % {"left": kinds[0], "right": _kind(values[1][0])}
    else:
        yield from _not_boolean(source, tokens, samples)


def _not_boolean(source: str, tokens: list[Token], samples: dict[str, Any]) -> Iterator[Mistake]:
    line = _line(source, tokens[0])
    try:
        value = _value(source, tokens, samples)
    except _Unknowable:
        return
    except ConditionFailed as failed:
        yield line, _explain_failure(str(failed), _text(source, tokens))
        return
    if not isinstance(value, bool):
        message = _("%(text)s is %(kind)s; it must be true or false")
        yield line, message % {"text": _text(source, tokens), "kind": _kind(value)}


def _value(source: str, tokens: list[Token], samples: dict[str, Any]) -> Any:
    text = _text(source, tokens)
    if any(field == FREE for _name, field, _token in field_accesses(tokens)):
        raise _Unknowable
    return compile_when(text).evaluate(make_context(samples))


def _explain_failure(reason: str, text: str) -> str:
    if reason.startswith("No such overload"):
        return _("%(text)s mixes types that do not go together") % {"text": text}
    return _("%(text)s cannot be evaluated: %(reason)s") % {"text": text, "reason": reason}


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return _("true or false")
    if isinstance(value, int | float):
        return _("a number")
    if isinstance(value, str):
        return _("a text")
    if isinstance(value, datetime | timedelta):
        return _("a time") if isinstance(value, datetime) else _("a duration")
    return _("a list") if isinstance(value, list) else _("a table")


def _text(source: str, tokens: list[Token]) -> str:
    return source[tokens[0].start : tokens[-1].end]


def _line(source: str, token: Token) -> int:
    return source.count("\n", 0, token.start)
