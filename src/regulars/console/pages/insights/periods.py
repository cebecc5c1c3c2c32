"""Which period insights are about: one choice for all pages, in the address, and remembered."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.analytics.facade import Period, Span

CUSTOM = "custom"
NAMES: dict[str, Promise] = {
    Span.DAYS_28.value: _("Last 28 days"),
    Span.DAYS_84.value: _("Last 84 days"),
    Span.DAYS_365.value: _("Last 12 months"),
    Span.ALL.value: _("All"),
    CUSTOM: _("Other days"),
}
USUAL = Span.DAYS_84
REMEMBERED = "insights_period"
DAYS_MAX = 3_660


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class PeriodForm(forms.Form):
    """A standard period, or a first and a last day."""

    period = forms.ChoiceField(label=_("Period"), choices=list(NAMES.items()), required=False)
    first = _day(_("From"))
    last = _day(_("To, and including"))

    def clean(self) -> dict[str, Any]:
        """Two days in their order, where days are asked for."""
        given = super().clean() or self.cleaned_data
        if given.get("period") != CUSTOM or self.errors:
            return given
        first, last = given.get("first"), given.get("last")
        if first is None or last is None:
            raise forms.ValidationError(_("Give the first and the last day."))
        if last < first:
            self.add_error("last", _("The last day lies before the first one."))
        elif (last - first).days >= DAYS_MAX:
            self.add_error("first", _("That is longer than ten years."))
        return given


@dataclass(frozen=True)
class Choice:
    """The period chosen, and how an address says so. `asked` is None where the days make no sense."""

    form: PeriodForm
    asked: Span | Period | None
    named: str
    first: date | None = None
    last: date | None = None

    @property
    def query(self) -> str:
        """The choice as an address has it."""
        if self.named != CUSTOM or self.first is None or self.last is None:
            return urlencode({"period": self.named})
        days = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        return urlencode({"period": CUSTOM, **days})

    @property
    def options(self) -> list[tuple[str, Promise, bool]]:
        """The standard periods, each with whether it is the one."""
        return [(value, name, value == self.named) for value, name in NAMES.items() if value != CUSTOM]

    @property
    def is_custom(self) -> bool:
        """Whether days were given."""
        return self.named == CUSTOM


def read_choice(request: HttpRequest) -> Choice:
    """What the address says, else what was chosen last, else the usual; what is said is remembered."""
    said = {name: request.GET[name] for name in ("period", "first", "last") if request.GET.get(name)}
    given = said if said.get("period") in NAMES else request.session.get(REMEMBERED, {})
    form = PeriodForm({"period": USUAL.value, **given})
    if not form.is_valid():
        return Choice(form, None, CUSTOM)
    named = form.cleaned_data["period"] or USUAL.value
    kept = {name: given[name] for name in ("period", "first", "last") if name in given}
    if said and kept != request.session.get(REMEMBERED):
        request.session[REMEMBERED] = kept
    if named != CUSTOM:
        return Choice(form, Span(named), named)
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    return Choice(form, Period(first, last + timedelta(days=1)), CUSTOM, first, last)
