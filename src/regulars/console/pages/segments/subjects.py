"""What can be asked in the builder: subjects, columns, and the values that there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from regulars.analytics import facade as analytics
from regulars.analytics.facade import Segment
from regulars.console.pages.insights.wording import name_segment
from regulars.kit.relations import ValueKind
from regulars.segments.facade import Vocabulary

Choices = Sequence[tuple[str, str]]
"""(code, what it is called)."""
LIFESTYLE, NAMED_SEGMENT = "measure.lifestyle", "measure.named_segment"


@dataclass(frozen=True, slots=True)
class Form:
    """What fields are read by: the words there are, the currency of money, what values are called."""

    vocabulary: Vocabulary
    currency: str
    choices: Mapping[str, Choices]
    relatives: Mapping[str, str]
    """What numbers may be compared with, and what it is called: of the shop, and numbers of the member."""


def make_form(vocabulary: Vocabulary, currency: str) -> Form:
    """For one page. One query."""
    choices: dict[str, Choices] = {
        trait.name: [(code, str(label)) for code, label in trait.choices]
        for trait in vocabulary.traits.values()
        if trait.choices
    }
    choices[NAMED_SEGMENT] = [(one.value, name_segment(one)) for one in Segment]
    if styles := [(one.code, one.name) for one in analytics.list_lifestyles()]:
        choices[LIFESTYLE] = styles
    relatives = {one.name: str(one.label) for one in vocabulary.shop_values.values()}
    relatives |= {
        one.name: str(one.label) for one in vocabulary.traits.values() if one.kind is ValueKind.NUMBER
    }
    return Form(vocabulary, currency, choices, relatives)


def list_subjects(vocabulary: Vocabulary, segments: Choices) -> list[tuple[str, Choices]]:
    """What can be asked, in groups: (group, [(value, label)])."""
    relations = list(vocabulary.relations.values())
    behind = [one for one in relations if not one.ahead]
    # A closed select shows no group: each says in itself what it asks.
    did = [(f"count:{one.name}", _("number: %(rows)s") % {"rows": one.label}) for one in relations]
    since = [(f"days_since:{one.name}", _("days since: %(rows)s") % {"rows": one.label}) for one in behind]
    sums = [
        (
            f"sum:{one.name}.{column.name}",
            _("sum: %(rows)s, %(column)s") % {"rows": one.label, "column": column.label},
        )
        for one in relations
        for column in one.columns
        if column.kind is ValueKind.NUMBER
    ]
    known = [(f"trait:{one.name}", str(one.label)) for one in vocabulary.traits.values()]
    own = ("attribute:", _("an attribute of the shop’s own …"))
    groups: list[tuple[str, Choices]] = [
        (_("How often"), did),
        (_("Days since the last of"), since),
        (_("Sum of"), sums),
        (_("What is known of the member"), [*known, own]),
    ]
    if segments:
        groups.append((_("In the segment"), [(f"segment:{code}", name) for code, name in segments]))
    groups.append((_("Chance"), [("bucket:", _("a random share (percent)"))]))
    return groups


def list_columns(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """By what rows can be narrowed, each column once."""
    found = {
        column.name: str(column.label)
        for relation in vocabulary.relations.values()
        for column in relation.columns
    }
    return list(found.items())
