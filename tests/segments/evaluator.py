"""What a tree means, said a second time: in plain Python, over plain values; nothing of the compiler is used.

None is "not known": `all` is false where one is false, else unknown where one is; `any` the other way round.
"""

import hashlib
from datetime import timedelta
from typing import Any

from tests.segments.world import PRODUCTS, TODAY, Person


def matches(match: Any, person: Person, *, uid: str, others: dict[str, set[int]], shift: int = 0) -> bool:
    """Whether a member belongs; `shift`: so many days later than today."""
    return _node(match, person, uid, others, shift) is True


def _node(node: Any, person: Person, uid: str, others: dict[str, set[int]], shift: int) -> bool | None:  # noqa: PLR0911
    if "all" in node:
        values = [_node(child, person, uid, others, shift) for child in node["all"]]
        return False if False in values else None if None in values else True
    if "any" in node:
        values = [_node(child, person, uid, others, shift) for child in node["any"]]
        return True if True in values else None if None in values else False
    if "not" in node:
        value = _node(node["not"], person, uid, others, shift)
        return None if value is None else not value
    if "segment" in node:
        return person.id in others[node["segment"]]
    if "bucket" in node:
        digest = hashlib.md5(f"{uid}:{person.id}".encode(), usedforsecurity=False).hexdigest()
        return node["bucket"]["from"] <= int(digest[:8], 16) % 100 < node["bucket"]["before"]
    if "trait" in node:
        return _compare(node, _trait(node, person, shift))
    return _measured(node, person, shift)


def _trait(node: Any, person: Person, shift: int) -> Any:
    match node["trait"]:
        case "points.balance":
            return person.balance or 0
        case "member.days_since_joining":
            return person.joined + shift
    value = person.attributes.get(node["trait"].removeprefix("member.attribute."))
    if "known" in node:
        return value
    wanted = node.get("is", node.get("one_of", [""])[0] if "one_of" in node else 0)
    kind = bool if isinstance(wanted, bool) else int if isinstance(wanted, int) else str
    return value if type(value) is kind else None


def _compare(node: Any, value: Any) -> bool | None:
    if "known" in node:
        return (value is not None) is node["known"]
    if value is None:
        return None
    if "is" in node:
        return bool(value == node["is"])
    if "one_of" in node:
        return value in node["one_of"]
    return bool(node.get("at_least", value) <= value <= node.get("at_most", value))


def _measured(node: Any, person: Person, shift: int) -> bool | None:
    aggregate = next(name for name in ("count", "sum", "days_since") if name in node)
    relation, _dot, column = node[aggregate].partition(".")
    rows = [row for row in _rows(relation, person, shift) if _fits(row, node.get("where", {}))]
    within = node.get("within", {})
    first, last = _window(within, shift)
    rows = [row for row in rows if first <= row["ago"] <= last]
    if aggregate == "days_since":
        if not rows:
            return None
        value: Any = min(row["ago"] for row in rows)
        return _by_age(node, value, person.joined + shift)
    value = len(rows) if aggregate == "count" else sum(row[column] for row in rows)
    is_new = bool(within) and relation != "points_expiring" and not node.get("new_members")
    is_new = is_new and person.joined + shift <= last
    return _by_growth(node, value, is_new)


def _by_growth(node: Any, value: Any, is_new: bool) -> bool | None:
    """Of a new member, more may have been missed: what reaches a floor is sure, what stays below is not."""
    low, high = node.get("at_least", node.get("is")), node.get("at_most", node.get("is"))
    known: list[bool | None] = []
    if low is not None:
        known.append(True if value >= low else None if is_new else False)
    if high is not None:
        known.append(False if value > high else None if is_new else True)
    return False if False in known else None if None in known else True


def _by_age(node: Any, value: Any, tenure: int) -> bool | None:
    """Days since the last: a silence is only known of who was there to break it."""
    low, high = node.get("at_least", node.get("is")), node.get("at_most", node.get("is"))
    known: list[bool | None] = []
    new = not node.get("new_members")
    if low is not None:
        known.append(False if value < low else None if new and tenure < low else True)
    if high is not None:
        known.append(True if value <= high else None if new and tenure < high else False)
    return False if False in known else None if None in known else True


def _rows(relation: str, person: Person, shift: int) -> list[dict[str, Any]]:
    if relation == "events":
        return [{"ago": ago + shift, "kind": kind} for ago, kind in person.events]
    if relation == "points_expiring":
        return [{"ago": -(ahead - shift), "points": points} for ahead, points in person.expiring]
    orders = [
        {"ago": ago + shift, "amount": paid, "kept_amount": paid - back, "store": store, "lines": lines}
        for ago, paid, back, store, lines in person.orders
    ]
    if relation == "orders":
        return orders
    return [
        {
            "ago": order["ago"],
            "product": sku,
            "brand": PRODUCTS[sku][0],
            "category": PRODUCTS[sku][1],
            "quantity": quantity,
        }
        for order in orders
        for sku, quantity in order["lines"]
    ]


def _fits(row: dict[str, Any], where: Any) -> bool:
    for column, test in where.items():
        value = row[column]
        values = value if isinstance(value, tuple) else (value,)
        wanted = test.get("one_of", [test.get("is")])
        if "at_least" in test or "at_most" in test:
            if not _compare(test, value):
                return False
        elif not set(values) & set(wanted):
            return False
    return True


def _window(within: Any, shift: int) -> tuple[int, int]:
    """The days ago that lie in a window, both inclusive."""
    if "last_days" in within:
        return 0, within["last_days"] - 1
    if "from_days_ago" in within:
        return within["to_days_ago"], within["from_days_ago"] - 1
    if "next_days" in within:
        return -within["next_days"], 0
    if "from" in within:
        today = TODAY + timedelta(days=shift)
        day = type(today).fromisoformat
        return (today - day(within["before"])).days + 1, (today - day(within["from"])).days
    return -(10**6), 10**6
