"""Tables of the programme as forms: what the text says is shown, and only what was changed is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.kit.money import minor_digits

Keys = tuple[str, ...]


class LinesField(forms.CharField):
    """A list of names, one on each line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}), **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        """Names as the lines of a text."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """What was sent, as the document has it."""
        if isinstance(value, list | tuple):
            return list(value)
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """True where it says something else."""
        return bool(self.to_python(initial) != self.to_python(data))


class MomentField(forms.DateTimeField):
    """A moment of the programme's own clock. Midnight is written as a date alone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(required=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        """What was sent, as the document has it."""
        found = super().to_python(value)
        return found.replace(tzinfo=None) if found is not None else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """True where it says something else."""
        try:
            return bool((initial or None) != self.to_python(data))
        except forms.ValidationError:
            return True


@dataclass(frozen=True, slots=True)
class Context:
    """What forms need to know of the rest of the document. `tiers` are pairs of code and name."""

    currency: str
    zone: ZoneInfo
    tiers: tuple[tuple[str, str], ...]
    metric: str

    @property
    def step(self) -> str:
        """The least amount of money."""
        digits = minor_digits(self.currency)
        return str(Decimal(1).scaleb(-digits)) if digits else "1"


WriteWhole = Callable[[Mapping[str, Any]], Any]
"""From what the fields say to a table of the document."""


class TableForm(forms.Form):
    """One table of the document. `paths` say where the value of each field stands in it.

    `table` is the table as it reads now; a field that stays as it is is not written at all. `seen` travels
    with the form, so that a change of someone else in between is noticed.
    """

    paths: ClassVar[Mapping[str, Keys]] = {}
    wholes: Mapping[str, tuple[Keys, WriteWhole]] = {}
    """Tables within that are written as a whole: by key, the fields that make them, and how."""

    def __init__(self, *args: Any, table: Mapping[str, Any], context: Context, **kwargs: Any) -> None:
        self.table = table
        self.context = context
        super().__init__(*args, **kwargs)
        self.add_fields()
        for name in self.fields:
            if name in self.paths:
                self.initial.setdefault(name, self.show(name, dig(table, self.paths[name])))

    def add_fields(self) -> None:
        """A place for fields that depend on the document."""

    def show(self, name: str, value: Any) -> Any:
        """A value of the document as the field shows it."""
        field = self.fields[name]
        if isinstance(field, forms.TimeField) and isinstance(value, str):
            try:
                return time.fromisoformat(value)
            except ValueError:
                return value
        if isinstance(field, MomentField):
            return show_moment(value, self.context.zone)
        return value

    def write(self, name: str, value: Any) -> Any:
        """A cleaned value as the document says it; None takes the key away."""
        if isinstance(value, datetime):
            return value.date() if value.time() == time() else value
        if isinstance(value, time):
            return value.isoformat("minutes")
        if isinstance(value, Decimal):
            return int(value) if value == int(value) and not self.is_money(name) else value
        return None if value in ("", [], None) else value

    money: ClassVar[frozenset[str]] = frozenset()
    """The fields that are amounts: those are written with the currency's decimals."""

    def is_money(self, name: str) -> bool:
        """True where a field is an amount."""
        return name in self.money

    def changes(self) -> dict[str, Any]:
        """The keys to change, for a valid form: nested tables whole, with what the form does not show."""
        found: dict[str, Any] = {}
        for name in self.changed_data:
            if name in self.paths:
                head, *rest = self.paths[name]
                value = self.write(name, self.cleaned_data[name])
                if rest:
                    nested = found.get(head, self.table.get(head))
                    value = {**(nested if isinstance(nested, Mapping) else {}), rest[0]: value}
                found[head] = value
        for key, (names, write) in self.wholes.items():
            if set(names) & set(self.changed_data):
                found[key] = write(self.cleaned_data)
        return found

    def add_problem(self, field: str, message: str) -> None:
        """Put a mistake, named as within this table (`match.skus`), at the field that shows it."""
        plain = field.replace("[#", "").replace("]", "")
        by_path = {".".join(path): name for name, path in self.paths.items()}
        known = next(
            (name for name in (by_path.get(plain, ""), plain.replace(".", "_"), plain.split(".")[0])
             if name in self.fields), None,
        )  # fmt: skip
        shown = message if known else f"{field}: {message}" if field else message
        self.add_error(known, shown[:1].upper() + shown[1:])


def dig(table: Mapping[str, Any], path: Keys) -> Any:
    """The value at a path of a table, None where there is none."""
    found: Any = table
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def show_moment(value: Any, zone: ZoneInfo) -> Any:
    """A date or a moment of the document on the programme's clock, without its zone."""
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
    return datetime.combine(value, time()) if hasattr(value, "year") else value


def number(label: Any, *, least: int = 0, step: str = "1", **kwargs: Any) -> forms.Field:
    """A number with as many decimals as the step has; whole where that is 1."""
    widget = forms.NumberInput(attrs={"step": step, "min": str(least), "inputmode": "decimal"})
    if step == "1":
        return forms.IntegerField(label=label, min_value=least, widget=widget, **kwargs)
    return forms.DecimalField(label=label, min_value=least, widget=widget, **kwargs)


def text(label: Any, *, required: bool = False, **kwargs: Any) -> forms.CharField:
    """A text of one line."""
    return forms.CharField(label=label, required=required, max_length=200, **kwargs)


def choice(label: Any, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    """One of a few words; the empty one leaves the key out."""
    return forms.ChoiceField(label=label, required=False, choices=choices, **kwargs)


EXPIRIES = (
    ("never", _("Never")),
    ("after_months", _("Some months after they were earned")),
    ("inactivity", _("After some months without activity")),
    ("end_of_period", _("At the end of the month, quarter or year")),
    ("fixed_date", _("On a certain day")),
)
PERIODS = (("month", _("Month")), ("quarter", _("Quarter")), ("year", _("Year")))
WAITS = (
    ("none", _("At once")),
    ("days", _("After some days")),
    ("awaits", _("When something happens")),
)
ROUNDINGS = (("floor", _("Drop")), ("half_up", _("Round")), ("ceil", _("Round up")))


def add_expiry_fields(fields: dict[str, Any], table: Any, inherit: Any = None) -> dict[str, Any]:
    """Fields of an expiry; answers what they show at first."""
    first = [("", inherit)] if inherit else []
    fields["expiry_kind"] = choice(_("Points lapse"), [*first, *EXPIRIES])
    fields["expiry_months"] = number(_("Months"), least=1, required=False)
    fields["expiry_period"] = choice(_("End of the"), [("", "—"), *PERIODS])
    fields["expiry_on"] = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    found = table if isinstance(table, Mapping) else {}
    kind = found.get("kind") or ("" if inherit else "never")
    return {
        "expiry_kind": kind,
        "expiry_months": found.get("months"),
        "expiry_period": found.get("period") or "",
        "expiry_on": found.get("on"),
    }


def add_pending_fields(fields: dict[str, Any], table: Any, inherit: Any = None) -> dict[str, Any]:
    """Fields of a waiting time; answers what they show at first."""
    first = [("", inherit)] if inherit else []
    fields["pending_kind"] = choice(_("Points can be spent"), [*first, *WAITS])
    fields["pending_days"] = number(_("Days"), least=0, required=False)
    fields["pending_awaits"] = text(_("What has to happen, such as delivered"))
    found = table if isinstance(table, Mapping) else None
    kind = "" if inherit else "none"
    if found is not None:
        kind = "awaits" if "awaits" in found else "days" if found.get("days") else "none"
    return {
        "pending_kind": kind,
        "pending_days": found.get("days") if found else None,
        "pending_awaits": found.get("awaits") or "" if found else "",
    }


EXPIRY_FIELDS = ("expiry_kind", "expiry_months", "expiry_period", "expiry_on")
PENDING_FIELDS = ("pending_kind", "pending_days", "pending_awaits")


def write_expiry(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The expiry that the fields say; None where it is the programme's."""
    kind = values["expiry_kind"]
    key = {
        "after_months": "months",
        "inactivity": "months",
        "end_of_period": "period",
        "fixed_date": "on",
    }.get(kind)
    if not kind:
        return None
    return {"kind": kind} | ({key: values[f"expiry_{key}"] or None} if key else {})


def write_pending(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The waiting time that the fields say; None where it is the programme's."""
    kind = values["pending_kind"]
    if not kind:
        return None
    if kind == "awaits":
        return {"awaits": values["pending_awaits"] or None}
    return {"days": (values["pending_days"] or 0) if kind == "days" else 0}
