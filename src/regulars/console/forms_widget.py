"""What is filled in about the widget on the shop's own pages."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.console.forms import REASON_MAX
from regulars.widget import facade as widget

ORIGINS_LENGTH_MAX = 20_000


class SitesForm(forms.Form):
    """Which sites may show the widget."""

    origins = forms.CharField(
        label=_("Sites"),
        help_text=_("One a line, such as https://shop.example. Subdomains count as sites of their own."),
        required=False,
        max_length=ORIGINS_LENGTH_MAX,
        widget=forms.Textarea(
            attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "off", "class": "font-mono text-sm"}
        ),
    )

    def clean_origins(self) -> tuple[str, ...]:
        """The sites as browsers name them."""
        try:
            return widget.read_origins(str(self.cleaned_data["origins"]))
        except widget.OriginInvalid as refusal:
            raise ValidationError(refusal.detail) from refusal


class WidgetKeyForm(forms.Form):
    """A key for a backend of the shop."""

    label = forms.CharField(
        label=_("Which system signs with it?"),
        help_text=_("Such as “Web shop”: the audit trail names the key by it."),
        max_length=widget.LABEL_LENGTH_MAX,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )


class WidgetReasonForm(forms.Form):
    """Why a key ends, for the audit trail."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 2})
    )
