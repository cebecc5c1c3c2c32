"""The check-up: what ruins programmes, looked for in this one, with the evidence and a step that may help."""

from dataclasses import dataclass

from regulars.analytics.facade import CheckUp, Finding, Measure, Segment, Subject
from regulars.console.pages.insights.figures import write_period
from regulars.console.pages.insights.findings import ShownFinding, show_finding
from regulars.console.pages.insights.frame import Frame
from regulars.console.pages.insights.sheets import Sheet, SheetCell
from regulars.console.pages.insights.wording import LOOKED_FOR, name_segment, say_unknown

FIRST = 3


@dataclass(frozen=True, slots=True)
class CheckUpPage:
    """Urgent findings first. `sound` was looked at and is well; `untold` could not be judged, and why."""

    findings: tuple[ShownFinding, ...]
    sound: tuple[str, ...]
    untold: tuple[tuple[str, str], ...]
    period: str
    charts: tuple[Sheet, ...] = ()

    @property
    def more(self) -> int:
        """How many findings there are beyond the three that the front page shows."""
        return max(0, len(self.findings) - FIRST)


def show_check_up(report: CheckUp, frame: Frame) -> CheckUpPage:
    """The report as the page has it."""
    ordered = sorted(report.findings, key=lambda one: not one.urgent)
    shown = tuple(show_finding(one, _behind(one, frame), _name_subject) for one in ordered)
    return CheckUpPage(
        findings=shown,
        sound=tuple(str(LOOKED_FOR[code]) for code in report.sound),
        untold=tuple((str(LOOKED_FOR[code]), say_unknown(why)) for code, why in report.untold),
        period=write_period(report.period),
        charts=(_list_findings(shown, frame),),
    )


def _behind(finding: Finding, frame: Frame) -> str:
    return "" if finding.measure is None else frame.behind(Measure(finding.measure), finding.key)


def _name_subject(subject: Subject) -> str:
    if subject.kind == "segment" and subject.key in set(Segment):
        return name_segment(Segment(subject.key))
    return subject.name or subject.key


def _list_findings(findings: tuple[ShownFinding, ...], frame: Frame) -> Sheet:
    rows = []
    for one in findings:
        about = "; ".join(" ".join((subject.name, *subject.cells)) for subject in one.subjects)
        raw = (one.name, "yes" if one.urgent else "no", one.evidence, one.step, about)
        rows.append(tuple(SheetCell(cell, cell) for cell in raw))
    heads = tuple((head, False) for head in ("finding", "urgent", "evidence", "step", "about"))
    return Sheet("findings", "findings", heads, tuple(rows), frame.csv("findings"))
