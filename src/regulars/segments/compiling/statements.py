"""Whole statements about one segment: how many match, who is wrongly in or out, and putting that right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.members.facade import EVERYBODY
from regulars.segments.compiling.calendar import Day
from regulars.segments.compiling.conditions import Compiled, Compiler, join_membership
from regulars.segments.tree.nodes import Node
from regulars.segments.vocabulary import Vocabulary

PREVIEW = """
WITH hit AS MATERIALIZED ({matching})
SELECT (SELECT count(*) FROM hit),
    ARRAY(SELECT member_id FROM hit ORDER BY hashint8(member_id), member_id LIMIT %(sample_size)s)
"""
# What is to change: fenced by OFFSET, so that values are worked out of rows once.
_DIFFERENCE = """
SELECT member_id, belongs, jsonb_build_object({facts}) AS facts FROM (
    SELECT {id} AS member_id, ({present} AND {condition}) IS TRUE AS belongs,
        mine.member_id IS NOT NULL AS was {values}
    FROM {source}
    {mine}
    {joins}
    {scope} OFFSET 0
) tested WHERE belongs <> was
"""
_APPLY = """
WITH difference AS MATERIALIZED ({difference}), gone AS (
    DELETE FROM segments_membership
    WHERE segment_id = %(segment_id)s
        AND member_id = ANY(ARRAY(SELECT member_id FROM difference WHERE NOT belongs))
), come AS (
    INSERT INTO segments_membership (segment_id, member_id, since)
    SELECT %(segment_id)s, member_id, %(at)s FROM difference WHERE belongs ORDER BY member_id
), told AS (
    INSERT INTO segments_change (segment_id, member_id, entered, happened_at, version, cause, facts)
    SELECT %(segment_id)s, member_id, belongs, %(at)s, %(version)s, %(cause)s, facts
    FROM difference ORDER BY member_id
)
SELECT count(*) FILTER (WHERE belongs), count(*) FILTER (WHERE NOT belongs) FROM difference
"""
_MATCHING = "SELECT {id} AS member_id FROM {source} {joins} WHERE {present} AND {condition}"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with named parameters."""

    sql: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A tree, asked of everybody on a day. `segment_ids` are the numbers of the segments it names."""

    node: Node
    vocabulary: Vocabulary
    day: Day
    uid: str
    segment_ids: Mapping[str, int]

    def compile(self, *, scoped: bool = False) -> Compiled:
        """The pieces of a statement."""
        made = Compiler(self.vocabulary, self.day, self.uid, self.segment_ids, scoped)
        return made.compile(self.node)


def state_preview(question: Question, sample_size: int) -> Statement:
    """One row: how many match, and the numbers of some of them."""
    compiled = question.compile()
    return Statement(
        PREVIEW.format(matching=_fill(_MATCHING, compiled)), {**compiled.params, "sample_size": sample_size}
    )


def state_matching(question: Question) -> Statement:
    """The numbers of all who match."""
    compiled = question.compile()
    return Statement(_fill(_MATCHING, compiled), compiled.params)


def state_difference(question: Question, segment_id: int, *, scoped: bool = False) -> Statement:
    """Rows (member_id, belongs, facts) of those who are wrongly in or out.

    Scoped, it asks for the parameters `scope` (whom to test) and `reach` (they, and whoever was
    merged into them).
    """
    compiled = question.compile(scoped=scoped)
    names = [f"v{place}" for place in range(len(compiled.values))]
    params = dict(compiled.params)
    facts = []
    for name, (path, _value) in zip(names, compiled.values, strict=True):
        params[f"path_{name}"] = path
        facts.append(f"%(path_{name})s::text, to_jsonb({name})")
    values = "".join(f", {value} AS {name}" for name, (_, value) in zip(names, compiled.values, strict=True))
    scope = f"WHERE {EVERYBODY.id} = ANY(%(scope)s::bigint[])" if scoped else ""
    mine = join_membership("mine", "%(segment_id)s", scoped=scoped)
    sql = _fill(_DIFFERENCE, compiled, facts=", ".join(facts), values=values, scope=scope, mine=mine)
    return Statement(sql, {**params, "segment_id": segment_id})


def state_application(difference: Statement, *, version: int, cause: str, at: datetime) -> Statement:
    """Put right what differs, and write down each change. One row: how many entered, how many left."""
    more = {"version": version, "cause": cause, "at": at}
    return Statement(_APPLY.format(difference=difference.sql), {**difference.params, **more})


def _fill(template: str, compiled: Compiled, **more: str) -> str:
    return template.format(
        id=EVERYBODY.id,
        source=EVERYBODY.source,
        present=f"({EVERYBODY.is_present})",
        joins=compiled.joins,
        condition=compiled.condition,
        **more,
    )
