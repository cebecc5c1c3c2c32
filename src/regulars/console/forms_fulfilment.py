"""What is filled in at the counter and in the queue."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.console.forms import REASON_MAX
from regulars.redemption import facade as redemption

CODE_MAX = 200
AGES = {"1": _("Over a day"), "3": _("Over three days"), "7": _("Over a week"), "30": _("Over a month")}


class CounterForm(forms.Form):
    """The code in the member's hand. A scanner types it and presses Enter."""

    code = forms.CharField(
        label=_("Code or reference"),
        max_length=CODE_MAX,
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autofocus": True,
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "enterkeyhint": "search",
            }
        ),
    )


class QueueForm(forms.Form):
    """What the queue is narrowed by."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=CODE_MAX,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Reference, code or member"), "autocomplete": "off"}
        ),
    )
    reward = forms.ChoiceField(label=_("Reward"), required=False)
    age = forms.ChoiceField(
        label=_("Waiting"), required=False, choices=[("", _("However long")), *AGES.items()]
    )

    def __init__(self, *args: Any, rewards: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reward"] = forms.ChoiceField(
            label=_("Reward"), required=False, choices=[("", _("Every reward")), *rewards]
        )


class HandOverForm(forms.Form):
    """How many units go over the counter; none given: all that are left."""

    units = forms.IntegerField(label=_("How many"), required=False, min_value=1, max_value=1_000)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    at = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)


class NoteForm(forms.Form):
    """What colleagues should know."""

    text = forms.CharField(
        label=_("Note for colleagues"),
        help_text=_("The member does not see it here, but it is part of the copy of their data."),
        max_length=redemption.NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class RestForm(forms.Form):
    """Why the rest will never come."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The member sees it in their history; it stays in the audit trail."),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
