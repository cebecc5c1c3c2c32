"""What somebody tells of themselves who joins."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regulars.kit.errors import InvalidInput
from regulars.members import facade as members
from regulars.members.facade import ConsentPurpose, MemberInput
from regulars.store.pages.profile import explain_purpose, name_purpose


class JoinForm(forms.Form):
    """Address and name; the rest as they like. No consent is ticked."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("We send a code to it. It is how you sign in: there is no password."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    given_name = forms.CharField(
        label=_("First name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    family_name = forms.CharField(
        label=_("Last name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    birthday = forms.DateField(
        label=_("Birthday"),
        required=False,
        help_text=_("Only if you like; you can tell it once."),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
    )
    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    consents = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any, *, now: datetime) -> None:
        super().__init__(data, initial={"locale": get_language()})
        self.now = now
        # The words are looked up now: they are in the reader's language.
        choices = [(purpose.value, name_purpose(purpose)) for purpose in ConsentPurpose]
        self.fields["consents"] = forms.MultipleChoiceField(
            required=False, choices=choices, widget=forms.CheckboxSelectMultiple
        )

    @property
    def purposes(self) -> list[tuple[str, str, str, bool]]:
        """What there is to agree to: value, name, what it means, whether it was ticked."""
        ticked = set(self.data.getlist("consents")) if self.is_bound else set()  # type: ignore[attr-defined]
        return [
            (each.value, name_purpose(each), explain_purpose(each), each.value in ticked)
            for each in ConsentPurpose
        ]

    def clean_email(self) -> str:
        """As it is compared."""
        return str(self.cleaned_data["email"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        """As the members' room will judge it: nobody proves an address in vain."""
        told = super().clean() or {}
        if self.errors:
            return told
        given = MemberInput(
            external_id="web",
            email=told["email"],
            given_name=told["given_name"],
            family_name=told["family_name"] or None,
            birthday=told["birthday"],
            locale=told["locale"],
        )
        try:
            members.check_input(given, self.now)
        except InvalidInput as refusal:
            field = str(refusal.extra.get("field", ""))
            self.add_error(field if field in self.fields else None, refusal.detail)
        return told

    def keep(self) -> dict[str, Any]:
        """What was told as a session can keep it. Only of a valid form."""
        told = dict(self.cleaned_data)
        told["birthday"] = told["birthday"].isoformat() if told["birthday"] else ""
        return told
