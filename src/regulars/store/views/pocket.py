"""The store on a home screen: what installs it, and what it shows where there is no connection."""

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from regulars.design import facade as design
from regulars.store.rendering import show
from regulars.store.visits import StoreRequest, Visit, for_everyone

PAPER = "#fcf9f1"
FILES = ("regulars.css", "htmx.js", "regulars.js", "offline.js")


@require_safe
@for_everyone
def manifest(request: StoreRequest, visit: Visit) -> HttpResponse:
    """What a phone needs to know to put the store on its home screen: in the shop's name and colours."""
    shop = _find_shop(request, visit)
    icons: list[dict[str, Any]] = [
        {"src": shop.icon_href(size), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"}
        for size in (192, 512)
    ]
    whole = shop.icon_href(512, whole=True)
    icons.append({"src": whole, "sizes": "512x512", "type": "image/png", "purpose": "maskable"})
    home = reverse("store:home")
    told = {
        "id": home,
        "name": shop.name,
        "short_name": shop.name,
        "description": _("Your points, and what you can have for them."),
        "lang": get_language(),
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": shop.main,
        "icons": icons,
        "shortcuts": [
            {"name": _("Rewards"), "url": reverse("store:rewards")},
            {"name": _("My rewards"), "url": reverse("store:my_rewards")},
        ],
    }
    return JsonResponse(told, content_type="application/manifest+json")


@require_safe
@for_everyone
def service_worker(request: StoreRequest, visit: Visit) -> HttpResponse:
    """The script that answers without a connection. It names what it keeps, so a new brand renews it."""
    shop = _find_shop(request, visit)
    parts = [static(f"design/dist/{name}") for name in FILES]
    kept = [reverse("store:offline"), *parts, *([shop.style_href] if shop.style_href else [])]
    told = f"const OFFLINE = {json.dumps(kept[0])};\nconst KEPT = {json.dumps(kept)};\n"
    body = told + design.load_script("sw.js")
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = reverse("store:home")
    return response


@require_safe
@for_everyone
def offline(request: StoreRequest, visit: Visit) -> HttpResponse:
    """Kept by the browser for when there is no connection. Holds nothing of the member."""
    return show(request, Visit(visit.now, visit.programme, None), "offline.html", active="offline")


def _find_shop(request: StoreRequest, visit: Visit) -> design.ShownBrand:
    name = visit.programme.name if visit.programme else "Regulars"
    return design.show_brand(design.find_brand(request), fallback_name=name)
