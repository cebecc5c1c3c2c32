"""From JSON to a condition tree. What is wrong is said with the place in the tree and what to do."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from regulars.kit.relations import Relation, Trait, ValueKind
from regulars.segments.errors import TreeInvalid
from regulars.segments.tree.comparing import read_tests
from regulars.segments.tree.nodes import (
    ALL_TIME,
    TREE_VERSION,
    Aggregate,
    All,
    AnyOf,
    Bucket,
    Filter,
    InSegment,
    Measured,
    Node,
    Not,
    TraitTest,
    Window,
    walk_leaves,
)
from regulars.segments.vocabulary import Vocabulary

DEPTH_MAX = 8
LEAVES_MAX = 40
DAYS_MAX = 3_660
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def read_tree(raw: Any, vocabulary: Vocabulary) -> Node:
    """The tree of a document `{"version": 1, "match": node}`. Raises TreeInvalid, which names the path."""
    if not isinstance(raw, Mapping):
        raise refuse("", _('A tree is an object such as {"version": 1, "match": {"all": []}}.'))
    _check_keys(raw, {"version", "match"}, "")
    if raw.get("version") != TREE_VERSION or raw.get("version") is True:
        raise refuse("version", _("Write version %(version)s.") % {"version": TREE_VERSION})
    if "match" not in raw:
        raise refuse("match", _("Say under `match` what must hold."))
    node = _read_node(raw["match"], "match", vocabulary, 1)
    leaves = walk_leaves(node)
    if not leaves:
        raise refuse("match", _("Add at least one condition."))
    if len(leaves) > LEAVES_MAX:
        raise refuse(
            "match",
            _("These are %(count)s conditions; %(max)s are the most.")
            % {"count": len(leaves), "max": LEAVES_MAX},
        )
    return node


def refuse(path: str, detail: str) -> TreeInvalid:
    """A refusal that names the place."""
    where = f"{path}: " if path else ""
    return TreeInvalid(f"{where}{detail}", path=path)


def _read_node(raw: Any, path: str, vocabulary: Vocabulary, depth: int) -> Node:
    if not isinstance(raw, Mapping):
        raise refuse(path, _("A condition is an object."))
    if depth > DEPTH_MAX:
        raise refuse(path, _("Nest conditions %(max)s deep at most.") % {"max": DEPTH_MAX})
    kinds = [name for name in _READERS if name in raw]
    if len(kinds) != 1:
        raise refuse(path, _("Name exactly one of: %(names)s.") % {"names": ", ".join(_READERS)})
    return _READERS[kinds[0]](raw, path, vocabulary, depth)


def _read_children(raw: Any, path: str, vocabulary: Vocabulary, depth: int) -> tuple[Node, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        raise refuse(path, _("Give a list of at least one condition."))
    return tuple(
        _read_node(child, f"{path}.{place}", vocabulary, depth + 1) for place, child in enumerate(raw)
    )


def _read_all(raw: Mapping[str, Any], path: str, vocabulary: Vocabulary, depth: int) -> Node:
    _check_keys(raw, {"all"}, path)
    return All(_read_children(raw["all"], f"{path}.all", vocabulary, depth))


def _read_any(raw: Mapping[str, Any], path: str, vocabulary: Vocabulary, depth: int) -> Node:
    _check_keys(raw, {"any"}, path)
    return AnyOf(_read_children(raw["any"], f"{path}.any", vocabulary, depth))


def _read_not(raw: Mapping[str, Any], path: str, vocabulary: Vocabulary, depth: int) -> Node:
    _check_keys(raw, {"not"}, path)
    return Not(_read_node(raw["not"], f"{path}.not", vocabulary, depth + 1))


def _read_trait(raw: Mapping[str, Any], path: str, vocabulary: Vocabulary, _depth: int) -> Node:
    trait = _find_trait(raw["trait"], f"{path}.trait", vocabulary)
    tests = read_tests(raw, path, trait.kind if trait.name in vocabulary.traits else None, vocabulary)
    _check_keys(raw, {"trait", *(test.op.value for test in tests)}, path)
    return TraitTest(trait.name, tests)


def _find_trait(name: Any, path: str, vocabulary: Vocabulary) -> Trait:
    found = vocabulary.find_trait(name) if isinstance(name, str) else None
    if found is None:
        raise refuse(
            path,
            _("There is no %(name)s; there are %(names)s, and member.attribute.… for the shop's own.")
            % {"name": name, "names": ", ".join(sorted(vocabulary.traits))},
        )
    return found


def _read_measured(aggregate: Aggregate) -> "Callable[[Mapping[str, Any], str, Vocabulary, int], Node]":
    def read(raw: Mapping[str, Any], path: str, vocabulary: Vocabulary, _depth: int) -> Node:
        named = raw[aggregate.value]
        here = f"{path}.{aggregate.value}"
        if not isinstance(named, str):
            raise refuse(here, _("Name what is meant, such as orders or orders.amount."))
        name, _dot, column = named.partition(".")
        relation = vocabulary.relations.get(name)
        if relation is None:
            names = ", ".join(sorted(vocabulary.relations))
            raise refuse(
                here, _("There are no %(name)s; there are %(names)s.") % {"name": name, "names": names}
            )
        _check_column(aggregate, relation, column, here)
        window = _read_window(raw.get("within"), f"{path}.within", aggregate, relation)
        new_members = raw.get("new_members", False)
        if not isinstance(new_members, bool):
            raise refuse(f"{path}.new_members", _("Write true or false."))
        tests = read_tests(raw, path, ValueKind.NUMBER, vocabulary)
        ops = {test.op.value for test in tests}
        _check_keys(raw, {aggregate.value, "where", "within", "new_members", *ops}, path)
        filters = _read_filters(raw.get("where"), f"{path}.where", relation, vocabulary)
        return Measured(aggregate, name, tests, column, filters, window, new_members)

    return read


def _check_column(aggregate: Aggregate, relation: Relation, column: str, path: str) -> None:
    numbers = [one.name for one in relation.columns if one.kind is ValueKind.NUMBER]
    if aggregate is Aggregate.SUM and column not in numbers:
        choices = ", ".join(f"{relation.name}.{name}" for name in numbers) or "–"
        raise refuse(path, _("Name a number to add up: %(choices)s.") % {"choices": choices})
    if aggregate is not Aggregate.SUM and column:
        raise refuse(path, _("Write %(name)s alone, without a column.") % {"name": relation.name})
    if aggregate is Aggregate.DAYS_SINCE and relation.ahead:
        raise refuse(path, _("These lie ahead; ask for a count or a sum within the next days."))


def _read_filters(raw: Any, path: str, relation: Relation, vocabulary: Vocabulary) -> tuple[Filter, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, Mapping):
        raise refuse(path, _('Write an object such as {"store": {"is": "…"}}.'))
    columns = {column.name: column for column in relation.columns}
    found = []
    for name, told in raw.items():
        here = f"{path}.{name}"
        if name not in columns:
            names = ", ".join(columns) or "–"
            raise refuse(here, _("There is no such column; there are %(names)s.") % {"names": names})
        if not isinstance(told, Mapping):
            raise refuse(here, _('Write a comparison such as {"is": "…"}.'))
        tests = read_tests(told, here, columns[name].kind, vocabulary, fixed=True)
        _check_keys(told, {test.op.value for test in tests}, here)
        found.append(Filter(name, tests))
    return tuple(found)


def _read_window(raw: Any, path: str, aggregate: Aggregate, relation: Relation) -> Window:
    if raw is None:
        return ALL_TIME
    if aggregate is Aggregate.DAYS_SINCE:
        raise refuse(path, _("The last time is asked of all time; leave this out."))
    if not isinstance(raw, Mapping):
        raise refuse(path, _('Write an object such as {"last_days": 30}.'))
    match sorted(raw):
        case ["last_days"] if not relation.ahead:
            return Window(from_days_ago=_read_days(raw, "last_days", path, 1))
        case ["from_days_ago", "to_days_ago"] if not relation.ahead:
            window = Window(
                _read_days(raw, "from_days_ago", path, 1), _read_days(raw, "to_days_ago", path, 0)
            )
            if (window.from_days_ago or 0) <= window.to_days_ago:
                raise refuse(path, _("from_days_ago lies further back than to_days_ago."))
            return window
        case ["next_days"] if relation.ahead:
            return Window(next_days=_read_days(raw, "next_days", path, 0))
        case ["before", "from"] if not relation.ahead:
            window = Window(first=_read_day(raw, "from", path), before=_read_day(raw, "before", path))
            if window.first and window.before and window.first >= window.before:
                raise refuse(path, _("`from` lies before `before`."))
            return window
    if relation.ahead:
        raise refuse(path, _('These lie ahead: write {"next_days": 30}.'))
    raise refuse(
        path,
        _(
            'Write {"last_days": 30}, {"from_days_ago": 90, "to_days_ago": 30}'
            ' or {"from": "2026-01-01", "before": "2026-02-01"}.'
        ),
    )


def _read_days(raw: Mapping[str, Any], name: str, path: str, least: int) -> int:
    days = raw[name]
    if not isinstance(days, int) or isinstance(days, bool) or not least <= days <= DAYS_MAX:
        raise refuse(
            f"{path}.{name}",
            _("Write a whole number from %(least)s to %(max)s.") % {"least": least, "max": DAYS_MAX},
        )
    return days


def _read_day(raw: Mapping[str, Any], name: str, path: str) -> date:
    try:
        day = date.fromisoformat(raw[name])
    except (TypeError, ValueError):
        raise refuse(f"{path}.{name}", _("Write a day such as 2026-01-31.")) from None
    if not 1900 <= day.year <= 2200:
        raise refuse(f"{path}.{name}", _("Write a day between 1900 and 2200."))
    return day


def _read_segment(raw: Mapping[str, Any], path: str, _vocabulary: Vocabulary, _depth: int) -> Node:
    _check_keys(raw, {"segment"}, path)
    code = raw["segment"]
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise refuse(f"{path}.segment", _("Write the code of a segment."))
    return InSegment(code)


def _read_bucket(raw: Mapping[str, Any], path: str, _vocabulary: Vocabulary, _depth: int) -> Node:
    _check_keys(raw, {"bucket"}, path)
    told = raw["bucket"]
    hint = _('Write {"from": 0, "before": 10} for ten of a hundred; both are whole numbers up to 100.')
    if not isinstance(told, Mapping) or sorted(told) != ["before", "from"]:
        raise refuse(f"{path}.bucket", hint)
    first, before = told["from"], told["before"]
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in (first, before)):
        raise refuse(f"{path}.bucket", hint)
    if not 0 <= first < before <= 100:
        raise refuse(f"{path}.bucket", hint)
    return Bucket(first, before)


def _check_keys(raw: Mapping[str, Any], known: set[str], path: str) -> None:
    for name in raw:
        if name not in known:
            here = f"{path}.{name}" if path else str(name)
            raise refuse(
                here,
                _("This is not known here; leave it out, or write one of: %(names)s.")
                % {"names": ", ".join(sorted(known))},
            )


_READERS: Mapping[str, Callable[[Mapping[str, Any], str, Vocabulary, int], Node]] = {
    "all": _read_all,
    "any": _read_any,
    "not": _read_not,
    "trait": _read_trait,
    "count": _read_measured(Aggregate.COUNT),
    "sum": _read_measured(Aggregate.SUM),
    "days_since": _read_measured(Aggregate.DAYS_SINCE),
    "segment": _read_segment,
    "bucket": _read_bucket,
}
