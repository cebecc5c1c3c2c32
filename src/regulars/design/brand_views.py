"""What a brand's addresses answer. Each names its content by a hash, so that it is kept for ever."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from regulars.design.branding import NO_LOGO
from regulars.design.logos import ICON_SIZES, draw_icon
from regulars.design.policies import derive_tokens, hash_style_sheet, write_style_sheet
from regulars.design.queries import find_logo

FOR_EVER = "public, max-age=31536000, immutable"
PREVIEW = ".brand-preview"


@require_safe
def brand_style(_request: HttpRequest, main: str, accent: str, digest: str) -> HttpResponse:
    """The style sheet of two colours."""
    return _style(main, accent, digest, ":root")


@require_safe
def brand_preview(_request: HttpRequest, main: str, accent: str, digest: str) -> HttpResponse:
    """The same for the preview alone, while the page around it keeps its colours."""
    return _style(main, accent, digest, PREVIEW)


@require_safe
def logo(_request: HttpRequest, digest: str) -> HttpResponse:
    """A logo, now or ever in force."""
    found = find_logo(digest)
    if found is None:
        raise Http404("There is no such logo.")
    return _answer(found.content, "image/png")


@require_safe
def icon(
    _request: HttpRequest, *, shape: str, size: str, main: str, accent: str, digest: str
) -> HttpResponse:
    """The square icon of a brand."""
    found = None if digest == NO_LOGO else find_logo(digest)
    if int(size) not in ICON_SIZES or (found is None and digest != NO_LOGO):
        raise Http404("There is no such icon.")
    ground = derive_tokens(f"#{main}", f"#{accent}")["pass"][0]
    content = draw_icon(
        int(size), ground, f"#{accent}", found.content if found else None, whole=shape == "whole"
    )
    return _answer(content, "image/png")


def _style(main: str, accent: str, digest: str, scope: str) -> HttpResponse:
    main, accent = f"#{main}", f"#{accent}"
    if digest != hash_style_sheet(main, accent):
        raise Http404("This style sheet is of another time.")
    return _answer(write_style_sheet(main, accent, scope=scope).encode(), "text/css; charset=utf-8")


def _answer(content: bytes, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    return response
