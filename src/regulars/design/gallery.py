"""The living page of components: each in each state, light beside dark. In debug and in a demonstration."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from regulars.design.specimens import list_specimen_charts, list_specimen_shelves

SCHEMES = ("light", "dark")
COLOURS = (
    *("background", "card", "popover", "muted", "border", "input"),
    *("primary", "primary-strong", "secondary", "destructive", "destructive-tint"),
    *("honey", "honey-tint", "pass", "pass-deep", "awning"),
    *("leaf", "tomato", "plum", "sky", "clay", "silver", "gold"),
)
TIERS = ("Leaf", "Silver", "Gold", "Plum")


@dataclass(frozen=True, slots=True)
class Section:
    """One component on the page: its file's name is its anchor."""

    name: str
    title: Any

    @property
    def template(self) -> str:
        """Where its states stand."""
        return f"design/gallery/{self.name}.html"


SECTIONS = (
    Section("colours", gettext_lazy("Colours")),
    Section("type", pgettext_lazy("letters", "Type")),
    Section("button", gettext_lazy("Buttons")),
    Section("field", gettext_lazy("Fields")),
    Section("card", gettext_lazy("Cards")),
    Section("table", gettext_lazy("Tables")),
    Section("tabs", gettext_lazy("Tabs and filters")),
    Section("dialog", gettext_lazy("Dialogs")),
    Section("toast", gettext_lazy("Toasts and notices")),
    Section("progress", gettext_lazy("Progress")),
    Section("loyalty", gettext_lazy("Points, tiers and badges")),
    Section("chart", gettext_lazy("Charts")),
    Section("shelf", gettext_lazy("Shelves of products")),
    Section("empty", gettext_lazy("Empty states")),
    Section("skeleton", gettext_lazy("Skeletons")),
)


class SpecimenForm(forms.Form):
    """Fields as forms have them: plain, with help, of each kind, and one that is wrong."""

    plain = forms.CharField(label=gettext_lazy("Name"), required=False)
    helped = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Only for the code that lets you in."),
        required=False,
    )
    choice = forms.ChoiceField(
        label=gettext_lazy("Sort by"),
        choices=[("near", gettext_lazy("Nearest first")), ("new", gettext_lazy("Newest first"))],
        required=False,
    )
    text = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    off = forms.CharField(label=gettext_lazy("Card number"), disabled=True, initial="4029 1184")
    wrong = forms.IntegerField(label=gettext_lazy("Points"), min_value=1)


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    if not (settings.DEBUG or settings.DEMO_MODE):
        raise Http404("The page of components is for debugging and demonstrations.")
    return render(
        request,
        "design/gallery/page.html",
        {
            "brand": "Regulars",
            "sections": SECTIONS,
            "schemes": [(scheme, _form(scheme)) for scheme in SCHEMES],
            "colours": COLOURS,
            "tiers": list(enumerate(TIERS)),
            "charts": list_specimen_charts(),
            "shelves": list_specimen_shelves(),
            "columns": [(_("Member"), ""), (_("Tier"), ""), (_("Points"), "number")],
            "people": [("Anna Keller", 2, "Gold", 12_840), ("Jun Watanabe", 1, "Silver", 0)],
            "tabs": [
                ("#tabs", _("Active"), True),
                ("#tabs", _("Used"), False),
                ("#tabs", _("Expired"), False),
            ],
            "variants": ["primary", "secondary", "outline", "ghost", "destructive", "honey", "link"],
        },
    )


def _form(scheme: str) -> SpecimenForm:
    form = SpecimenForm({"wrong": "0", "plain": "Anna Keller"}, auto_id=f"{scheme}_%s")
    form.is_valid()
    return form
