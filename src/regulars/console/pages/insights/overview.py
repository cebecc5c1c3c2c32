"""The front page of insights: what asks for attention, and the five numbers that matter."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from regulars.analytics.facade import HEADLINES, CheckUp, Figure, OverviewReport
from regulars.console.pages.insights.check_up import CheckUpPage, show_check_up
from regulars.console.pages.insights.figures import ShownFigure, draw_trend, show_figure
from regulars.console.pages.insights.frame import Frame
from regulars.console.pages.insights.sheets import Sheet, SheetCell
from regulars.design.facade import Chart


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """`headlines` are the five, `others` the rest of what is known of the period; `check_up` asks for
    attention, None where it has not been made.
    """

    check_up: CheckUpPage | None
    headlines: tuple[ShownFigure, ...]
    others: tuple[ShownFigure, ...]
    figures: Sheet
    trends: tuple[Chart, ...]

    @property
    def charts(self) -> list[Chart | Sheet]:
        """All of them, for their files."""
        return [self.figures, *self.trends]


def show_overview(report: OverviewReport, check_up: CheckUp | None, frame: Frame) -> OverviewPage:
    """The report as the page has it."""
    shown = {figure.measure: show_one(figure, frame) for figure in report.figures}
    trends = [draw_trend(figure, frame.csv(f"trend-{figure.measure.value}")) for figure in report.figures]
    return OverviewPage(
        check_up=show_check_up(check_up, frame) if check_up else None,
        headlines=tuple(shown[measure] for measure in HEADLINES if measure in shown),
        others=tuple(one for measure, one in shown.items() if measure not in HEADLINES),
        figures=list_figures(report.figures, frame),
        trends=tuple(one for one in trends if one),
    )


def show_one(figure: Figure, frame: Frame) -> ShownFigure:
    """A figure with its ways to members and its file."""
    return show_figure(
        figure,
        behind=frame.list_behind(figure.measure, figure.behind),
        csv_href=frame.csv(f"trend-{figure.measure.value}"),
    )


def list_figures(figures: Iterable[Figure], frame: Frame) -> Sheet:
    """Figures as a table, for the file: each with its period, its population and what it was before."""
    heads = (_("Figure"), _("Value"), _("Unit"), _("Before"), _("Members"), _("First day"), _("Last day"))
    return Sheet(
        name="figures",
        title=_("All figures"),
        heads=tuple((head, False) for head in heads),
        rows=tuple(_list_cells(figure) for figure in figures),
        csv_href=frame.csv("figures"),
    )


def _list_cells(figure: Figure) -> tuple[SheetCell, ...]:
    shown = show_figure(figure)
    last = (figure.period.after.toordinal() - 1) if figure.period.days else figure.period.first.toordinal()
    raw = (
        shown.name,
        figure.value,
        figure.currency if figure.currency and figure.unit.value == "money" else figure.unit.value,
        figure.previous,
        figure.population,
        figure.period.first.isoformat(),
        figure.period.first.fromordinal(last).isoformat(),
    )
    return tuple(SheetCell(one, "" if one is None else str(one)) for one in raw)
