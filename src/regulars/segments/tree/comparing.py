"""Reading comparisons, such as `{"at_least": 3}` or `{"at_most": {"times": 2, "trait": "…"}}`."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from regulars.kit.relations import ValueKind
from regulars.segments.errors import TreeInvalid
from regulars.segments.tree.nodes import Bound, Op, Relative, Test
from regulars.segments.vocabulary import Vocabulary

TEXT_LENGTH_MAX = 200
LIST_MAX = 200
NUMBER_MAX = 2**53
_OPS: Mapping[ValueKind, tuple[Op, ...]] = {
    ValueKind.NUMBER: (Op.AT_LEAST, Op.AT_MOST, Op.IS, Op.KNOWN),
    ValueKind.TEXT: (Op.IS, Op.ONE_OF, Op.KNOWN),
    ValueKind.FLAG: (Op.IS, Op.KNOWN),
    ValueKind.TEXTS: (Op.IS, Op.ONE_OF, Op.KNOWN),
}


def read_tests(
    raw: Mapping[str, Any],
    path: str,
    kind: ValueKind | None,
    vocabulary: Vocabulary,
    *,
    fixed: bool = False,
) -> tuple[Test, ...]:
    """The comparison in an object: one, or `at_least` with `at_most`. Raises TreeInvalid.

    Without a kind (the shop's own attributes) it is that of what is compared with. `fixed` refuses bounds
    that are values of a member.
    """
    named = [op for op in Op if op.value in raw]
    wanted = kind or _kind_of(named, raw)
    if not named or (len(named) > 1 and named != [Op.AT_LEAST, Op.AT_MOST]):
        ops = ", ".join(op.value for op in _OPS[wanted])
        raise _refuse(path, _("Compare by one of: %(ops)s; or by at_least and at_most.") % {"ops": ops})
    return tuple(
        _read_test(
            op,
            raw[op.value],
            path=f"{path}.{op.value}",
            kind=wanted,
            vocabulary=vocabulary,
            fixed=fixed,
        )
        for op in named
    )


def _kind_of(ops: Sequence[Op], raw: Mapping[str, Any]) -> ValueKind:
    told = raw[ops[0].value] if ops else None
    if ops and ops[0] is Op.KNOWN:
        return ValueKind.TEXT
    if isinstance(told, bool):
        return ValueKind.FLAG
    return ValueKind.NUMBER if isinstance(told, int | float) else ValueKind.TEXT


def _read_test(op: Op, told: Any, *, path: str, kind: ValueKind, vocabulary: Vocabulary, fixed: bool) -> Test:
    if op not in _OPS[kind]:
        ops = ", ".join(one.value for one in _OPS[kind])
        raise _refuse(path, _("This can be compared by %(ops)s.") % {"ops": ops})
    if op is Op.KNOWN or (kind is ValueKind.FLAG and op is Op.IS):
        if not isinstance(told, bool):
            raise _refuse(path, _("Write true or false."))
        return Test(op, told)
    if kind is ValueKind.NUMBER:
        return Test(op, _read_number(told, path, vocabulary, fixed))
    if op is Op.ONE_OF:
        if not isinstance(told, Sequence) or isinstance(told, str) or not 1 <= len(told) <= LIST_MAX:
            raise _refuse(path, _("Write a list of 1 to %(max)s texts.") % {"max": LIST_MAX})
        return Test(op, tuple(_read_text(one, f"{path}.{place}") for place, one in enumerate(told)))
    return Test(op, _read_text(told, path))


def _read_number(told: Any, path: str, vocabulary: Vocabulary, fixed: bool) -> Bound:
    if isinstance(told, Mapping) and not fixed:
        return _read_relative(told, path, vocabulary)
    if isinstance(told, bool) or not isinstance(told, int | float):
        raise _refuse(path, _("Write a number."))
    if not math.isfinite(told) or abs(told) > NUMBER_MAX:
        raise _refuse(path, _("This number is too large."))
    return told


def _read_relative(told: Mapping[str, Any], path: str, vocabulary: Vocabulary) -> Relative:
    times = told.get("times", 1)
    if isinstance(times, bool) or not isinstance(times, int | float) or not 0 < times <= 1000:
        raise _refuse(f"{path}.times", _("Write a number above 0, up to 1000."))
    if set(told) == {"times", "shop"} or set(told) == {"shop"}:
        if told["shop"] not in vocabulary.shop_values:
            names = ", ".join(sorted(vocabulary.shop_values))
            raise _refuse(f"{path}.shop", _("There are %(names)s.") % {"names": names})
        return Relative(times, shop=told["shop"])
    if set(told) == {"times", "trait"} or set(told) == {"trait"}:
        found = vocabulary.traits.get(told["trait"])
        if found is None or found.kind is not ValueKind.NUMBER:
            numbers = sorted(one.name for one in vocabulary.traits.values() if one.kind is ValueKind.NUMBER)
            raise _refuse(f"{path}.trait", _("There are %(names)s.") % {"names": ", ".join(numbers)})
        return Relative(times, trait=told["trait"])
    raise _refuse(path, _('Write a number, {"times": 2, "trait": "…"} or {"times": 2, "shop": "…"}.'))


def _read_text(told: Any, path: str) -> str:
    if not isinstance(told, str) or not told or len(told) > TEXT_LENGTH_MAX or "\0" in told:
        raise _refuse(path, _("Write a text of 1 to %(max)s characters.") % {"max": TEXT_LENGTH_MAX})
    try:
        told.encode()
    except UnicodeEncodeError:
        raise _refuse(path, _("This text holds characters that cannot be stored.")) from None
    return told


def _refuse(path: str, detail: str) -> TreeInvalid:
    return TreeInvalid(f"{path}: {detail}", path=path)
