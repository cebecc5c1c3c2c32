"""What operators say of code pools: their names and alerts, sheets of codes, patterns for new ones."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.catalogue.facade import Alphabet

SHEET_BYTES_MAX = 4 * 1024 * 1024
ALPHABETS = {
    Alphabet.LETTERS_AND_FIGURES: _("Letters and figures"),
    Alphabet.LETTERS: _("Letters"),
    Alphabet.FIGURES: _("Figures"),
}


class PoolForm(forms.Form):
    """A pool: its name, and when to warn."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    alert_below = forms.IntegerField(
        label=_("Warn below so many free codes"),
        help_text=_("On the list of rewards and here. Empty: never."),
        required=False,
        min_value=0,
        max_value=10**9,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class NewPoolForm(PoolForm):
    """The same with the code of a pool that is not there yet."""

    field_order = ("name", "code", "alert_below")
    code = forms.CharField(
        label=_("Code"),
        help_text=_("Only you see it. Empty: made from the name."),
        required=False,
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "pattern": r"[a-z0-9][a-z0-9._\-]{0,63}"}
        ),
    )


class SheetForm(forms.Form):
    """Codes as text or as a file."""

    sheet = forms.FileField(
        label=_("A file"),
        help_text=_("Text or CSV, one code a line; of several columns the first counts."),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=_("Or paste them"),
        required=False,
        strip=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """One of both, in UTF-8 (or UTF-16 with its mark, as spreadsheets write it)."""
        told = super().clean() or self.cleaned_data
        sheet = told.get("sheet")
        if sheet and sheet.size > SHEET_BYTES_MAX:
            self.add_error("sheet", _("The file is larger than 4 MB; divide it."))
        elif sheet:
            content = sheet.read()
            try:
                wide = content[:2] in {b"\xff\xfe", b"\xfe\xff"}
                told["text"] = content.decode("utf-16" if wide else "utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("sheet", _("This is no text. Save the sheet as CSV in UTF-8."))
        elif not told.get("text", "").strip():
            self.add_error("sheet", _("Choose a file, or paste codes below."))
        return told


class GenerateForm(forms.Form):
    """Codes to be made."""

    pattern = forms.CharField(
        label=_("Pattern"),
        help_text=_("Each # becomes a sign by chance; the rest stays, as in COFFEE-####-####."),
        max_length=64,
        initial="####-####-####",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    alphabet = forms.ChoiceField(
        label=_("Signs"),
        help_text=_("None that look alike: no 0 and O, no 1, I and L."),
        choices=[(alphabet.value, name) for alphabet, name in ALPHABETS.items()],
    )
    count = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=100_000,
        initial=100,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
