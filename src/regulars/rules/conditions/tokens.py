"""The words of a CEL expression and the shape of its logic, as far as checking it needs."""

import re
from dataclasses import dataclass

_WORDS = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<string>[rRbB]{0,2}(?:\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))
    |(?P<number>\d[\w.]*|\.\d[\w]*)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENING = {"(": ")", "[": "]", "{": "}"}
MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
RELATIONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})


@dataclass(frozen=True, slots=True)
class Token:
    """One word of an expression: name, number, string or sign, and where it stands (from 0)."""

    kind: str
    text: str
    start: int
    end: int
    depth: int


def read_tokens(source: str) -> list[Token]:
    """The words, without spaces and comments. `depth` counts the brackets around each word."""
    tokens, depth = [], 0
    for match in _WORDS.finditer(source):
        kind = match.lastgroup or ""
        if kind == "space":
            continue
        text = match.group()
        if kind == "sign" and text in _OPENING.values():
            depth -= 1
        tokens.append(Token(kind, text, match.start(), match.end(), depth))
        if kind == "sign" and text in _OPENING:
            depth += 1
    return tokens


def split_at(tokens: list[Token], sign: str) -> list[list[Token]]:
    """The parts between the signs that stand in no bracket. One part where there is no such sign."""
    parts: list[list[Token]] = [[]]
    outside = tokens[0].depth if tokens else 0
    for token in tokens:
        if token.text == sign and token.depth == outside and token.kind == "sign":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def split_choice(tokens: list[Token]) -> tuple[list[Token], list[Token], list[Token]] | None:
    """The three parts of `a ? b : c`, where the expression is one."""
    outside = tokens[0].depth
    marks = [
        (place, token.text)
        for place, token in enumerate(tokens)
        if token.depth == outside and token.text in "?:"
    ]
    first = next((place for place, text in marks if text == "?"), None)
    if first is None:
        return None
    open_choices = 0
    for place, text in marks:
        open_choices += 1 if text == "?" else -1
        if open_choices == 0:
            return tokens[:first], tokens[first + 1 : place], tokens[place + 1 :]
    return None


def split_relation(tokens: list[Token]) -> tuple[list[Token], str, list[Token]] | None:
    """The two sides of the last comparison outside brackets: CEL reads comparisons from the left."""
    outside = tokens[0].depth
    for place in range(len(tokens) - 1, 0, -1):
        token = tokens[place]
        if token.depth == outside and token.text in RELATIONS and token.kind in {"sign", "name"}:
            return tokens[:place], token.text, tokens[place + 1 :]
    return None


def unwrap(tokens: list[Token]) -> list[Token]:
    """Without brackets around the whole."""
    while len(tokens) > 2 and tokens[0].text == "(" and tokens[-1].text == ")":
        outside = tokens[0].depth
        if any(token.text == ")" and token.depth == outside for token in tokens[1:-1]):
            break
        tokens = tokens[1:-1]
    return tokens


def bound_names(tokens: list[Token]) -> frozenset[str]:
    """The names that macros bind: the `x` of `list.exists(x, …)`."""
    return frozenset(tokens[place + 2].text for place in range(len(tokens) - 2) if _is_macro(tokens, place))


def macro_bodies(tokens: list[Token]) -> list[list[Token]]:
    """What stands in the brackets of each macro: it is worked out anew for each item of a list."""
    bodies = []
    for place, token in enumerate(tokens):
        if _is_macro(tokens, place):
            end = next((i for i in range(place + 2, len(tokens)) if tokens[i].depth <= token.depth), None)
            bodies.append(tokens[place + 2 : end])
    return bodies


def macro_depth(tokens: list[Token]) -> int:
    """How deep macros stand within macros: what makes an expression slow."""
    deepest = 0
    open_at: list[int] = []
    for place, token in enumerate(tokens):
        while open_at and token.text == ")" and token.depth <= open_at[-1]:
            open_at.pop()
        if _is_macro(tokens, place):
            open_at.append(token.depth)
            deepest = max(deepest, len(open_at))
    return deepest


def _is_macro(tokens: list[Token], place: int) -> bool:
    return tokens[place].text in MACROS and place + 1 < len(tokens) and tokens[place + 1].text == "("
