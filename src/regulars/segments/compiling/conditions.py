"""One condition tree as pieces of a statement: joins, a condition in three-valued logic, and its values.

What is not known is neither so nor not so: SQL's NULL, carried through AND, OR and NOT as Kleene's logic does
(S. C. Kleene, "On notation for ordinal numbers", 1938). A member belongs where the whole tree is true.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from regulars.kit.relations import Column, Relation, Trait, ValueKind
from regulars.members.facade import EVERYBODY, declare_attribute
from regulars.segments.compiling.calendar import Day, Stretch, resolve_window
from regulars.segments.tree.nodes import (
    Aggregate,
    All,
    AnyOf,
    InSegment,
    Leaf,
    Measured,
    Node,
    Not,
    Op,
    Relative,
    Test,
    TraitTest,
)
from regulars.segments.vocabulary import ATTRIBUTE, ZONE, Vocabulary

BUCKETS = 100


@dataclass(frozen=True, slots=True)
class Compiled:
    """The pieces. `values` are (path in the tree, expression). `is_daily`: the calendar alone changes it."""

    joins: str
    condition: str
    values: tuple[tuple[str, str], ...]
    params: Mapping[str, Any]
    watches: frozenset[str]
    stamps: frozenset[str]
    is_daily: bool


@dataclass
class Compiler:
    """Collects joins and parameters while it goes through a tree. One for each statement.

    With `scoped` the statement is about the members in the parameter `scope` only, and `reach` holds them and
    those who were merged into them.
    """

    vocabulary: Vocabulary
    day: Day
    uid: str
    segment_ids: Mapping[str, int]
    scoped: bool = False
    joins: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    known: dict[Any, str] = field(default_factory=dict)
    values: list[tuple[str, str]] = field(default_factory=list)
    watches: set[str] = field(default_factory=set)
    stamps: set[str] = field(default_factory=set)
    is_daily: bool = False

    def compile(self, node: Node) -> Compiled:
        """The pieces of a tree."""
        self.params |= {"today": self.day.today, "zone": self.day.zone.key}
        self.watches.update(self.vocabulary.everybody)
        condition = self._node(node, "match")
        for watch in tuple(self.watches):
            self.watches.update(self.vocabulary.causes.get(watch, ()))
        if self.is_daily:
            self.stamps.add(ZONE)
        return Compiled(
            "\n".join(self.joins),
            condition,
            tuple(self.values),
            self.params,
            frozenset(self.watches),
            frozenset(self.stamps),
            self.is_daily,
        )

    def _node(self, node: Node, path: str) -> str:
        if isinstance(node, All | AnyOf):
            name, word = ("all", " AND ") if isinstance(node, All) else ("any", " OR ")
            parts = [self._node(one, f"{path}.{name}.{place}") for place, one in enumerate(node.children)]
            return f"({word.join(parts)})"
        if isinstance(node, Not):
            return f"(NOT {self._node(node.child, f'{path}.not')})"
        return self._leaf(node, path)

    def _leaf(self, leaf: Leaf, path: str) -> str:
        if isinstance(leaf, Measured):
            return self._measured(leaf, path)
        if isinstance(leaf, TraitTest):
            value = self._trait(leaf.trait, _kind_of(leaf.tests))
            self.values.append((path, value))
            known = self.vocabulary.traits.get(leaf.trait)
            many = known is not None and known.kind is ValueKind.TEXTS
            return self._all(self._plain(value, test, many=many) for test in leaf.tests)
        if isinstance(leaf, InSegment):
            value = self._membership(leaf.code)
            self.values.append((path, value))
            return value
        value = self._bucket()
        self.values.append((path, value))
        return f"({value} >= {self._param(leaf.first)} AND {value} < {self._param(leaf.before)})"

    def _measured(self, leaf: Measured, path: str) -> str:
        relation = self.vocabulary.relations[leaf.relation]
        self.watches.update(relation.watches)
        stretch = resolve_window(leaf.window, self.day)
        if not leaf.window.is_all_time:
            self.stamps.add(ZONE)
        self.is_daily |= leaf.aggregate is Aggregate.DAYS_SINCE or not (
            leaf.window.is_all_time or leaf.window.first is not None
        )
        alias = self._rows(relation, leaf, stretch)
        value = self._aggregate(relation, leaf, alias)
        self.values.append((path, value))
        if leaf.aggregate is Aggregate.DAYS_SINCE:
            tenure = f"(%(today)s::date - ({EVERYBODY.joined_at} AT TIME ZONE %(zone)s)::date)"
            return self._all(
                self._guarded(value, test, "" if leaf.new_members else f"{tenure} < ", by_bound=True)
                for test in leaf.tests
            )
        young = ""
        if stretch.start is not None and not leaf.new_members and not relation.ahead:
            young = f"{EVERYBODY.joined_at} >= {self._param(stretch.start)}::timestamptz"
        return self._all(self._guarded(value, test, young) for test in leaf.tests)

    def _rows(self, relation: Relation, leaf: Measured, stretch: Stretch) -> str:
        """The alias of a join that aggregates these rows by member; one for all that ask about the same."""
        key = (relation.name, leaf.filters, stretch, leaf.column, leaf.aggregate is Aggregate.SUM)
        if key in self.known:
            return self.known[key]
        columns = {column.name: column for column in relation.columns}
        used = [columns[one.column] for one in leaf.filters]
        if leaf.aggregate is Aggregate.SUM:
            used.append(columns[leaf.column])
        conditions = [relation.where] if relation.where else []
        if stretch.start is not None:
            conditions.append(f"{relation.occurred_at} >= {self._param(stretch.start)}::timestamptz")
        if stretch.end is not None:
            conditions.append(f"{relation.occurred_at} < {self._param(stretch.end)}::timestamptz")
        for one in leaf.filters:
            conditions += [self._compare(columns[one.column], test) for test in one.tests]
        conditions += self._within_reach(relation.member)
        for column in used:
            self.stamps.update(relation.stamps if column.join else ())
        total = f", sum({columns[leaf.column].sql}) AS total" if leaf.aggregate is Aggregate.SUM else ""
        extra = " ".join(dict.fromkeys(column.join for column in used if column.join))
        alias = self.known[key] = f"a{len(self.joins)}"
        values = f"count(*) AS number, max({relation.occurred_at}) AS last_at{total}"
        self.joins.append(
            join_gathered(alias, values, f"{relation.source} {extra}", relation.member, conditions)
        )
        return alias

    def _within_reach(self, member: str) -> list[str]:
        return [f"{member} = ANY(%(reach)s::bigint[])"] if self.scoped else []

    def _aggregate(self, relation: Relation, leaf: Measured, alias: str) -> str:  # noqa: ARG002
        if leaf.aggregate is Aggregate.COUNT:
            return f"coalesce({alias}.number, 0)"
        if leaf.aggregate is Aggregate.SUM:
            return f"coalesce({alias}.total, 0)"
        return f"(%(today)s::date - ({alias}.last_at AT TIME ZONE %(zone)s)::date)"

    def _trait(self, name: str, kind: ValueKind | None) -> str:
        if name.startswith(ATTRIBUTE):
            key = self._param(name.removeprefix(ATTRIBUTE)).removeprefix("%(").removesuffix(")s")
            own = declare_attribute(name, "", kind, key)
            self.watches.update(own.watches)
            return own.sql
        trait = self.vocabulary.traits[name]
        self.watches.update(trait.watches)
        self.stamps.update(trait.stamps)
        self.is_daily |= trait.is_daily
        self.params |= trait.params
        if not trait.source:
            return f"({trait.sql})"
        value = f"{self._trait_join(trait)}.value"
        return f"coalesce({value}, {trait.absent})" if trait.absent else value

    def _trait_join(self, trait: Trait) -> str:
        key = ("trait", trait.name)
        if key in self.known:
            return self.known[key]
        alias = self.known[key] = f"a{len(self.joins)}"
        if trait.gathers:
            conditions = [*([trait.where] if trait.where else []), *self._within_reach(trait.member)]
            join = join_gathered(alias, f"{trait.sql} AS value", trait.source, trait.member, conditions)
        elif self.scoped:
            # Fenced by OFFSET, so that what is asked for one member is not worked out for all.
            join = f"""LEFT JOIN LATERAL (
    SELECT {trait.sql} AS value FROM {trait.source} WHERE {trait.member} = {EVERYBODY.id} OFFSET 0
) {alias} ON TRUE"""  # noqa: S608
        else:
            join = f"""LEFT JOIN (
    SELECT {trait.member} AS owner, {trait.sql} AS value FROM {trait.source}
) {alias} ON {alias}.owner = {EVERYBODY.id}"""  # noqa: S608
        self.joins.append(join)
        return alias

    def _membership(self, code: str) -> str:
        key = ("segment", code)
        if key not in self.known:
            alias = self.known[key] = f"a{len(self.joins)}"
            number = self._param(self.segment_ids[code])
            self.joins.append(join_membership(alias, number, scoped=self.scoped))
        return f"({self.known[key]}.member_id IS NOT NULL)"

    def _bucket(self) -> str:
        uid = self._param(self.uid)
        digest = f"md5({uid} || ':' || {EVERYBODY.id}::text)"
        return f"(('x' || substr({digest}, 1, 8))::bit(32)::bigint %% {BUCKETS})"

    def _guarded(self, value: str, test: Test, young: str, *, by_bound: bool = False) -> str:
        """A comparison that is unknown where it rests on nothing having been seen of a new member.

        What is there cannot go away, what is not there may only not have had the time: "at least" of a count
        is certain when it is so, "at most" when it is not. For days since the last it is the other way round.
        """
        if test.op is Op.IS:
            both = (Test(Op.AT_LEAST, test.bound), Test(Op.AT_MOST, test.bound))
            return self._all(self._guarded(value, one, young, by_bound=by_bound) for one in both)
        plain = self._plain(value, test)
        if not young or test.op is Op.KNOWN:
            return plain
        self.watches.update(EVERYBODY.joined_watches)
        new = f"{young}{self._bound(test.bound)}" if by_bound else young
        certain_when_so = (test.op is Op.AT_LEAST) is not by_bound
        if certain_when_so:
            return f"(CASE WHEN {plain} THEN TRUE WHEN {new} THEN NULL ELSE {plain} END)"
        return f"(CASE WHEN NOT {plain} THEN FALSE WHEN {new} THEN NULL ELSE {plain} END)"

    def _compare(self, column: Column, test: Test) -> str:
        return self._plain(column.sql, test, many=column.kind is ValueKind.TEXTS)

    def _plain(self, value: str, test: Test, *, many: bool = False) -> str:
        if test.op is Op.KNOWN:
            return f"({value} IS {'NOT ' if test.bound else ''}NULL)"
        if test.op is Op.ONE_OF:
            return f"({value} {'&&' if many else '= ANY'} ({self._param(_listed(test.bound))}::text[]))"
        if many:
            return f"({self._param(test.bound)} = ANY({value}))"
        sign = {Op.AT_LEAST: ">=", Op.AT_MOST: "<=", Op.IS: "="}[test.op]
        return f"({value} {sign} {self._bound(test.bound)})"

    def _bound(self, bound: Any) -> str:
        if not isinstance(bound, Relative):
            return self._param(bound)
        if bound.trait:
            return f"({self._param(bound.times)} * {self._trait(bound.trait, ValueKind.NUMBER)})"
        shop_value = self.vocabulary.shop_values[bound.shop]
        self.stamps.update(shop_value.stamps)
        inner = f"SELECT (found.value)::numeric FROM ({shop_value.sql}) found (value)"  # noqa: S608
        return f"({self._param(bound.times)} * ({inner}))"

    def _param(self, value: Any) -> str:
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    @staticmethod
    def _all(parts: Any) -> str:
        return f"({' AND '.join(parts)})"


def join_gathered(alias: str, values: str, source: str, member: str, conditions: Sequence[str]) -> str:
    """Rows gathered by whose they are: what the merged did is the survivor's.

    Texts of the rooms and of this module; what users wrote is among the parameters.
    """
    return f"""LEFT JOIN (
    SELECT coalesce(gone.merged_into, {member}) AS owner, {values}
    FROM {source}
    LEFT JOIN ({EVERYBODY.merged}) gone ON gone.id = {member}
    {"WHERE " + " AND ".join(conditions) if conditions else ""} GROUP BY 1
) {alias} ON {alias}.owner = {EVERYBODY.id}"""  # noqa: S608


def join_membership(alias: str, segment: str, *, scoped: bool) -> str:
    """Whether members are in a segment, whose number the parameter `segment` holds.

    Of few members each is looked up, fenced by OFFSET: what the planner knows of a segment's size may be of
    before everybody came, and it would read all of them.
    """
    mine = f"segment_id = {segment} AND member_id = {EVERYBODY.id}"
    if scoped:
        inner = f"SELECT member_id FROM segments_membership WHERE {mine} OFFSET 0"  # noqa: S608
        return f"LEFT JOIN LATERAL ({inner}) {alias} ON TRUE"
    whole = f"{alias}.segment_id = {segment} AND {alias}.member_id = {EVERYBODY.id}"
    return f"LEFT JOIN segments_membership {alias} ON {whole}"


def _kind_of(tests: Sequence[Test]) -> ValueKind | None:
    """What an attribute of the shop's own is read as: what it is compared with, or (None) whatever it is."""
    bound = tests[0].bound
    if tests[0].op is Op.KNOWN:
        return None
    if isinstance(bound, bool):
        return ValueKind.FLAG
    return ValueKind.NUMBER if isinstance(bound, int | float | Relative) else ValueKind.TEXT


def _listed(bound: Any) -> list[str]:
    return list(bound)
