"""What operators fill in. Forms check shapes; whether it may happen is for the rooms to say."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

POINTS_MAX = 10_000_000
REASON_MAX = 500
EXPIRES_WITHIN = timedelta(days=36_525)


class SignInForm(forms.Form):
    """E-mail and password."""

    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ReasonForm(forms.Form):
    """Why. The hidden key makes a form that is sent twice one deed."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The member sees it in their history; it stays in the audit trail."),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class AdjustForm(ReasonForm):
    """Points to add or to take by hand."""

    field_order = ("direction", "points", "expires_on", "reason", "key")
    direction = forms.ChoiceField(
        label=_("What to do"),
        choices=[("add", _("Add points")), ("take", _("Take points away"))],
        widget=forms.RadioSelect,
        initial="add",
    )
    points = forms.IntegerField(
        label=_("Points"),
        min_value=1,
        max_value=POINTS_MAX,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autofocus": True}),
    )
    expires_on = forms.DateField(
        label=_("Last day on which they can be spent"),
        help_text=_("Only for points that are added. Empty: they never expire."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_expires_on(self) -> date | None:
        """A day that is not over, and within a hundred years."""
        day: date | None = self.cleaned_data["expires_on"]
        if day and day < self.today:
            raise forms.ValidationError(_("That day is over."))
        if day and day > self.today + EXPIRES_WITHIN:
            raise forms.ValidationError(
                _("Choose a day within a hundred years, or none: then they never expire.")
            )
        return day

    @property
    def amount(self) -> int:
        """The points with the sign of the direction. Only for a valid form."""
        points: int = self.cleaned_data["points"]
        return points if self.cleaned_data["direction"] == "add" else -points


class PublishForm(forms.Form):
    """What is said of a publication. The hidden fields name what was looked at, and what was acknowledged."""

    against = forms.IntegerField(required=False)
    revision = forms.IntegerField(required=False)
    acknowledged = forms.CharField(required=False, max_length=64)
    note = forms.CharField(
        label=_("What changes, in a sentence"),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    effective_from = forms.DateTimeField(
        label=_("In force from"),
        help_text=_("In the programme's time zone. Empty: from now on."),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
