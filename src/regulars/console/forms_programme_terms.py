"""Tiers, and what holds for the whole programme, as forms."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.console.forms_programme import (
    ROUNDINGS,
    Keys,
    LinesField,
    TableForm,
    add_expiry_fields,
    add_pending_fields,
    choice,
    number,
    text,
    write_expiry,
    write_pending,
)

_KINDS = (
    ("shipping", _("Shipping")),
    ("tax", _("Tax")),
    ("gift_card", _("Gift cards")),
    ("fee", _("Fees")),
)


class TierForm(TableForm):
    """One [[tiers.tier]] table."""

    paths: ClassVar[Mapping[str, Keys]] = {
        "name": ("name",),
        "code": ("code",),
        "threshold": ("threshold",),
        "earn_multiplier": ("earn_multiplier",),
        "early_access_hours": ("early_access_hours",),
        "perks": ("perks",),
    }

    def add_fields(self) -> None:
        """The fields of this table."""
        fields: dict[str, Any] = self.fields
        fields["name"] = text(_("Name for members"))
        step = self.context.step if self.context.metric == "spend" else "1"
        units = {
            "spend": _("Reached at (%(currency)s spent; 0: everyone)") % {"currency": self.context.currency},
            "visits": _("Reached at (visits; 0: everyone)"),
        }
        label = units.get(self.context.metric, _("Reached at (points; 0: everyone)"))
        fields["threshold"] = number(label, step=step)
        fields["earn_multiplier"] = number(_("Multiplies points by"), least=1, step="0.01", required=False)
        fields["early_access_hours"] = number(_("Sees new rewards so many hours earlier"), required=False)
        fields["perks"] = LinesField(label=_("Further benefits, one on each line"))
        fields["code"] = text(
            _("Code"),
            required=True,
            help_text=_("For machines. Members stand in it under this code: keep it."),
        )

    def is_money(self, name: str) -> bool:
        """See TableForm."""
        return name == "threshold" and self.context.metric == "spend"


class LadderForm(TableForm):
    """The table [tiers] but for the tiers themselves."""

    paths: ClassVar[Mapping[str, Keys]] = {
        "metric": ("metric",),
        "window": ("window",),
        "window_months": ("window_months",),
        "grace_days": ("grace_days",),
    }

    def add_fields(self) -> None:
        """The fields of this table."""
        fields: dict[str, Any] = self.fields
        metrics = (("points", _("Points")), ("spend", _("Money spent")), ("visits", _("Visits")))
        fields["metric"] = choice(_("Tiers are reached by"), metrics)
        windows = (("rolling", _("The last months")), ("calendar", _("The calendar year")))
        fields["window"] = choice(_("Counted over"), windows)
        fields["window_months"] = number(_("Months that count"), least=1, required=False)
        fields["grace_days"] = number(_("Days a tier is kept once it is no longer reached"), required=False)

    def show(self, name: str, value: Any) -> Any:
        """See TableForm."""
        return value or {"metric": "points", "window": "rolling"}.get(name, value)


class BasicsForm(TableForm):
    """The table [programme]."""

    paths: ClassVar[Mapping[str, Keys]] = {
        "name": ("name",),
        "time_zone": ("time_zone",),
        "currency": ("currency",),
        "points_name_singular": ("points_name", "singular"),
        "points_name_plural": ("points_name", "plural"),
        "rounding": ("rounding",),
        "round_at": ("round_at",),
        "stacking": ("stacking",),
    }

    def add_fields(self) -> None:
        """The fields of this table."""
        fields: dict[str, Any] = self.fields
        fields["name"] = text(_("Name"), required=True)
        fields["points_name_singular"] = text(_("One point is called"))
        fields["points_name_plural"] = text(_("Several are called"))
        fields["currency"] = text(_("Currency, such as EUR"), required=True)
        fields["time_zone"] = text(_("Time zone, such as Europe/Berlin"), required=True)
        fields["rounding"] = choice(_("Fractions of a point"), ROUNDINGS)
        places = (("line", _("On each line")), ("subtotal", _("On the subtotal")))
        fields["round_at"] = choice(_("Where they are rounded"), places)
        stackings = (("multiply", _("They multiply")), ("best", _("The best one counts")))
        fields["stacking"] = choice(_("Where several multipliers meet"), stackings)

    def show(self, name: str, value: Any) -> Any:
        """See TableForm."""
        usual = {"rounding": "floor", "round_at": "line", "stacking": "multiply"}
        return value or usual.get(name, value)


class ExpiryForm(TableForm):
    """The table [expiry]."""

    def add_fields(self) -> None:
        """The fields of this table."""
        self.initial.update(add_expiry_fields(self.fields, self.table))

    def changes(self) -> dict[str, Any]:
        """The keys of the table, all together."""
        return _whole(self, write_expiry(self.cleaned_data) or {}, ("kind", "months", "on", "period"))

    def add_problem(self, field: str, message: str) -> None:
        """The same, for a table that is one with its fields."""
        super().add_problem(f"expiry.{field}", message)


class PendingForm(TableForm):
    """The table [pending]."""

    def add_fields(self) -> None:
        """The fields of this table."""
        self.initial.update(add_pending_fields(self.fields, self.table))

    def changes(self) -> dict[str, Any]:
        """The keys of the table, all together."""
        return _whole(self, write_pending(self.cleaned_data) or {}, ("days", "awaits"))

    def add_problem(self, field: str, message: str) -> None:
        """The same, for a table that is one with its fields."""
        super().add_problem(f"pending.{field}", message)


class ReturnsForm(TableForm):
    """The table [returns]."""

    paths: ClassVar[Mapping[str, Keys]] = {
        "shortfall": ("shortfall",),
        "lapsed_grace_days": ("lapsed_grace_days",),
    }

    def add_fields(self) -> None:
        """The fields of this table."""
        fields: dict[str, Any] = self.fields
        words = (
            ("debt", _("They are owed: the next points repay them")),
            ("balance_only", _("Only as many are taken as there are")),
            ("pending_only", _("Only points that cannot be spent yet are taken")),
        )
        fields["shortfall"] = choice(_("If a returned order's points are spent already"), words)
        fields["lapsed_grace_days"] = number(
            _("Days that points live which come back after they would have lapsed"), required=False
        )

    def show(self, name: str, value: Any) -> Any:
        """See TableForm."""
        return value or {"shortfall": "debt"}.get(name, value)


class ExcludedForm(TableForm):
    """The table [excluded]."""

    paths: ClassVar[Mapping[str, Keys]] = {
        "kinds": ("kinds",),
        "categories": ("categories",),
        "brands": ("brands",),
        "skus": ("skus",),
    }

    def add_fields(self) -> None:
        """The fields of this table."""
        fields: dict[str, Any] = self.fields
        fields["kinds"] = forms.MultipleChoiceField(
            label=_("Kinds of lines"), required=False, choices=_KINDS, widget=forms.CheckboxSelectMultiple
        )
        fields["categories"] = LinesField(label=_("Categories"))
        fields["brands"] = LinesField(label=_("Brands"))
        fields["skus"] = LinesField(label=_("Products (SKU)"))

    def show(self, name: str, value: Any) -> Any:
        """See TableForm."""
        if name == "kinds" and value is None:
            return [kind for kind, _label in _KINDS]
        return super().show(name, value)

    def clean_kinds(self) -> Any:
        """The document knows no empty list of kinds: that all lines earn is said in the text."""
        if not self.cleaned_data["kinds"]:
            raise forms.ValidationError(_("Keep at least one kind; that all of them earn is not foreseen."))
        return self.cleaned_data["kinds"]


def _whole(form: TableForm, values: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
    """All keys of a table that is written as a whole, if anything in its form changed."""
    return {key: values.get(key) for key in keys} if form.changed_data else {}
