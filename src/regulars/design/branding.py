"""The brand as pages show it: addresses of its style sheet, its logo and its icons."""

import functools
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from regulars.design.policies import HOUSE_ACCENT, HOUSE_MAIN, hash_style_sheet
from regulars.design.queries import get_brand
from regulars.design.types import Brand

DIGEST_SHOWN = 16
NO_LOGO = "star"

# For pages about a failure, which must not ask the database: what this process saw last.
_last_seen = Brand()


@dataclass(frozen=True, slots=True)
class ShownBrand:
    """What a page's head and header need."""

    name: str
    style_href: str
    logo_href: str
    logo_width: int
    logo_height: int
    main: str
    accent: str
    icon_key: str

    def icon_href(self, size: int, *, whole: bool = False) -> str:
        """The address of a square icon; whole ones have no corners of their own."""
        main, accent, digest = self.icon_key.split("-")
        parts = {"shape": "whole" if whole else "round", "size": size}
        return reverse("design:icon", kwargs=parts | {"main": main, "accent": accent, "digest": digest})

    @property
    def touch_icon_href(self) -> str:
        """The icon on the home screen of phones that read no manifest."""
        return self.icon_href(180, whole=True)

    @property
    def small_icon_href(self) -> str:
        """The icon of the browser's tab; ours is a file."""
        return self.icon_href(192) if self.icon_key != HOUSE_ICON else ""


@functools.lru_cache(maxsize=16)
def show_brand(brand: Brand, *, fallback_name: str = "") -> ShownBrand:
    """The brand ready to be shown, under its own name or else the one given."""
    main, accent = brand.main or HOUSE_MAIN, brand.accent or HOUSE_ACCENT
    logo = brand.logo
    return ShownBrand(
        name=brand.name or fallback_name,
        style_href=reverse("design:brand_style", kwargs=_key(main, accent)) if brand.main else "",
        logo_href=reverse("design:logo", kwargs={"digest": logo.digest[:DIGEST_SHOWN]}) if logo else "",
        logo_width=logo.width if logo else 0,
        logo_height=logo.height if logo else 0,
        main=main,
        accent=accent,
        icon_key=f"{main[1:]}-{accent[1:]}-{logo.digest[:DIGEST_SHOWN] if logo else NO_LOGO}",
    )


def find_brand(request: HttpRequest | None, *, ask: bool = True) -> Brand:
    """The brand in force, asked for once a request; where nothing may be asked, the one seen last."""
    global _last_seen  # noqa: PLW0603  (what the last request saw, for pages that must not ask)
    if not ask or request is None:
        return _last_seen
    known: Brand | None = getattr(request, "_regulars_brand", None)
    if known is None:
        known = _last_seen = get_brand()
        request._regulars_brand = known  # type: ignore[attr-defined]
    return known


def preview_href(main: str, accent: str) -> str:
    """The style sheet of two colours on trial, which colours nothing but `.brand-preview`."""
    return reverse("design:brand_preview", kwargs=_key(main, accent))


def _key(main: str, accent: str) -> dict[str, str]:
    return {"main": main[1:], "accent": accent[1:], "digest": hash_style_sheet(main, accent)}


HOUSE_ICON = f"{HOUSE_MAIN[1:]}-{HOUSE_ACCENT[1:]}-{NO_LOGO}"
