"""What is asked of finance: an instant, a period, which wallets."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.finance.facade import Step
from regulars.ledger.facade import Currency

CURRENCIES = {
    Currency.POINTS: _("Points"),
    Currency.QUALIFYING_POINTS: _("Qualifying points"),
    Currency.QUALIFYING_SPEND: _("Qualifying spend"),
    Currency.QUALIFYING_VISITS: _("Qualifying visits"),
}


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class _FinanceForm(forms.Form):
    currency = forms.TypedChoiceField(
        label=_("Of"),
        required=False,
        choices=[(one.value, name) for one, name in CURRENCIES.items()],
        coerce=Currency,
        empty_value=Currency.POINTS,
        initial=Currency.POINTS.value,
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today


class LiabilityForm(_FinanceForm):
    """At the end of which day."""

    field_order = ("as_of", "currency")
    as_of = _day(_("At the end of"))

    def clean_as_of(self) -> date:
        """Today where nothing is said; no day to come."""
        day: date = self.cleaned_data["as_of"] or self.today
        if day > self.today:
            raise forms.ValidationError(_("That day has not come yet."))
        return day


class MovementsForm(_FinanceForm):
    """From which day to which, both of them whole; this month where nothing is said."""

    field_order = ("first_day", "last_day", "step", "currency")
    first_day = _day(_("From"))
    last_day = _day(_("To, and including"))
    step = forms.TypedChoiceField(
        label=_("Split by"),
        required=False,
        choices=[("", _("Whole period")), (Step.MONTH.value, _("Month")), (Step.DAY.value, _("Day"))],
        coerce=Step,
        empty_value=None,
    )

    def clean_first_day(self) -> date:
        """A day that has begun."""
        day: date = self.cleaned_data["first_day"] or self.today.replace(day=1)
        if day > self.today:
            raise forms.ValidationError(_("That day has not come yet."))
        return day

    def clean_last_day(self) -> date:
        """Not before the first one, and not at the end of the calendar, after which no day begins."""
        day: date = self.cleaned_data["last_day"] or self.today
        if day.year > self.today.year + 1:
            raise forms.ValidationError(_("That day has not come yet."))
        first: date | None = self.cleaned_data.get("first_day")
        if first and day < first:
            raise forms.ValidationError(_("The last day lies before the first one."))
        return day
