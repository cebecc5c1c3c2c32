"""What operators decide about a reward."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import DecimalValidator
from django.utils.translation import gettext_lazy as _

from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import RewardKind
from regulars.design.facade import DRAWINGS
from regulars.kit.money import minor_digits
from regulars.rules.facade import Programme

NUMBER_MAX = 10**12
CODE = r"[a-z0-9][a-z0-9._\-]{0,63}"
KINDS = {
    RewardKind.GOODS: _("Goods"),
    RewardKind.VOUCHER: _("Voucher"),
    RewardKind.DISCOUNT: _("Discount"),
    RewardKind.GIFT_CARD: _("Gift card"),
    RewardKind.FREE_SHIPPING: _("Free delivery"),
    RewardKind.PARTNER: _("Experience"),
    RewardKind.DONATION: _("Donation"),
}
TEXTS = ("name", "description", "terms", "alt")


def _number(label: Any, *, least: int = 0, hint: Any = "", needed: bool = False) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=hint,
        required=needed,
        min_value=least,
        max_value=NUMBER_MAX,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


def _instant(label: Any, hint: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        help_text=hint,
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


DRAWING_NAMES = {
    "goods": _("Basket of goods"),
    "fruit": _("Fruit"),
    "bread": _("Bread"),
    "coffee": _("Coffee"),
    "cheese": _("Cheese"),
    "cake": _("Cake"),
    "flowers": _("Flowers"),
    "mug": _("Mug"),
    "tote": _("Tote bag"),
    "skillet": _("Skillet"),
    "hamper": _("Hamper"),
    "cookies": _("Cookies"),
    "car": _("Car"),
    "cinema": _("Cinema"),
    "kitchen": _("Kitchen"),
    "lake": _("Lake"),
    "tasting": _("Tasting"),
    "tree": _("Tree"),
    "voucher": _("Slip with a star"),
    "discount": _("Percent sign"),
    "gift_card": _("Card with a ribbon"),
    "free_shipping": _("Delivery van"),
    "partner": _("Two hands"),
    "donation": _("Heart"),
}


class RewardForm(forms.Form):
    """All of a reward. `base` is the version that the change was begun from, `began` what it said.

    Texts have one field for each language: `name_en`, `name_ru`, …
    """

    code = forms.CharField(
        label=_("Code"),
        help_text=_("In addresses and in the API, for ever. Empty: made from the name."),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "pattern": CODE}),
    )
    language = forms.ChoiceField(
        label=_("First language"),
        help_text=_("What is missing in another one is said in this."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind.value, name) for kind, name in KINDS.items()])
    category = forms.CharField(
        label=_("Category"),
        help_text=_("Members filter by it."),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
    )
    price_points = _number(_("Price in points"), least=1, needed=True)
    price_money = forms.DecimalField(
        label=_("Plus money"),
        help_text=_("Paid when it is picked up. Empty: points only."),
        required=False,
        min_value=0,
        max_value=NUMBER_MAX,
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )
    cost = forms.DecimalField(
        label=_("What one costs you"),
        help_text=_("No member sees it: of two that suit, the cheaper is suggested. Empty: not weighed."),
        required=False,
        min_value=0,
        max_value=NUMBER_MAX,
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )
    picture = forms.FileField(
        label=_("Upload a picture"),
        help_text=_("PNG, JPEG or WebP, up to 10 MB. Best 1,280 × 960; it is kept in several sizes."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    picture_name = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    drawing = forms.ChoiceField(label=_("Or a drawing"), required=False)
    stock = _number(_("Units in all"), hint=_("With those handed out. Empty: as many as are asked for."))
    per_member_max = _number(_("Most for one member"), least=1, hint=_("Empty: no limit."))
    active_from = _instant(_("Opens"), _("Empty: at once."))
    active_to = _instant(_("Ends"), _("Empty: it stays."))
    early_access = forms.BooleanField(
        label=_("Tiers with early access may have it before it opens"), required=False
    )
    tiers_allowed = forms.MultipleChoiceField(
        label=_("Only for these tiers"), required=False, widget=forms.CheckboxSelectMultiple
    )
    hidden_from_others = forms.BooleanField(label=_("Others do not even see it"), required=False)
    kept_units = _number(_("Units kept back"), hint=_("A share of the stock, empty for none."))
    kept_for_rank = forms.ChoiceField(label=_("For this tier and above"), required=False)
    kept_until = _instant(_("Until"), _("Then the rest is for everyone. Empty: for ever."))
    code_pool = forms.ChoiceField(
        label=_("Code pool"), help_text=_("Each redemption gives out one of its codes."), required=False
    )
    instant = forms.BooleanField(label=_("Nothing to pack: delivered at once"), required=False)
    voucher_valid_days = _number(_("Good for so many days"), hint=_("After redeeming. Empty: for ever."))
    cancellable_for_hours = _number(
        _("Hours to take it back"),
        hint=_("Empty: never. A reward that gives out a code cannot be taken back."),
    )
    refundable_when_fulfilled = forms.BooleanField(
        label=_("We may give the points back after delivery, too"), required=False
    )
    base = forms.IntegerField(widget=forms.HiddenInput)
    began = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        programme: Programme | None,
        pools: Iterable[catalogue.PoolStock],
        languages: Iterable[tuple[str, str]],
        tiers_known: Iterable[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.languages = tuple(languages)
        self.currency = programme.currency if programme else ""
        tiers = programme.tiers.tiers if programme else ()
        codes = {tier.code for tier in tiers}
        self._choose("language", self.languages)
        self._choose(
            "drawing", [("", _("By its kind")), *((name, DRAWING_NAMES.get(name, name)) for name in DRAWINGS)]
        )
        self._choose(
            "tiers_allowed",
            [*((t.code, t.name) for t in tiers), *((c, c) for c in tiers_known if c not in codes)],
        )
        self._choose("kept_for_rank", [(str(tier.rank), tier.name) for tier in tiers] or [("0", "0")])
        self._choose(
            "code_pool",
            [("", _("None")), *((pool.code, f"{pool.name} ({pool.free:,})") for pool in pools)],
        )
        for name in ("price_money", "cost"):
            digits = minor_digits(self.currency)
            self.fields[name].widget.attrs["step"] = str(Decimal(1).scaleb(-digits))
            self.fields[name].validators.append(DecimalValidator(None, digits))
        for language, _name in self.languages:
            self.fields |= _text_fields(language)

    def _choose(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = list(choices)

    def clean_code(self) -> str:
        """In small letters; made from the name where it is empty, by the page."""
        code: str = self.cleaned_data["code"].strip().lower()
        if code and re.fullmatch(CODE, code) is None:
            raise forms.ValidationError(_("The code is made of a–z, 0–9, dot, dash and underscore."))
        return code

    def clean(self) -> dict[str, Any]:
        """A name in the first language."""
        told = super().clean() or self.cleaned_data
        first = told.get("language")
        if first and not told.get(f"name_{first}"):
            self.add_error(f"name_{first}", _("It needs a name in its first language."))
        return told

    def columns(self) -> Iterator[tuple[str, str, list[forms.BoundField]]]:
        """The texts side by side: code and name of each language, with its fields."""
        for code, name in self.languages:
            yield code, name, [self[f"{text}_{code}"] for text in TEXTS]


def list_form_languages(reward: catalogue.RewardInput | None) -> list[tuple[str, str]]:
    """The languages of the pages, and any other in which the reward says something."""
    known = dict(settings.LANGUAGES)
    more = (reward.language, *(text.language for text in reward.translations)) if reward else ()
    return [*known.items(), *((code, code) for code in more if code not in known)]


def _text_fields(language: str) -> dict[str, forms.Field]:
    """The fields of one language; the browser checks the spelling in it."""
    spoken = {"lang": language}
    return {
        f"name_{language}": forms.CharField(
            label=_("Name"), required=False, max_length=160, widget=forms.TextInput(attrs=spoken)
        ),
        f"description_{language}": forms.CharField(
            label=_("Description"),
            required=False,
            max_length=20_000,
            widget=forms.Textarea(attrs={**spoken, "rows": 8}),
        ),
        f"terms_{language}": forms.CharField(
            label=_("Terms"),
            required=False,
            max_length=20_000,
            widget=forms.Textarea(attrs={**spoken, "rows": 4}),
        ),
        f"alt_{language}": forms.CharField(
            label=_("What the picture shows"),
            required=False,
            max_length=300,
            widget=forms.TextInput(attrs=spoken),
        ),
    }
