"""What is asked of insights, and what is decided of them."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.analytics.facade import Measure, Period

DAYS_DIGITS_MAX = 5


class BehindForm(forms.Form):
    """A measure, what of it, and the days; as links on the pages of insights have them."""

    measure = forms.TypedChoiceField(choices=[(one.value, one.value) for one in Measure], coerce=Measure)
    key = forms.CharField(required=False, max_length=80)
    first = forms.DateField()
    last = forms.DateField()

    def clean(self) -> dict[str, Any]:
        """The days as a period."""
        given = super().clean() or self.cleaned_data
        if "first" in given and "last" in given:
            if given["last"] < given["first"]:
                raise forms.ValidationError("")
            given["period"] = Period(given["first"], given["last"] + timedelta(days=1))
        return given


class BracketsForm(forms.Form):
    """Days where brackets of retention begin, and the day after the last; empty: the usual ones."""

    days = forms.CharField(
        label=_("Days where brackets begin, and the day after the last"),
        help_text=_(
            "For example 1, 8, 29, 85: the first week, the rest of four weeks, then until the twelfth. "
            "Empty: the usual ones."
        ),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_days(self) -> list[int]:
        """The days as numbers."""
        told = self.cleaned_data["days"].replace(",", " ").replace(";", " ").replace("，", " ").split()
        if not all(day.isdecimal() and len(day) <= DAYS_DIGITS_MAX for day in told):
            raise forms.ValidationError(_("Write days as whole numbers, such as 1, 8, 29, 85."))
        return [int(day) for day in told]


class LifestyleForm(forms.Form):
    """A name for a theme; empty: the one that was found."""

    code = forms.CharField(max_length=80, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), required=False, max_length=60)


class LearningForm(forms.Form):
    """What is kept out of every inference, and how long a silence churn risk is about."""

    keeps_sensitive_out = forms.BooleanField(
        label=_("Keep sensitive categories out of every inference"),
        help_text=_(
            "What somebody buys for their health, a baby, or of tobacco and alcohol is not learnt from."
        ),
        required=False,
    )
    sensitive_patterns = forms.CharField(
        label=_("Sensitive categories"),
        help_text=_("Beginnings of words in the names of categories, one on each line."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    risk_horizon_weeks = forms.IntegerField(
        label=_("Churn risk is about so many weeks without a purchase"),
        help_text=_("Empty: from how often members come to your shop."),
        required=False,
        min_value=2,
        max_value=52,
    )
