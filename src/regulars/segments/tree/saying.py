"""A condition tree as a plain sentence, in the language that is on."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.kit.money import format_money
from regulars.kit.relations import Unit, ValueKind
from regulars.kit.shares import format_share
from regulars.segments.tree.nodes import (
    Aggregate,
    All,
    AnyOf,
    Bucket,
    Filter,
    InSegment,
    Leaf,
    Measured,
    Node,
    Not,
    Op,
    Relative,
    Test,
    TraitTest,
    Window,
)
from regulars.segments.vocabulary import ATTRIBUTE, Vocabulary

DECIMALS_MAX = 2


class Speaker:
    """Says trees. `currency` is the programme's; `names` are those of segments by code, `choices` what values
    of a trait are called where the shop names them itself.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        currency: str = "",
        names: dict[str, str] | None = None,
        choices: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.currency = currency
        self.names = names or {}
        self.choices = choices or {}

    def say(self, node: Node) -> str:
        """The whole tree: "Members with: …"."""
        return _("Members with: %(conditions)s.") % {"conditions": self._node(node, inner=False)}

    def say_leaf(self, leaf: Leaf) -> str:
        """One condition."""
        if isinstance(leaf, TraitTest):
            return self._trait(leaf)
        if isinstance(leaf, Measured):
            return self._measured(leaf)
        if isinstance(leaf, InSegment):
            return _("in the segment “%(name)s”") % {"name": self.names.get(leaf.code, leaf.code)}
        return self._bucket(leaf)

    def say_value(self, leaf: Leaf, value: Any) -> str:
        """A value that a condition had for a member, as a person reads it."""
        if value is None:
            return _("not known")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(leaf, Measured):
            return self._number(value, self._unit_of(leaf))
        if isinstance(leaf, TraitTest):
            trait = self.vocabulary.traits.get(leaf.trait)
            if trait is not None and trait.kind is ValueKind.NUMBER:
                return self._number(value, trait.unit)
            values = value if isinstance(value, list) else [value]
            return ", ".join(self._choice(leaf.trait, str(one)) for one in values)
        return str(value)

    def _node(self, node: Node, *, inner: bool = True) -> str:
        if isinstance(node, All | AnyOf):
            parts = [self._node(child) for child in node.children]
            joint = _("; and ") if isinstance(node, All) else _("; or ")
            text = joint.join(parts)
            return f"({text})" if inner and len(parts) > 1 else text
        if isinstance(node, Not):
            return _("not: %(condition)s") % {"condition": self._node(node.child)}
        return self.say_leaf(node)

    def _trait(self, leaf: TraitTest) -> str:
        trait = self.vocabulary.traits.get(leaf.trait)
        if trait is None:
            label, unit = leaf.trait.removeprefix(ATTRIBUTE), Unit.PLAIN
        else:
            label, unit = str(trait.label), trait.unit
        return f"{label}: {self._tests(leaf.tests, unit, leaf.trait)}"

    def _measured(self, leaf: Measured) -> str:
        relation = self.vocabulary.relations[leaf.relation]
        parts = [str(relation.label)]
        if leaf.aggregate is Aggregate.DAYS_SINCE:
            parts = [_("days since the last of: %(rows)s") % {"rows": relation.label}]
        if leaf.aggregate is Aggregate.SUM:
            column = next(one for one in relation.columns if one.name == leaf.column)
            parts = [_("%(rows)s, %(column)s in all") % {"rows": relation.label, "column": column.label}]
        if leaf.filters:
            parts.append(f"({', '.join(self._filter(leaf.relation, one) for one in leaf.filters)})")
        if not leaf.window.is_all_time:
            parts.append(self._window(leaf.window))
        parts[-1] += ":"
        parts.append(self._tests(leaf.tests, self._unit_of(leaf)))
        if leaf.new_members:
            parts.append(_("(those who joined since count too)"))
        return " ".join(parts)

    def _unit_of(self, leaf: Measured) -> Unit:
        if leaf.aggregate is Aggregate.DAYS_SINCE:
            return Unit.DAYS
        if leaf.aggregate is Aggregate.COUNT:
            return Unit.PLAIN
        relation = self.vocabulary.relations[leaf.relation]
        return next(one.unit for one in relation.columns if one.name == leaf.column)

    def _filter(self, relation: str, told: Filter) -> str:
        column = next(one for one in self.vocabulary.relations[relation].columns if one.name == told.column)
        return f"{column.label} {self._tests(told.tests, column.unit)}"

    def _window(self, window: Window) -> str:
        if window.next_days is not None:
            return ngettext(
                "within the next %(days)d day", "within the next %(days)d days", window.next_days
            ) % {"days": window.next_days}
        if window.first is not None and window.before is not None:
            return _("from %(first)s until before %(before)s") % {
                "first": date_format(window.first),
                "before": date_format(window.before),
            }
        days = window.from_days_ago or 0
        if window.to_days_ago:
            return _("from %(first)d to %(last)d days ago") % {"first": days, "last": window.to_days_ago}
        return ngettext("in the last %(days)d day", "in the last %(days)d days", days) % {"days": days}

    def _tests(self, tests: Sequence[Test], unit: Unit, trait: str = "") -> str:
        return f" {_('and')} ".join(self._test(test, unit, trait) for test in tests)

    def _test(self, test: Test, unit: Unit, trait: str) -> str:
        if test.op is Op.KNOWN:
            return _("known") if test.bound else _("not known")
        value = self._bound(test.bound, unit, trait)
        return {
            Op.AT_LEAST: _("at least %(value)s"),
            Op.AT_MOST: _("at most %(value)s"),
            Op.IS: _("is %(value)s"),
            Op.ONE_OF: _("is one of %(value)s"),
        }[test.op] % {"value": value}

    def _bound(self, bound: Any, unit: Unit, trait: str) -> str:
        if isinstance(bound, Relative):
            if bound.shop:
                label = str(self.vocabulary.shop_values[bound.shop].label)
            else:
                label = str(self.vocabulary.traits[bound.trait].label)
            return (
                label
                if bound.times == 1
                else _("%(times)s × %(value)s")
                % {
                    "times": f"{bound.times:g}",
                    "value": label,
                }
            )
        if isinstance(bound, bool):
            return _("yes") if bound else _("no")
        if isinstance(bound, tuple):
            return ", ".join(f"“{self._choice(trait, one)}”" for one in bound)
        if isinstance(bound, str):
            return f"“{self._choice(trait, bound)}”"
        return self._number(bound, unit)

    def _choice(self, trait: str, value: str) -> str:
        known = self.vocabulary.traits.get(trait)
        told = self.choices.get(trait, {}).get(value)
        return str(told or dict(known.choices if known else ()).get(value, value))

    def _number(self, number: Any, unit: Unit) -> str:
        if unit is Unit.MONEY and self.currency:
            return format_money(round(number), self.currency)
        if unit is Unit.SHARE:
            return format_share(number, None)
        decimals = 0 if number == int(number) else DECIMALS_MAX
        text = number_format(number, decimals, force_grouping=True)
        if unit is Unit.DAYS:
            return ngettext("%(days)s day", "%(days)s days", math.ceil(number)) % {"days": text}
        return text

    def _bucket(self, leaf: Bucket) -> str:
        return _("a random %(share)s that stays the same (buckets %(first)d to %(last)d of 0 to 99)") % {
            "share": format_share((leaf.before - leaf.first) / 100, 0),
            "first": leaf.first,
            "last": leaf.before - 1,
        }
