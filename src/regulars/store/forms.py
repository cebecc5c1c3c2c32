"""What members type."""

from django import forms
from django.utils.translation import gettext_lazy as _


class EmailForm(forms.Form):
    """Where the code is to be sent."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )


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
