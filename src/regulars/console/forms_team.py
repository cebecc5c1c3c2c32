"""What is filled in about who works here, and about the keys of the shop's systems."""

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from regulars.console.forms import REASON_MAX
from regulars.identity.facade import Role, Scope

LABEL_MAX = 120
LASTING_DAYS = (30, 90, 365)
OVERLAP_DAYS = (1, 7, 30)

ROLE_NAMES: dict[Role, Promise] = {
    Role.OWNER: _("Owner"),
    Role.MARKETER: _("Marketer"),
    Role.SUPPORT: _("Support"),
    Role.FINANCE: _("Finance"),
    Role.DEVELOPER: _("Developer"),
    Role.READ_ONLY: _("Read-only"),
}
SCOPE_NAMES: dict[Scope, Promise] = {
    Scope.MEMBERS_READ: _("Read members, balances and histories"),
    Scope.MEMBERS_WRITE: _("Create and change members"),
    Scope.ORDERS_WRITE: _("Send orders and returns"),
    Scope.EVENTS_WRITE: _("Send events"),
    Scope.REWARDS_READ: _("Read rewards"),
    Scope.REDEMPTIONS_WRITE: _("Redeem, fulfil and cancel"),
    Scope.POINTS_ADJUST: _("Add and take points by hand"),
    Scope.POINTS_GIVE: _("Give points"),
    Scope.SEGMENTS_READ: _("Read segments and who is in them"),
    Scope.SEGMENTS_WRITE: _("Define segments"),
    Scope.RECOMMENDATIONS_READ: _("Read recommendations"),
}


class RoleForm(forms.Form):
    """What somebody does here."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, name) for role, name in ROLE_NAMES.items()],
        initial=Role.SUPPORT.value,
    )


class InvitationForm(RoleForm):
    """Somebody who shall work here."""

    field_order = ("email", "name", "role")
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("They sign in with it."),
        widget=forms.EmailInput(attrs={"autofocus": True}),
    )
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        help_text=_("They can change it."),
        max_length=LABEL_MAX,
        required=False,
    )


class RulesForm(forms.Form):
    """Which roles must have a second factor."""

    roles = forms.MultipleChoiceField(
        label=_("Who must have a second step?"),
        choices=[(role.value, name) for role, name in ROLE_NAMES.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class ReasonToResetForm(forms.Form):
    """Why somebody's second factor is taken away, and how one knows that it is they who ask."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("How do you know that it is they who ask? It stays in the audit trail."),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class LastingForm(forms.Form):
    """How long a key is good."""

    lasting = forms.TypedChoiceField(
        label=_("Good for"),
        help_text=_("After that it is refused. Replace it before: the new key and the old overlap."),
        choices=[
            (days, ngettext_lazy("%(days)d day", "%(days)d days", "days") % {"days": days})
            for days in LASTING_DAYS
        ]
        + [(0, _("No end"))],
        coerce=int,
        initial=365,
    )


class KeyForm(LastingForm):
    """A key for one of the shop's systems."""

    field_order = ("label", "scopes", "lasting")

    label = forms.CharField(
        label=_("What is it for?"),
        help_text=_("Such as “Till, Main Street”: the audit trail names the key by it."),
        max_length=LABEL_MAX,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        help_text=_("Give a system what it needs and no more."),
        choices=[(scope.value, name) for scope, name in SCOPE_NAMES.items()],
        widget=forms.CheckboxSelectMultiple,
    )


class RotateForm(LastingForm):
    """A new key in another's place."""

    field_order = ("overlap", "lasting")
    overlap = forms.TypedChoiceField(
        label=_("How long is the old key still good?"),
        help_text=_("As long as it takes to give every system the new one."),
        choices=[(0, _("It ends at once"))]
        + [
            (days, ngettext_lazy("%(days)d day", "%(days)d days", "days") % {"days": days})
            for days in OVERLAP_DAYS
        ],
        coerce=int,
        initial=7,
    )


class RevokeForm(forms.Form):
    """Why a key ends, for the audit trail."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
