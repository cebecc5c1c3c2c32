"""The builder's groups: conditions of which all or any hold, groups within groups; and trees made of them.

The form that is sent lists them in their order, each with its depth: so it works without a script.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from regulars.console.pages.segments.rows import Row, make_leaf, read_row
from regulars.console.pages.segments.splitting import split_leaf
from regulars.console.pages.segments.subjects import Form
from regulars.segments.facade import TreeInvalid

ITEMS_MAX = 60
DEPTH_MAX = 2
"""How deep groups stand within the whole: a group, and a group within it."""
ROOT = "root"
GROUP = "group"
JOINTS = ("all", "any")


@dataclass(slots=True)
class Group:
    """Conditions and groups that are joined. `error` says what is wrong with it."""

    joint: str = "all"
    negate: bool = False
    items: list["Item"] = field(default_factory=list)
    error: str = ""


Item = Row | Group


@dataclass(frozen=True, slots=True)
class Shown:
    """A row or a group where it stands: `number` in the form, `place` as people count ("2.1"), `depth` from 0
    (of the whole -1).
    """

    item: Item
    number: str
    place: str
    depth: int
    children: tuple["Shown", ...] = ()

    @property
    def is_group(self) -> bool:
        """Whether it holds others."""
        return isinstance(self.item, Group)

    @property
    def may_nest(self) -> bool:
        """Whether a group may be put into this one."""
        return self.depth + 1 < DEPTH_MAX


def read_group(posted: Mapping[str, Any]) -> Group:
    """The whole of a form that was sent. What lies deeper than may be is lifted."""
    root = Group(_joint(posted.get("joint")))
    try:
        count = min(int(posted.get("rows", "0")), ITEMS_MAX)
    except ValueError:
        count = 0
    path = [root]
    for number in range(max(count, 0)):
        told = str(posted.get(f"c{number}_depth", "0"))
        depth = min(int(told) if told.isdecimal() and len(told) < 3 else 0, len(path) - 1, DEPTH_MAX)
        del path[depth + 1 :]
        if posted.get(f"c{number}_kind") == GROUP and depth < DEPTH_MAX:
            group = Group(_joint(posted.get(f"c{number}_joint")), bool(posted.get(f"c{number}_negate")))
            path[depth].items.append(group)
            path.append(group)
        else:
            path[depth].items.append(read_row(posted, number))
    return root


def show_group(root: Group) -> Shown:
    """The whole, numbered in the order in which the form lists it."""
    numbers = iter(range(10**6))

    def show(item: Item, place: str, depth: int) -> Shown:
        number = str(next(numbers))
        if isinstance(item, Row):
            return Shown(item, number, place, depth)
        children = [show(child, f"{place}.{at}", depth + 1) for at, child in enumerate(item.items, start=1)]
        return Shown(item, number, place, depth, tuple(children))

    children = [show(item, str(at), 0) for at, item in enumerate(root.items, start=1)]
    return Shown(root, ROOT, "", -1, tuple(children))


def count_items(root: Group) -> int:
    """Rows and groups, however deep."""
    return sum(1 for _each in _walk(root))


def add_item(root: Group, number: str, *, is_group: bool) -> None:
    """Put a new row, or a group with one, at the end of the group of that number, where there is room."""
    found = _find(root, number)
    if found is None or count_items(root) + 1 + is_group > ITEMS_MAX:
        return
    group, depth = found
    if not isinstance(group, Group) or (is_group and depth >= DEPTH_MAX):
        return
    row = Row(is_new=True)
    other = "any" if group.joint == "all" else "all"
    group.items.append(Group(other, items=[row]) if is_group else row)


def remove_item(root: Group, number: str) -> None:
    """Take a row or a group out; a group that is left empty goes too."""
    if not number.isdecimal():
        return
    at = int(number)
    for place, (parent, item) in enumerate(_walk(root)):
        if place == at:
            parent.items[:] = [one for one in parent.items if one is not item]
            _prune(root)
            return


def make_tree(root: Group, form: Form) -> dict[str, Any]:
    """The tree that a form says. Raises TreeInvalid, whose path leads to the row."""
    return {"version": 1, "match": _make_node(root, "match", form)}


def split_tree(tree: Mapping[str, Any], form: Form) -> Group | None:
    """The form that says a tree; None where it can only be said by halves."""
    match = tree.get("match", {})
    whole = match if _joint_in(match) else {"all": [match]}
    try:
        root = _split_node(whole, form, 0)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None  # no tree: stored by an older version, or by hand
    if not isinstance(root, Group) or count_items(root) > ITEMS_MAX:
        return None
    try:
        same = _make_node(root, "match", form) == whole
    except TreeInvalid:
        return None
    return root if same else None


def mark_error(root: Group, error: TreeInvalid, sentence: str) -> None:
    """Write what is wrong beside the row or group that the error's path leads to."""
    path = str(error.extra.get("path", ""))
    parent, place = root, -1
    item: Item = root
    for index in re.findall(r"(?<=\.)(?:all|any)\.(\d+)", path):
        if not isinstance(item, Group) or int(index) >= len(item.items):
            break
        parent, place = item, int(index)
        item = item.items[place]
    if isinstance(item, Group):
        item.error = sentence if item is not root else ""
    else:
        parent.items[place] = replace(item, error=sentence)


def _make_node(group: Group, path: str, form: Form) -> dict[str, Any]:
    children = []
    for number, item in enumerate(group.items):
        here = f"{path}.{group.joint}.{number}{'.not' if item.negate else ''}"
        node = make_leaf(item, here, form) if isinstance(item, Row) else _make_node(item, here, form)
        children.append({"not": node} if item.negate else node)
    return {group.joint: children}


def _split_node(node: Mapping[str, Any], form: Form, depth: int) -> Item | None:
    joint = _joint_in(node)
    if not joint:
        return split_leaf(node, form)
    if depth > DEPTH_MAX:
        return None
    group = Group(joint)
    for child in node[joint]:
        negate = "not" in child
        item = _split_node(child["not"] if negate else child, form, depth + 1)
        if item is None:
            return None
        if isinstance(item, Row):
            item = replace(item, negate=negate)
        else:
            item.negate = negate
        group.items.append(item)
    return group


def _walk(root: Group) -> Iterator[tuple[Group, Item]]:
    """Each item with the group that holds it, in the order of the form."""
    for item in root.items:
        yield root, item
        if isinstance(item, Group):
            yield from _walk(item)


def _find(root: Group, number: str) -> tuple[Item, int] | None:
    """The item of that number and how deep a child of it would stand."""
    todo: list[Shown] = [show_group(root)]
    while todo:
        shown = todo.pop()
        if shown.number == number:
            return shown.item, shown.depth + 1
        todo += shown.children
    return None


def _prune(group: Group) -> None:
    for item in group.items:
        if isinstance(item, Group):
            _prune(item)
    group.items[:] = [one for one in group.items if isinstance(one, Row) or one.items]


def _joint(told: object) -> str:
    return "any" if told == "any" else "all"


def _joint_in(node: Mapping[str, Any]) -> str:
    return next((name for name in JOINTS if name in node), "")
