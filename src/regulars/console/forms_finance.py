"""What is asked of finance: an instant, a period, which wallets."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.finance.facade import COST_DECIMALS, COST_MAX, PointCost, Step
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


class CostForm(forms.Form):
    """What a point is reckoned at, and from which day on."""

    cost = forms.DecimalField(
        label=_("Cost of one point"),
        min_value=Decimal(0),
        max_value=COST_MAX,
        decimal_places=COST_DECIMALS,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any", "autocomplete": "off"}),
    )
    effective_on = forms.DateField(
        label=_("From the start of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self, *args: Any, latest: PointCost | None, today: date, currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.latest, self.today = latest, today
        self.fields["cost"].help_text = _("In %(currency)s, such as 0.005.") % {"currency": currency}
        day = self.fields["effective_on"]
        if latest is None:
            day.help_text = _("The first one may begin in the past: before it nothing was reckoned.")
        else:
            day.widget.attrs["min"] = self.earliest.isoformat()
            day.help_text = _("After today, and after the cost before it: what was reported stays as it is.")

    @property
    def earliest(self) -> date:
        """The first day on which another cost can begin. Only where there is one."""
        return max(self.today, self.latest.effective_on if self.latest else self.today) + timedelta(days=1)

    def clean_effective_on(self) -> date:
        """Not in reports that are in use."""
        day: date = self.cleaned_data["effective_on"]
        if self.latest is not None and day < self.earliest:
            raise forms.ValidationError(_("A new cost begins after today, and after the cost before it."))
        return day
