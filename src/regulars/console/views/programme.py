"""The programme: what is in force, what is being worked on, and every version that was published."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.pages.programme import read_version, read_versions
from regulars.console.pages.programme_draft import describe, name_of
from regulars.identity.facade import Permission
from regulars.kit.ids import ProgrammeVersion
from regulars.rules import facade as rules


@require_safe
@at_desk(Permission.PROGRAMME_VIEW)
def versions(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is in force, the draft, and every version that was published."""
    draft = rules.find_draft()
    return show(
        request,
        desk,
        "console/programme.html",
        rows=read_versions(desk),
        draft=draft,
        saved_by=name_of(draft.saved_by) if draft else None,
        sentences=describe(desk.programme) if desk.programme else (),
        active="programme",
    )


@require_safe
@at_desk(Permission.PROGRAMME_VIEW)
def version(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """One version: how members earn under it, its text, and what it changed."""
    page = read_version(desk, ProgrammeVersion(number))
    asked = request.GET.get("show", "")
    tab = asked if asked in {"text", "changes"} else "earning"
    return show(request, desk, "console/version.html", page=page, active="programme", tab=tab)
