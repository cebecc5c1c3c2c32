"""The nodes of a condition tree: frozen, compared by value, made only by `reading`."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

TREE_VERSION = 1
"""Of the JSON form. A tree says which one it is written in."""


class Op(StrEnum):
    """How a value is compared."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    IS = "is"
    ONE_OF = "one_of"
    KNOWN = "known"


class Aggregate(StrEnum):
    """What is made of the rows of a relation."""

    COUNT = "count"
    SUM = "sum"
    DAYS_SINCE = "days_since"
    """Days since the last of them, in calendar days; unknown where there is none."""


@dataclass(frozen=True, slots=True)
class Relative:
    """So many times another value: of the member (`trait`) or of the whole shop (`shop`)."""

    times: float
    trait: str = ""
    shop: str = ""


Bound = int | float | str | bool | tuple[str, ...] | Relative


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison."""

    op: Op
    bound: Bound

    __test__ = False  # for pytest, which collects what is called so


@dataclass(frozen=True, slots=True)
class Window:
    """Days in the shop's time zone; without any, all time.

    `from_days_ago` and `to_days_ago`: the days on which today was that many days away, the first exclusive
    and the second inclusive; (7, 0) is today and the six days before. `next_days`: from today on, and so
    many days more. `first` and `before`: fixed days, half-open.
    """

    from_days_ago: int | None = None
    to_days_ago: int = 0
    next_days: int | None = None
    first: date | None = None
    before: date | None = None

    @property
    def is_all_time(self) -> bool:
        """Whether nothing is left out."""
        return self == ALL_TIME


ALL_TIME = Window()


@dataclass(frozen=True, slots=True)
class All:
    """Every one of them holds."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of them holds."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """It is known not to hold."""

    child: "Node"


@dataclass(frozen=True, slots=True)
class TraitTest:
    """A value of the member."""

    trait: str
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows of a relation are meant."""

    column: str
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A count, a sum or the age of the last of the rows of a relation.

    What is said of a stretch of time is known only of those who were members throughout, unless
    `new_members`: then whoever joined within it counts as everybody else.
    """

    aggregate: Aggregate
    relation: str
    tests: tuple[Test, ...]
    column: str = ""
    filters: tuple[Filter, ...] = ()
    window: Window = ALL_TIME
    new_members: bool = False


@dataclass(frozen=True, slots=True)
class InSegment:
    """Belongs to another segment, by its membership as it stands."""

    code: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """A random share that stays the same: of a hundred buckets, `first` (inclusive) up to `before`."""

    first: int
    before: int


Leaf = TraitTest | Measured | InSegment | Bucket
Node = All | AnyOf | Not | Leaf


def walk_leaves(node: Node, path: str = "match") -> list[tuple[str, Leaf]]:
    """Every leaf with its path in the tree, in order."""
    if isinstance(node, All | AnyOf):
        name = "all" if isinstance(node, All) else "any"
        return [
            found
            for place, child in enumerate(node.children)
            for found in walk_leaves(child, f"{path}.{name}.{place}")
        ]
    if isinstance(node, Not):
        return walk_leaves(node.child, f"{path}.not")
    return [(path, node)]


def list_segments_named(node: Node) -> set[str]:
    """The codes of the segments that the tree stands on."""
    return {leaf.code for _, leaf in walk_leaves(node) if isinstance(leaf, InSegment)}
