"""Charts and shelves for the page of components: each kind, and each state."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.design.charts import (
    Chart,
    ChartKind,
    ChartPoint,
    ChartScale,
    ChartSeries,
    ChartState,
    ScaleKind,
)
from regulars.design.formats import format_day, format_points
from regulars.design.goods import find_sign
from regulars.design.products import ProductCard, ProductShelf
from regulars.kit.money import format_money
from regulars.kit.shares import format_share

_WEEKS = tuple(str(week) for week in range(1, 9))
_ISSUED = (4_120, 3_980, 5_210, 4_870, 5_540, 6_020)
_SPENT = (1_900, 2_240, 2_010, 3_150, 2_980, 3_410)
_COHORTS = ((100, 46, 38, 33, 30), (100, 44, 37, 31, None), (100, 49, 41, None, None))


def list_specimen_charts() -> list[tuple[str, Chart]]:
    """Pairs of scheme and chart; names differ, for a page has each anchor once."""
    return [
        (scheme, replace(chart, name=f"{scheme}-{chart.name}"))
        for scheme in ("light", "dark")
        for chart in _list_charts()
    ]


def _list_charts() -> Iterator[Chart]:
    title = _("Points by week")
    yield Chart(
        name="chart-line",
        title=title,
        kind=ChartKind.LINE,
        head=_("Week"),
        labels=_WEEKS,
        series=(
            ChartSeries(_("Issued"), _points((*_ISSUED, None, None))),
            ChartSeries(_("Foreseen"), _ahead(), tone="sky", dashed=True),
        ),
        summary=_("6,020 points in the sixth week; 6,100 are foreseen for the eighth."),
        csv_href="#chart",
    )
    yield Chart(
        name="chart-stack",
        title=_("Issued and spent"),
        kind=ChartKind.STACK,
        head=_("Week"),
        labels=_WEEKS[:6],
        series=(
            ChartSeries(_("Issued"), _points(_ISSUED)),
            ChartSeries(_("Spent"), _points(_SPENT), tone="honey"),
        ),
        summary=_("Issued and spent points of six weeks."),
        csv_href="#chart",
    )
    yield Chart(
        name="chart-heat",
        title=_("Members who came back"),
        kind=ChartKind.HEAT,
        corner=_("First purchase"),
        head=_("Month"),
        labels=_WEEKS[:5],
        series=tuple(
            ChartSeries(
                name, tuple(_share(share, is_last=place == 4 - row) for place, share in enumerate(shares))
            )
            for row, (name, shares) in enumerate(zip(("A", "B", "C"), _COHORTS, strict=True))
        ),
        scale=ChartScale(ScaleKind.SHARE),
        summary=_("A third of each cohort is still there after three months."),
        hatched_means=_("Hatched: not everybody has reached that age."),
        csv_href="#chart",
    )
    spark = Chart(
        name="chart-spark",
        title=title,
        kind=ChartKind.SPARK,
        head=_("Week"),
        labels=_WEEKS[:6],
        series=(ChartSeries(_("Issued"), _points(_ISSUED)),),
        summary=_("Rising."),
    )
    yield spark
    bare = Chart(name="chart-empty", title=title, kind=ChartKind.LINE, state=ChartState.EMPTY)
    yield replace(bare, reason=_("It begins with the first order."))
    yield replace(
        bare,
        name="chart-unknown",
        state=ChartState.UNKNOWN,
        reason=_("Fewer than 30 members are that old."),
    )
    yield replace(bare, name="chart-loading", state=ChartState.LOADING)


def _points(values: Sequence[int | None]) -> tuple[ChartPoint, ...]:
    return tuple(ChartPoint(value, "" if value is None else format_points(value)) for value in values)


def _ahead() -> tuple[ChartPoint, ...]:
    nothing = ChartPoint(None, "")
    foreseen = [
        ChartPoint(value, format_points(value), low, high, f"{format_points(low)} – {format_points(high)}")
        for value, low, high in ((6_020, 6_020, 6_020), (6_050, 5_600, 6_480), (6_100, 5_300, 6_900))
    ]
    return (*[nothing] * 5, *foreseen)


def _share(percent: int | None, *, is_last: bool) -> ChartPoint:
    if percent is None:
        return ChartPoint(None, "")
    text = format_share(percent / 100, 0)
    return ChartPoint(percent / 100, text, hatched=is_last, note=_("so far") if is_last else "")


def list_specimen_shelves() -> list[tuple[str, ProductShelf]]:
    """Pairs of scheme and shelf: a card that says all, a bare one, one that is not wanted any more."""
    often = ngettext(
        "You bought it %(orders)s time, last on %(day)s.",
        "You bought it %(orders)s times, last on %(day)s.",
        7,
    ) % {"orders": 7, "day": format_day(date(2026, 10, 12))}
    cards = (
        ProductCard(
            "LOAF",
            _("Sourdough loaf with walnuts and a little honey, sliced"),
            "Linden Bakery",
            "",
            format_money(650, "EUR"),
            find_sign(("bakery", "bread")),
            (often, _("The shop chose it.")),
            href="#shelf",
        ),
        ProductCard("MILK", _("Whole milk"), "", "", "", find_sign(("milk",))),
        ProductCard(
            "BEANS",
            _("Coffee beans"),
            "Harbour",
            "",
            format_money(1450, "EUR"),
            find_sign(("coffee",)),
            (often,),
            is_hidden=True,
        ),
        ProductCard("MISC", _("Basket"), "", "", "", find_sign(()), (_("The shop chose it."),)),
    )
    title, note = _("Buy again"), _("What you buy often, and may soon need.")
    # Two on a page need names of their own.
    return [
        (scheme, ProductShelf(f"{scheme}-again", f"{title}: {scheme}", note, cards))
        for scheme in ("light", "dark")
    ]
