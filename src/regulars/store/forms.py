"""What members type."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from regulars.kit.errors import InvalidInput
from regulars.members.facade import IdentityKind, MemberProfile, normalise_identity
from regulars.store.pages.profile import list_time_zones


def name_locale(locale: str) -> str:
    """A locale that the shop has told, in words where we speak its language: `en-US` is English (en-US)."""
    language = dict(settings.LANGUAGES).get(locale.split("-", maxsplit=1)[0])
    return f"{language} ({locale})" if language else locale


class EmailForm(forms.Form):
    """Where the code is to be sent."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )


class PhoneForm(forms.Form):
    """Where a code is to be sent as a text message."""

    phone = forms.CharField(label=_("Telephone number"), max_length=40)

    def clean_phone(self) -> str:
        """The number as E.164 writes it."""
        try:
            return normalise_identity(IdentityKind.PHONE, str(self.cleaned_data["phone"]))
        except InvalidInput:
            raise forms.ValidationError(
                _("Write the number with its country code, such as +44 20 7946 0018.")
            ) from None


class CodeForm(forms.Form):
    """The code that was sent. Spaces and dashes are forgiven."""

    code = forms.CharField(
        label=_("Six digits"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "class": "code-input",
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
            }
        ),
    )

    def clean_code(self) -> str:
        """The digits alone."""
        return "".join(sign for sign in str(self.cleaned_data["code"]) if sign.isdigit())


class ProfileForm(forms.Form):
    """Who the member is. A birthday that is known is shown, not asked for."""

    given_name = forms.CharField(
        label=_("First name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family_name = forms.CharField(
        label=_("Last name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    locale = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    birthday = forms.DateField(
        label=_("Birthday"),
        required=False,
        help_text=_("You can tell it once."),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Any, *, member: MemberProfile) -> None:
        initial = {
            "given_name": member.given_name,
            "family_name": member.family_name,
            "locale": member.locale,
            "time_zone": member.time_zone,
        }
        super().__init__(data, initial=initial)
        locales, zones = list(settings.LANGUAGES), list(list_time_zones())
        # What the shop has told stays a choice, whether or not we have it.
        if member.locale not in dict(locales):
            locales.insert(0, (member.locale, name_locale(member.locale) or str(_("As in the browser"))))
        if member.time_zone not in dict(zones):
            zones.insert(0, (member.time_zone, member.time_zone or str(_("That of the shop"))))
        self._choose("locale", locales)
        self._choose("time_zone", zones)
        if member.birthday is not None:
            del self.fields["birthday"]

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        field.choices = choices
