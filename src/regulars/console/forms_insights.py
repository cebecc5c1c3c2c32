"""Which number the members behind are asked of."""

from datetime import timedelta
from typing import Any

from django import forms

from regulars.analytics.facade import Measure, Period


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
