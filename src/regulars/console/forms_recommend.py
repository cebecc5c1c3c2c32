"""What a marketer decides of recommendations."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.recommend.facade import MarkKind, MarkSubject, ShelfCode, name_shelf

PLACE_MAX, NOTE_MAX = 60, 300
PINNABLE = frozenset({MarkSubject.PRODUCT, MarkSubject.REWARD})


class MarkForm(forms.Form):
    """A mark on something that was chosen already. Whether it makes sense is for the room to say."""

    kind = forms.ChoiceField(label=_("What to do"), widget=forms.RadioSelect)
    place = forms.IntegerField(
        label=_("Place"),
        help_text=_("For a pin: 1 is the first on the shelf."),
        required=False,
        min_value=1,
        max_value=PLACE_MAX,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    factor = forms.FloatField(
        label=_("Factor"),
        help_text=_("For a boost: 2 moves it up, 0.5 down."),
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any", "min": "0.01", "max": "100"}),
    )
    shelf = forms.ChoiceField(label=_("Shelf"), required=False)
    starts_on = forms.DateField(
        label=_("First day"),
        help_text=_("Empty: from now on."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Empty: until you end it."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Why, for your colleagues."),
        required=False,
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self, *args: Any, subject: MarkSubject, kinds: list[tuple[str, Any]], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        allowed = [one for one in kinds if one[0] != MarkKind.PIN.value or subject in PINNABLE]
        self.fields["kind"] = forms.ChoiceField(
            label=_("What to do"), choices=allowed, widget=forms.RadioSelect(attrs={"class": "shrink-0"})
        )
        self.initial.setdefault("kind", allowed[0][0])
        if subject is MarkSubject.REWARD:
            del self.fields["shelf"]
        else:
            shelves = [("", _("Every shelf")), *((one.value, name_shelf(one)) for one in ShelfCode)]
            self.fields["shelf"] = forms.ChoiceField(label=_("Shelf"), choices=shelves, required=False)
        if subject not in PINNABLE:
            del self.fields["place"]

    def clean(self) -> dict[str, Any]:
        """Days in order, and not over; what the kind does not take is left out."""
        told = super().clean() or {}
        first, last = told.get("starts_on"), told.get("ends_on")
        if first and first < self.today:
            self.add_error("starts_on", _("That day is over."))
        if last and last < (first or self.today):
            self.add_error("ends_on", _("It must not end before it begins."))
        kind = told.get("kind")
        if kind != MarkKind.PIN.value:
            told["place"] = None
        elif not told.get("place") and "place" not in self.errors:
            self.add_error("place", _("Say at which place."))
        if kind != MarkKind.BOOST.value:
            told["factor"] = None
        elif told.get("factor") is None and "factor" not in self.errors:
            self.add_error("factor", _("Say by which factor."))
        if kind in {MarkKind.BAN.value, MarkKind.UNSUITABLE.value}:
            told["shelf"] = ""
        return told
