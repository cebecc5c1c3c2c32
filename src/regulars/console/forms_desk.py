"""What the desk fills in about a member: points passed on, notes, somebody new."""

from uuid import uuid4

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from regulars.console.forms import POINTS_MAX, ReasonForm
from regulars.members import facade as members


class TransferForm(ReasonForm):
    """To whom, and how many."""

    field_order = ("to", "points", "reason", "key")
    to = forms.CharField(
        label=_("The member who gets them"),
        help_text=_("Their number, e-mail, phone, card or id in the shop."),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    points = forms.IntegerField(
        label=_("Points"),
        min_value=1,
        max_value=POINTS_MAX,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class MemberNoteForm(forms.Form):
    """What colleagues should know of a member."""

    text = forms.CharField(
        label=_("Note for colleagues"),
        help_text=_("The member does not see it here, but it is part of the copy of their data."),
        max_length=members.NOTE_LENGTH_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class NewMemberForm(forms.Form):
    """Somebody who joins at the desk."""

    given_name = forms.CharField(
        label=_("First name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    family_name = forms.CharField(
        label=_("Family name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        help_text=_("With the country’s code: +49 30 1234567."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    card = forms.CharField(
        label=_("Card"), required=False, max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    external_id = forms.CharField(
        label=_("Shop’s id"),
        help_text=_("How the shop’s own system calls them. Empty: one is made up."),
        required=False,
        max_length=128,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    locale = forms.ChoiceField(label=_("Language"), required=False, choices=[("", "—"), *settings.LANGUAGES])
    invite = forms.BooleanField(
        label=_("Send an invitation to sign in"),
        help_text=_("One message to the address above. It asks for nothing and agrees to nothing for them."),
        required=False,
    )

    def clean(self) -> None:
        """Somebody who can be found again, by at least one way."""
        told = super().clean() or self.cleaned_data
        if not any(told.get(name) for name in ("email", "phone", "card", "external_id")):
            raise forms.ValidationError(
                _("Give an e-mail, a phone, a card or an id: by what else should they be found?")
            )
        if told.get("invite") and not told.get("email") and "email" not in self.errors:
            self.add_error("email", _("An invitation needs an address."))
