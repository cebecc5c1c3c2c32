"""What is asked of a segment."""

from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _


class DayForm(forms.Form):
    """A day at whose end somebody asks who was in it; none: now."""

    on = forms.DateField(
        label=_("Who was in it at the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2200, 1, 1))],
    )
