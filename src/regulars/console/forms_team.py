"""What is filled in about who works here, and about the keys of the shop's systems."""

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.console.forms import REASON_MAX
from regulars.identity.facade import Role, Scope

LABEL_MAX = 120

ROLE_NAMES: dict[Role, Promise] = {
    Role.OWNER: _("Owner"),
    Role.MARKETER: _("Marketer"),
    Role.SUPPORT: _("Support"),
    Role.FINANCE: _("Finance"),
    Role.DEVELOPER: _("Developer"),
}
SCOPE_NAMES: dict[Scope, Promise] = {
    Scope.MEMBERS_READ: _("Read members, balances and histories"),
    Scope.MEMBERS_WRITE: _("Create and change members"),
    Scope.ORDERS_WRITE: _("Send orders and returns"),
    Scope.EVENTS_WRITE: _("Send events"),
    Scope.REWARDS_READ: _("Read rewards"),
    Scope.REDEMPTIONS_WRITE: _("Redeem, fulfil and cancel"),
    Scope.POINTS_ADJUST: _("Add and take points by hand"),
}


class RoleForm(forms.Form):
    """What somebody does here."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, name) for role, name in ROLE_NAMES.items()],
        initial=Role.SUPPORT.value,
    )


class OperatorForm(RoleForm):
    """Somebody new."""

    field_order = ("name", "email", "role")
    name = forms.CharField(
        label=_("Name"), max_length=LABEL_MAX, widget=forms.TextInput(attrs={"autofocus": True})
    )
    email = forms.EmailField(label=_("E-mail"), help_text=_("They sign in with it."))


class KeyForm(forms.Form):
    """A key for one of the shop's systems."""

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


class RevokeForm(forms.Form):
    """Why a key ends, for the audit trail."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
