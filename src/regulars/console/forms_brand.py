"""What operators fill in about the shop's brand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.design import facade as design


class ColourInput(forms.TextInput):
    """Six digits to type or paste; the script sets a picker beside it."""

    def __init__(self) -> None:
        super().__init__(
            attrs={
                "class": "colour-text",
                "autocomplete": "off",
                "spellcheck": "false",
                "maxlength": "7",
                "data-colour": True,
            }
        )


class BrandForm(forms.Form):
    """Name, logo and two colours. `base` is the version that the change was begun from."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("Empty: the programme’s name."),
        required=False,
        max_length=design.NAME_LENGTH_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    main = forms.CharField(label=_("Main colour"), max_length=7, widget=ColourInput())
    accent = forms.CharField(label=_("Second colour"), max_length=7, widget=ColourInput())
    logo = forms.FileField(
        label=_("Logo"),
        help_text=_("PNG, JPEG or WebP, up to 2 MB. It is shown at most 40 pixels high."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    without_logo = forms.BooleanField(label=_("Without a logo"), required=False)
    base = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def begin(cls, brand: design.Brand) -> "BrandForm":
        """The form as the brand stands."""
        return cls(initial=initial_of(brand))


class BaseForm(forms.Form):
    """The version that a press was meant for."""

    base = forms.IntegerField(widget=forms.HiddenInput)


def initial_of(brand: design.Brand) -> dict[str, Any]:
    """What the form shows of a brand: the house's colours where it has none of its own."""
    return {
        "name": brand.name,
        "main": brand.main or design.HOUSE_MAIN,
        "accent": brand.accent or design.HOUSE_ACCENT,
        "base": brand.version,
    }
