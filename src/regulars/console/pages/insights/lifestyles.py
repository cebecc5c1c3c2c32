"""Themes in what members buy: which there are, what they are called, and what is kept out of them."""

from dataclasses import dataclass

from regulars.analytics import facade as analytics
from regulars.analytics.facade import Lifestyle, Measure
from regulars.console.desk import Desk
from regulars.console.forms_insights import LearningForm, LifestyleForm
from regulars.console.pages.insights.frame import make_behind
from regulars.console.pages.insights.sheets import Sheet, SheetCell
from regulars.identity import facade as identity
from regulars.identity.facade import Permission


@dataclass(frozen=True, slots=True)
class LifestyleRow:
    """A theme with the categories that make it, the weightiest first."""

    code: str
    name: str
    found_name: str
    categories: tuple[str, ...]
    members: int
    form: LifestyleForm
    href: str


@dataclass(frozen=True, slots=True)
class LifestylesPage:
    """`settings` is None for who may not change them."""

    rows: tuple[LifestyleRow, ...]
    settings: LearningForm | None
    keeps_sensitive_out: bool


def read_lifestyles(desk: Desk, settings: LearningForm | None = None) -> LifestylesPage:
    """What there is now. `settings` is the form as it came back refused."""
    decided = analytics.get_learning_settings()
    form = settings or LearningForm(
        initial={
            "keeps_sensitive_out": decided.keeps_sensitive_out,
            "sensitive_patterns": "\n".join(decided.sensitive_patterns),
            "risk_horizon_weeks": decided.risk_horizon_weeks,
        }
    )
    return LifestylesPage(
        rows=tuple(_row(one, desk) for one in analytics.list_lifestyles()),
        settings=form if identity.can(desk.operator, Permission.INSIGHTS_MANAGE) else None,
        keeps_sensitive_out=decided.keeps_sensitive_out,
    )


def list_lifestyles() -> Sheet:
    """Themes as a file: a line for each category, with its weight in the theme."""
    heads = ("code", "name", "members", "category", "weight")
    rows = tuple(
        tuple(SheetCell(cell, str(cell)) for cell in (one.code, one.name, one.members, category, weight))
        for one in analytics.list_lifestyles()
        for category, weight in one.categories
    )
    return Sheet("lifestyles", "lifestyles", tuple((head, False) for head in heads), rows, "")


def _row(one: Lifestyle, desk: Desk) -> LifestyleRow:
    given = one.name if one.name != one.found_name else ""
    form = LifestyleForm(initial={"code": one.code, "name": given}, auto_id=f"{one.code}_%s")
    form.fields["name"].widget.attrs["placeholder"] = one.found_name
    return LifestyleRow(
        code=one.code,
        name=one.name,
        found_name=one.found_name,
        categories=tuple(name for name, _weight in one.categories),
        members=one.members,
        form=form,
        href=make_behind(Measure.LIFESTYLE, one.code, desk) if desk.may["members_view"] else "",
    )
