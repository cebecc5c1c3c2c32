"""Segments in words: what a tree means, and which values put a member in or out."""

from datetime import datetime
from typing import Any

from regulars.analytics import facade as analytics
from regulars.segments.builtin import BUILT_IN
from regulars.segments.models import Segment
from regulars.segments.queries.loading import Asking
from regulars.segments.queries.segments import find_tree
from regulars.segments.tree.nodes import Node, TraitTest, list_segments_named, walk_leaves
from regulars.segments.tree.saying import Speaker
from regulars.segments.types import FactLine, MembershipChange

LIFESTYLE = "measure.lifestyle"
NAMED_SEGMENT = "measure.named_segment"


def describe_tree(*, tree: Any, now: datetime) -> str:
    """What a tree means, in the language that is on. Raises TreeInvalid."""
    asking = Asking(now)
    node = asking.read(tree)
    return _speaker(asking, node).say(node)


def explain_change(change: MembershipChange, *, now: datetime) -> list[FactLine]:
    """Each condition of the tree of then, with the value it had for the member. Two queries.

    Empty where the tree cannot be read any more, or the facts were erased with the person.
    """
    tree = find_tree(change.segment_id, change.version)
    if tree is None or not change.facts:
        return []
    asking = Asking(now)
    node = asking.read(tree)
    speaker = _speaker(asking, node)
    return [
        FactLine(path, speaker.say_leaf(leaf), speaker.say_value(leaf, change.facts.get(path)))
        for path, leaf in walk_leaves(node)
    ]


def _speaker(asking: Asking, node: Node) -> Speaker:
    named = list_segments_named(node)
    names: dict[str, str] = {}
    if named:
        names = dict(Segment.objects.filter(code__in=named).values_list("code", "name"))
        names |= {one.code: str(one.name) for one in BUILT_IN if one.code in named}
    currency = "" if asking.programme is None else asking.programme.currency
    return Speaker(asking.vocabulary, currency, names, _list_choices(node))


def _list_choices(node: Node) -> dict[str, dict[str, str]]:
    """What values are called that the shop or its reader names; one query where lifestyles are asked for."""
    traits = {leaf.trait for _path, leaf in walk_leaves(node) if isinstance(leaf, TraitTest)}
    choices = {}
    if NAMED_SEGMENT in traits:
        choices[NAMED_SEGMENT] = {
            one.value: analytics.describe_segment(one).name for one in analytics.Segment
        }
    if LIFESTYLE in traits:
        choices[LIFESTYLE] = {one.code: one.name for one in analytics.list_lifestyles()}
    return choices
