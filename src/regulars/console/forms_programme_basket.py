"""A basket to try: its lines, whose it is, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.kit.money import to_minor
from regulars.rules.facade import LineKind

LINES_MAX = 50
BLANK_LINES = 1
KINDS = (
    ("product", _("Product")),
    ("shipping", _("Shipping")),
    ("tax", _("Tax")),
    ("gift_card", _("Gift card")),
    ("fee", _("Fee")),
)


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line as it was typed, with what is wrong with it, and the name of the product where it is known."""

    sku: str = ""
    brand: str = ""
    category: str = ""
    quantity: str = "1"
    amount: str = ""
    kind: str = "product"
    error: Any = ""
    name: str = ""

    @property
    def is_blank(self) -> bool:
        """True where nothing says what was bought."""
        return not (self.sku or self.brand or self.category or self.amount)

    def minor(self, currency: str) -> int | None:
        """What was paid for the line, in minor units; None where that is left to the catalogue."""
        return to_minor(Decimal(self.amount.replace(",", ".")), currency) if self.amount else None


class WhoForm(forms.Form):
    """Whose basket it is, and when it is bought."""

    tier = forms.ChoiceField(label=_("Tier"), required=False)
    at = forms.DateTimeField(
        label=_("Bought at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    first = forms.BooleanField(label=_("It is their first purchase"), required=False)
    segments = forms.CharField(
        label=_("Segments"), required=False, max_length=200, help_text=_("Names, with commas between them.")
    )

    def __init__(self, *args: Any, tiers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"] = forms.ChoiceField(
            label=_("Tier"), required=False, choices=[("", _("None")), *tiers]
        )


def read_lines(sent: Mapping[str, Any], currency: str) -> list[TypedLine]:
    """The lines of a query, each with what is wrong with it; blank ones are left out."""
    columns = {
        name: sent.getlist(name)[:LINES_MAX]  # type: ignore[attr-defined]
        for name in ("sku", "brand", "category", "quantity", "amount", "kind")
    }
    count = max(map(len, columns.values()), default=0)
    found = []
    for place in range(count):
        values = {
            name: (column[place].strip()[:100] if place < len(column) else "")
            for name, column in columns.items()
        }
        line = TypedLine(
            **{**values, "quantity": values["quantity"] or "1", "kind": values["kind"] or "product"}
        )
        if not line.is_blank:
            found.append(_judge(line, currency))
    return found


def _judge(line: TypedLine, currency: str) -> TypedLine:
    error: Any = ""
    if not line.quantity.isdecimal() or not 0 < int(line.quantity) < 100_000:
        error = _("A whole number of pieces, please.")
    elif line.kind not in set(LineKind):
        error = _("Choose a kind.")
    else:
        try:
            minor = line.minor(currency)
            if minor is not None and not 0 <= minor < 10**12:
                error = _("An amount of the currency, please.")
        except (InvalidOperation, ValueError, OverflowError):
            error = _("An amount of the currency, please.")
    return TypedLine(line.sku, line.brand, line.category, line.quantity, line.amount, line.kind, error)
