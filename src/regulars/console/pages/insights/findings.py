"""A finding of the check-up as the page has it: what it is, the evidence, a step that may help, and where."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.analytics import facade as analytics
from regulars.analytics.facade import Finding, FindingCode, Subject, Unit
from regulars.console.pages.insights.figures import write_value

Columns = tuple[tuple[str, Promise, Unit], ...]
"""Name among the figures of a subject, head of the column, unit."""


@dataclass(frozen=True, slots=True)
class ShownSubject:
    """A reward, tier or segment that a finding is about, with its figures in the order of the heads."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding in the reader's language. `step_href` leads to where something can be done about it."""

    code: str
    name: str
    evidence: str
    step: str
    step_href: str
    urgent: bool
    about: str
    heads: tuple[str, ...]
    subjects: tuple[ShownSubject, ...]
    behind_href: str


_PRICES: Columns = (
    ("price_points", _("Costs, points"), Unit.POINTS),
    ("can_afford", _("Could have it now"), Unit.MEMBERS),
    ("days_to_earn", _("Takes to earn"), Unit.DAYS),
)
COLUMNS: Mapping[FindingCode, Columns] = {
    FindingCode.REWARD_UNTAKEN: _PRICES,
    FindingCode.REWARD_OUT_OF_REACH: _PRICES,
    FindingCode.REWARD_GIVEN_AWAY: _PRICES,
    FindingCode.TIER_UNREACHED: (
        ("members", _("Members"), Unit.MEMBERS),
        ("share", _("Share"), Unit.SHARE),
    ),
    FindingCode.SEGMENT_LEAVING: (
        ("members", _("Members"), Unit.MEMBERS),
        ("left", pgettext_lazy("members", "Lapsed"), Unit.MEMBERS),
        ("share", _("Share"), Unit.SHARE),
    ),
}
PLACES: Mapping[FindingCode, str] = {
    FindingCode.REWARD_UNTAKEN: "console:rewards",
    FindingCode.REWARD_OUT_OF_REACH: "console:rewards",
    FindingCode.REWARD_GIVEN_AWAY: "console:rewards",
    FindingCode.RULES_TOO_MANY: "console:programme",
    FindingCode.TIER_UNREACHED: "console:programme",
}
"""Where the step is done."""
KINDS: Mapping[str, Promise] = {
    "reward": _("Reward"),
    "tier": _("Tier"),
    "segment": _("Segment"),
}


def show_finding(finding: Finding, behind_href: str, name_subject: Callable[[Subject], str]) -> ShownFinding:
    """A finding in words, with what it is about as rows."""
    wording = analytics.describe_finding(finding)
    columns = COLUMNS.get(finding.code, ())
    place = PLACES.get(finding.code)
    return ShownFinding(
        code=finding.code.value,
        name=wording.title,
        evidence=wording.evidence,
        step=wording.step,
        step_href=reverse(place) if place else "",
        urgent=finding.urgent,
        about=str(KINDS.get(finding.subjects[0].kind, "")) if finding.subjects else "",
        heads=tuple(str(head) for _name, head, _unit in columns),
        subjects=tuple(
            ShownSubject(
                name_subject(subject),
                tuple(write_value(subject.figures.get(name), unit) for name, _head, unit in columns),
            )
            for subject in finding.subjects
        ),
        behind_href=behind_href,
    )
