"""What a `when` may speak of: three variables, their fields, and an example of each that shows its type."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from regulars.rules.conditions.tokens import Token
from regulars.rules.types import RuleType

_TIME: Mapping[str, Any] = {
    "at": datetime(2026, 11, 20, 17, 30, tzinfo=UTC),
    "weekday": "friday",
    "hour": 18,
    "day": 20,
    "month": 11,
}

VARIABLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "member": {
            "tier": "gold",
            "segments": ["regular"],
            "orders": 3,
            "joined_days": 400,
            "birth_month": 11,
            "birth_day": 20,
            "attributes": {},
        },
        "basket": {
            "total": 1850,
            "quantity": 7,
            "lines": 5,
            "skus": ["1001"],
            "brands": ["Mill"],
            "categories": ["bread"],
            "store": "1",
            "channel": "shop",
            "attributes": {},
            **_TIME,
        },
        "event": {"kind": "review", "attributes": {}, **_TIME},
    }
)
"""Field by field an example value: expressions are tried on it when a programme is published."""

FREE = "attributes"
"""The field whose own keys are the shop's business: they cannot be known before they come."""


def variables_for(kind: RuleType) -> tuple[str, str]:
    """The two variables that a rule of this type has."""
    return ("member", "event") if kind is RuleType.EVENT else ("member", "basket")


def fields_used(tokens: list[Token]) -> frozenset[tuple[str, str]]:
    """The (variable, field) pairs that an expression names, known or not."""
    return frozenset((name, field) for name, field, _token in field_accesses(tokens))


def field_accesses(tokens: list[Token]) -> list[tuple[str, str, Token]]:
    """Every use of a variable: its name, the field taken of it (empty where none is), and where."""
    found = []
    for place, token in enumerate(tokens):
        if token.text not in VARIABLES or (place and tokens[place - 1].text == "."):
            continue
        after = [following.text for following in tokens[place + 1 : place + 4]]
        field = ""
        if len(after) > 1 and after[0] == "." and tokens[place + 2].kind == "name":
            field = after[1]
        elif len(after) > 2 and after[0] == "[" and after[2] == "]" and tokens[place + 2].kind == "string":
            field = tokens[place + 2].text.strip("\"'")
        found.append((token.text, field, token))
    return found
