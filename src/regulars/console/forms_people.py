"""What support fills in to put right who somebody is, and what a reward is worth."""

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.console.forms import POINTS_MAX, ReasonForm


class MergeForm(ReasonForm):
    """Into whom a member is merged: any of their identities, or their number."""

    field_order = ("into", "reason", "key")
    into = forms.CharField(
        label=_("The member who stays"),
        help_text=_("Their number, e-mail, phone, card or id in the shop."),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


class RefundForm(ReasonForm):
    """How many points of a redemption are given back."""

    field_order = ("points", "reason", "key")
    points = forms.IntegerField(
        label=_("Points to give back"),
        min_value=1,
        max_value=POINTS_MAX,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autofocus": True}),
    )
