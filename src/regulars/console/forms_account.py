"""What operators fill in about themselves: who they are, and how they sign in."""

from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

NAME_MAX = 120
PASSWORD_MIN = 10
PASSWORD_MAX = 1_000
CODE_MAX = 40


def _list_zones() -> list[tuple[str, Promise | str]]:
    """None, and the zones that people live in: those named after a place."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [
        ("", _("The programme’s")),
        ("UTC", "UTC"),
        *((name, name.replace("_", " ")) for name in sorted(places)),
    ]


class PasswordAgainForm(forms.Form):
    """The present password, for what is grave."""

    current = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=PASSWORD_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(PasswordAgainForm):
    """Another password, chosen by oneself."""

    new = forms.CharField(
        label=_("New password"),
        help_text=_("At least ten letters. A sentence is easier to remember than signs."),
        strip=False,
        min_length=PASSWORD_MIN,
        max_length=PASSWORD_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class AcceptForm(forms.Form):
    """Who was invited says what they are called, and chooses a password."""

    name = forms.CharField(
        label=_("Your name"),
        help_text=_("Your colleagues see it, and the audit trail."),
        max_length=NAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("At least ten letters. A sentence is easier to remember than signs."),
        strip=False,
        min_length=PASSWORD_MIN,
        max_length=PASSWORD_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ProfileForm(forms.Form):
    """What an operator is called, and what they read in."""

    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        help_text=_("Your colleagues see it, and the audit trail."),
        max_length=NAME_MAX,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Of the console when you sign in, and of what we write to you."),
        choices=[("", _("As this browser asks")), *settings.LANGUAGES],
        required=False,
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_(
            "For your sessions, the team and the keys. Members’ points keep the programme’s time zone, "
            "where their days begin and end."
        ),
        choices=_list_zones,
        required=False,
    )


class SecondStepForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=CODE_MAX,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "off",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


class TotpForm(PasswordAgainForm):
    """The first code of an app, which shows that it has the secret."""

    field_order = ("code", "current")
    code = forms.CharField(
        label=_("The code that the app shows"),
        max_length=CODE_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasskeyForm(PasswordAgainForm):
    """What a new passkey is called in the list."""

    field_order = ("label", "current")
    label = forms.CharField(
        label=_("What shall it be called?"),
        help_text=_("Such as “Work laptop”: you will know it by this name."),
        max_length=NAME_MAX,
        required=False,
    )
