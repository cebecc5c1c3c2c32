"""Filters of tables, and what is filled in about tables."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.console.pages.deeds import tell_deed
from regulars.console.pages.people import find_operator_actor, parse_actor
from regulars.kit.actor import Actor
from regulars.kit.clock import start_of_day
from regulars.members.facade import MemberState
from regulars.redemption.facade import RedemptionState
from regulars.rules.facade import TierDefinition
from regulars.trail import facade as trail

MEMBER_STATES = {
    MemberState.ACTIVE: _("Taking part"),
    MemberState.MERGED: _("Merged"),
    MemberState.ERASED: _("Erased"),
}
REDEMPTION_STATES = {
    RedemptionState.RESERVED: _("Reserved"),
    RedemptionState.CONFIRMED: _("Paid"),
    RedemptionState.FULFILLED: _("Delivered"),
    RedemptionState.CANCELLED: _("Cancelled"),
}

YEARS = (1900, 2200)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def _search(placeholder: Any) -> forms.CharField:
    widget = forms.SearchInput(attrs={"autocomplete": "off", "placeholder": placeholder})
    return forms.CharField(label=_("Search"), required=False, max_length=200, widget=widget)


class SpanForm(forms.Form):
    """Filters with a span of days, both inclusive, in the programme's zone."""

    first_day = "since"
    last_day = "until"

    def clean(self) -> dict[str, Any]:
        """The span does not end before it begins."""
        given = super().clean() or {}
        first, last = given.get(self.first_day), given.get(self.last_day)
        for name, day in ((self.first_day, first), (self.last_day, last)):
            if day and not YEARS[0] <= day.year <= YEARS[1]:
                self.add_error(name, _("This day is too far away."))
        if first and last and last < first:
            self.add_error(self.last_day, _("This day comes before the first one."))
        return given

    def span(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """The instants from which (inclusive) and to which (exclusive). Only for a valid form."""
        first: date | None = self.cleaned_data[self.first_day]
        last: date | None = self.cleaned_data[self.last_day]
        ends = last + timedelta(days=1) if last else None
        return (start_of_day(first, zone) if first else None), (start_of_day(ends, zone) if ends else None)


class MembersForm(SpanForm):
    """What to narrow the list of members by."""

    first_day = "joined_from"
    last_day = "joined_until"

    q = _search(_("Name, e-mail, phone, card or number"))
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Taking part")), *list(MEMBER_STATES.items())[1:]]
    )
    tier = forms.ChoiceField(label=_("Tier"), required=False)
    joined_from = _day(_("Joined from"))
    joined_until = _day(_("Joined until"))

    def offer_tiers(self, tiers: Sequence[TierDefinition]) -> None:
        """Which tiers may be asked for; none where the programme has none. To be said before it is judged."""
        if tiers:
            choices = [("", _("Every tier")), *((tier.code, tier.name) for tier in tiers)]
            self.fields["tier"] = forms.ChoiceField(label=_("Tier"), required=False, choices=choices)
        else:
            del self.fields["tier"]


class RedemptionsForm(forms.Form):
    """What to narrow the list of redemptions by."""

    q = _search(_("Reference of a redemption"))
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Every state")), *REDEMPTION_STATES.items()]
    )


class TrailForm(SpanForm):
    """What to narrow the audit trail by."""

    actor = forms.CharField(
        label=_("By"),
        required=False,
        max_length=140,
        widget=forms.TextInput(attrs={"placeholder": _("E-mail or operator:1")}),
    )
    subject = forms.CharField(
        label=_("About"),
        required=False,
        max_length=160,
        widget=forms.TextInput(attrs={"placeholder": "member:17"}),
    )
    action = forms.ChoiceField(label=_("Action"), required=False)
    since = _day(_("From"))
    until = _day(_("Until"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The code beside the words: it is what the API and the log speak of.
        told = sorted((tell_deed(action), action) for action in trail.list_audit_actions())
        actions = [(action, deed if deed == action else f"{deed} · {action}") for deed, action in told]
        self.fields["action"] = forms.ChoiceField(
            label=_("Action"), required=False, choices=[("", _("Every action")), *actions]
        )

    def clean_actor(self) -> Actor | None:
        """Whoever is meant by an address or by kind and number."""
        text: str = self.cleaned_data["actor"].strip()
        found = parse_actor(text) or find_operator_actor(text)
        if text and found is None:
            raise forms.ValidationError(
                _("Write an operator's e-mail, or the kind and the number, as in operator:1.")
            )
        return found
