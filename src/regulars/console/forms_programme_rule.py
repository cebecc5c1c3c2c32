"""A way to earn as a form: the fields that its kind has, and no others."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.console.forms_programme import (
    EXPIRY_FIELDS,
    PENDING_FIELDS,
    ROUNDINGS,
    Keys,
    LinesField,
    MomentField,
    TableForm,
    add_expiry_fields,
    add_pending_fields,
    choice,
    dig,
    number,
    text,
    write_expiry,
    write_pending,
)
from regulars.rules.facade import CapPeriod, CapScope, RuleType

CAPS_MAX = len(CapScope) * len(CapPeriod)
KINDS = {
    RuleType.PER_AMOUNT: _("Points for money spent"),
    RuleType.PER_QUANTITY: _("Points for items"),
    RuleType.MULTIPLIER: _("A multiplier"),
    RuleType.BONUS: _("A bonus on a basket"),
    RuleType.EVENT: _("Points for something members do"),
}
KIND_HINTS = {
    RuleType.PER_AMOUNT: _("1 point for every 1.00: what most programmes begin with."),
    RuleType.PER_QUANTITY: _("5 points for every six eggs."),
    RuleType.MULTIPLIER: _("Double points on bread, or at weekends."),
    RuleType.BONUS: _("100 points for a first purchase, 25 for a large basket."),
    RuleType.EVENT: _("For signing up, a birthday, a review, a visit."),
}
WEEKDAYS = (
    ("monday", _("Monday")),
    ("tuesday", _("Tuesday")),
    ("wednesday", _("Wednesday")),
    ("thursday", _("Thursday")),
    ("friday", _("Friday")),
    ("saturday", _("Saturday")),
    ("sunday", _("Sunday")),
)
SCOPES = (("member", _("for each member")), ("programme", _("for everyone together")))
CAP_PERIODS = (
    ("day", _("a day")),
    ("week", _("a week")),
    ("month", _("a month")),
    ("year", _("a year")),
    ("ever", _("in all")),
)
EVENTS = ("sign_up", "birthday", "visit", "review", "share", "survey")
_QUALIFYING = (("", _("As usual for its kind")), ("yes", _("Yes")), ("no", _("No")))
_BASE = (RuleType.PER_AMOUNT, RuleType.PER_QUANTITY)


class RuleForm(TableForm):
    """One [[earn]] table. Its kind cannot change: another kind is another rule."""

    paths: ClassVar[Mapping[str, Keys]] = {
        "name": ("name",),
        "id": ("id",),
        "enabled": ("enabled",),
        "points": ("points",),
        "per": ("per",),
        "factor": ("factor",),
        "event": ("event",),
        "match_skus": ("match", "skus"),
        "match_brands": ("match", "brands"),
        "match_categories": ("match", "categories"),
        "match_not_skus": ("match", "not_skus"),
        "match_not_brands": ("match", "not_brands"),
        "match_not_categories": ("match", "not_categories"),
        "match_quantity_min": ("match", "quantity_min"),
        "basket_min": ("basket_min",),
        "first_purchase": ("first_purchase",),
        "window_active_from": ("window", "active_from"),
        "window_active_to": ("window", "active_to"),
        "window_weekdays": ("window", "weekdays"),
        "window_time_from": ("window", "time_from"),
        "window_time_to": ("window", "time_to"),
        "audience_tiers": ("audience", "tiers"),
        "audience_segments": ("audience", "segments"),
        "rounding": ("rounding",),
        "qualifying": ("qualifying",),
        "when": ("when",),
    }

    def __init__(self, *args: Any, kind: RuleType, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(*args, **kwargs)

    def add_fields(self) -> None:
        """The fields of this table."""
        fields: dict[str, Any] = self.fields
        fields["name"] = text(_("Name for members"))
        fields["id"] = text(
            _("Id"),
            required=True,
            help_text=_(
                "For machines: small letters, digits, _ and -. Limits are counted under it, so keep it."
            ),
        )
        fields["enabled"] = forms.BooleanField(label=_("In use"), required=False)
        self._add_gives(fields)
        if self.kind is not RuleType.EVENT:
            self._add_products(fields)
        self._add_window(fields)
        self._add_audience(fields)
        self._add_caps(fields)
        self.initial.update(add_pending_fields(fields, self.table.get("pending"), _("As the programme says")))
        self.initial.update(add_expiry_fields(fields, self.table.get("expiry"), _("As the programme says")))
        if self.kind in _BASE:
            fields["rounding"] = choice(
                _("Fractions of a point"), [("", _("As the programme says")), *ROUNDINGS]
            )
        fields["qualifying"] = choice(_("Counts towards tiers"), _QUALIFYING)
        fields["when"] = forms.CharField(
            label=_("A further condition"),
            required=False,
            strip=False,
            max_length=1_000,
            help_text=_(
                "An expression, for what the fields above cannot say; the documentation has examples."
            ),
            widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        )

    def _add_gives(self, fields: dict[str, Any]) -> None:
        money = self.context.step
        if self.kind is RuleType.MULTIPLIER:
            fields["factor"] = number(_("Multiply by"), least=1, step="0.01", required=True)
            return
        if self.kind is RuleType.EVENT:
            fields["event"] = text(_("What members do"), required=True)
            fields["event"].widget.attrs["list"] = "events"
        step = "any" if self.kind in _BASE else "1"
        fields["points"] = number(_("Points"), least=0 if step == "any" else 1, step=step, required=True)
        if self.kind is RuleType.PER_AMOUNT:
            label = _("For every so much money (%(currency)s)") % {"currency": self.context.currency}
            fields["per"] = number(label, step=money, required=False)
        if self.kind is RuleType.PER_QUANTITY:
            fields["per"] = number(_("For every so many items"), least=1, required=False)

    def _add_products(self, fields: dict[str, Any]) -> None:
        fields["match_categories"] = LinesField(label=_("Only these categories"))
        fields["match_brands"] = LinesField(label=_("Only these brands"))
        fields["match_skus"] = LinesField(label=_("Only these products (SKU)"))
        fields["match_not_categories"] = LinesField(label=_("Not these categories"))
        fields["match_not_brands"] = LinesField(label=_("Not these brands"))
        fields["match_not_skus"] = LinesField(label=_("Not these products (SKU)"))
        fields["match_quantity_min"] = number(_("From so many items"), least=1, required=False)
        label = _("From a basket of (%(currency)s)") % {"currency": self.context.currency}
        fields["basket_min"] = number(label, step=self.context.step, required=False)
        fields["first_purchase"] = forms.BooleanField(
            label=_("Only a member's first purchase"), required=False
        )

    def _add_window(self, fields: dict[str, Any]) -> None:
        fields["window_active_from"] = MomentField(label=_("From"))
        fields["window_active_to"] = MomentField(label=_("Until, and no longer then"))
        fields["window_weekdays"] = forms.MultipleChoiceField(
            label=_("On these days"),
            required=False,
            choices=WEEKDAYS,
            widget=forms.CheckboxSelectMultiple,
        )
        for name, label in (("time_from", _("From this hour")), ("time_to", _("To this hour"))):
            widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            fields[f"window_{name}"] = forms.TimeField(label=label, required=False, widget=widget)

    def _add_audience(self, fields: dict[str, Any]) -> None:
        if self.context.tiers:
            fields["audience_tiers"] = forms.MultipleChoiceField(
                label=_("Members of these tiers"),
                required=False,
                choices=self.context.tiers,
                widget=forms.CheckboxSelectMultiple,
            )
        fields["audience_segments"] = LinesField(label=_("Members of these segments"))

    def _add_caps(self, fields: dict[str, Any]) -> None:
        caps = self.table.get("caps")
        found = [cap for cap in caps if isinstance(cap, Mapping)] if isinstance(caps, list) else []
        self.caps_count = min(len(found) + 2, CAPS_MAX)
        for place in range(self.caps_count):
            cap = found[place] if place < len(found) else {}
            fields[f"caps{place}_points"] = number(_("At most so many points"), least=1, required=False)
            fields[f"caps{place}_period"] = choice(_("In what time"), CAP_PERIODS)
            fields[f"caps{place}_scope"] = choice(_("Counted for whom"), SCOPES)
            self.initial.update(
                {
                    f"caps{place}_points": cap.get("points"),
                    f"caps{place}_period": cap.get("period", "month"),
                    f"caps{place}_scope": cap.get("scope", "member"),
                }
            )
        self.wholes = {
            "pending": (PENDING_FIELDS, write_pending),
            "expiry": (EXPIRY_FIELDS, write_expiry),
            "caps": (tuple(name for name in fields if name.startswith("caps")), self._write_caps),
        }

    def show(self, name: str, value: Any) -> Any:
        """See TableForm."""
        if name == "enabled":
            return True if value is None else value
        if name == "qualifying":
            return {True: "yes", False: "no"}.get(value, "")
        if name == "window_weekdays":
            return _full_weekdays(value)
        return super().show(name, value)

    def write(self, name: str, value: Any) -> Any:
        """See TableForm."""
        if name == "enabled":
            return None if value else False
        if name == "first_purchase":
            return value or None
        if name == "qualifying":
            return {"yes": True, "no": False}.get(value)
        if name == "when":
            return value.replace("\r\n", "\n") if value.strip() else None
        return super().write(name, value)

    def is_money(self, name: str) -> bool:
        """See TableForm."""
        return name == "basket_min" or (name == "per" and self.kind is RuleType.PER_AMOUNT)

    def _write_caps(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "scope": values[f"caps{place}_scope"],
                "period": values[f"caps{place}_period"],
                "points": values[f"caps{place}_points"],
            }
            for place in range(self.caps_count)
            if values.get(f"caps{place}_points")
        ]

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The fields in groups, and whether a group holds anything that is not as usual: for the template."""
        found = []
        for title, hint, prefix in _GROUPS:
            names = [name for name in self.fields if name.startswith(prefix) and name not in _HEAD]
            if names:
                fields = [self[name] for name in names]
                used = any(self._is_used(name) for name in names) or any(field.errors for field in fields)
                found.append(
                    {
                        "title": title,
                        "hint": hint,
                        "fields": fields,
                        "open": used,
                        "thirds": prefix == ("caps",),
                    }
                )
        return found

    @property
    def head(self) -> list[Any]:
        """What every rule of its kind asks for."""
        return [self[name] for name in _HEAD if name in self.fields]

    def _is_used(self, name: str) -> bool:
        if name in self.paths:
            return dig(self.table, self.paths[name]) is not None
        return self.table.get(name.split("_", maxsplit=1)[0].rstrip("0123456789")) is not None


_HEAD = ("name", "event", "points", "per", "factor", "enabled")
_GROUPS: tuple[tuple[Any, Any, tuple[str, ...]], ...] = (
    (_("Which products"), _("Empty: everything that is not excluded. One name on each line."), ("match_",)),
    (_("Which baskets"), "", ("basket_min", "first_purchase")),
    (_("When"), _("On the programme's clock. Empty: always."), ("window_",)),
    (_("For whom"), _("Nothing chosen: everyone."), ("audience_",)),
    (_("Limits"), _("How much it gives at most. Clear a number to take a limit away."), ("caps",)),
    (_("Waiting, lapsing, counting"), "", ("pending_", "expiry_", "rounding", "qualifying")),
    (_("For machines"), "", ("id", "when")),
)


def _full_weekdays(value: Any) -> Any:
    if not isinstance(value, list):
        return []
    return [name for name, _label in WEEKDAYS if any(name[:3] == str(day).lower()[:3] for day in value)]
