"""The programme: its versions, and publishing another one after a check and a look at what changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms import ProgrammeForm, PublishForm
from regulars.console.pages.programme import compare, read_version, read_versions, show_problems
from regulars.identity.facade import Permission
from regulars.kit.errors import Refusal
from regulars.kit.ids import ProgrammeVersion
from regulars.rules import facade as rules


@require_safe
@at_desk(Permission.PROGRAMME_VIEW)
def versions(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every version that was published."""
    return show(request, desk, "console/programme.html", rows=read_versions(desk), active="programme")


@require_safe
@at_desk(Permission.PROGRAMME_VIEW)
def version(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """One version: how members earn under it, its text, and what it changed."""
    page = read_version(desk, ProgrammeVersion(number))
    asked = request.GET.get("show", "")
    tab = asked if asked in {"text", "changes"} else "earning"
    return show(request, desk, "console/version.html", page=page, active="programme", tab=tab)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.PROGRAMME_PUBLISH)
def edit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Write, check, see what changes, publish. Each step is one press; nothing is kept before the last."""
    latest = next(iter(rules.list_versions()), None)
    if request.method == "GET":
        text = latest.text if latest else rules.read_example()
        form = ProgrammeForm(initial={"text": text, "base": latest.number if latest else None})
        return _write(request, desk, form)
    text = _unix(request.POST.get("text", ""))
    if request.POST.get("step") == "write":
        return _write(request, desk, ProgrammeForm(initial={"text": text, "base": request.POST.get("base")}))
    return _judge(request, desk, text, latest)


def _judge(
    request: HttpRequest, desk: Desk, text: str, latest: rules.ProgrammeVersionInfo | None
) -> HttpResponse:
    """Check a text, then show what it changes, then publish it: as far as was asked and as it is sound."""
    step = request.POST.get("step", "check")
    form = PublishForm(request.POST) if step == "publish" else ProgrammeForm(request.POST)
    complete = form.is_valid()
    if not form.cleaned_data.get("text"):
        return _write(request, desk, form, status=422)
    problems = rules.check_programme(text)
    if problems or step == "check":
        status = 422 if problems else 200
        return _write(request, desk, form, text=text, problems=problems, sound=not problems, status=status)
    base = latest.number if latest else None
    if step == "publish" and form.cleaned_data.get("base") == base:
        return (
            _publish(request, desk, form, text, latest)
            if complete
            else _review(request, desk, form, text, latest, status=422)
        )
    kept = {name: request.POST.get(name, "") for name in ("note", "effective_from")}
    review = PublishForm(initial={"text": text, "base": base, **kept})
    return _review(request, desk, review, text, latest, moved=step == "publish")


def _publish(
    request: HttpRequest,
    desk: Desk,
    form: ProgrammeForm,
    text: str,
    latest: rules.ProgrammeVersionInfo | None,
) -> HttpResponse:
    begins: datetime | None = form.cleaned_data["effective_from"]
    try:
        info = rules.publish_programme(
            actor=desk.actor, now=desk.now, text=text, note=form.cleaned_data["note"], effective_from=begins
        )
    except Refusal as refusal:
        form.add_error(None, refusal.detail)
        return _review(request, desk, form, text, latest, status=409)
    if latest is not None and info.number <= latest.number:
        messages.info(
            request, _("Nothing changed: version %(number)s says the same.") % {"number": info.number}
        )
    else:
        messages.success(request, _("Version %(number)s is published.") % {"number": info.number})
    return redirect("console:version", info.number)


def _write(
    request: HttpRequest,
    desk: Desk,
    form: ProgrammeForm,
    *,
    text: str = "",
    problems: Sequence[rules.Problem] = (),
    sound: bool = False,
    status: int = 200,
) -> HttpResponse:
    shown: dict[str, Any] = {"form": form, "problems": show_problems(text, problems), "sound": sound}
    return show(request, desk, "console/programme_edit.html", status=status, **shown, active="programme")


def _review(
    request: HttpRequest,
    desk: Desk,
    form: ProgrammeForm,
    text: str,
    latest: rules.ProgrammeVersionInfo | None,
    *,
    moved: bool = False,
    status: int = 200,
) -> HttpResponse:
    """What changes against the latest version, asked once more where that has moved on meanwhile."""
    shown: dict[str, Any] = {
        "form": form,
        "text": text,
        "latest": latest,
        "moved": moved,
        "comparison": compare(latest.text if latest else "", text),
        "sentences": rules.describe_rules(rules.parse_programme(text)),
    }
    return show(request, desk, "console/programme_review.html", status=status, **shown, active="programme")


def _unix(text: str) -> str:
    """Line ends as files have them: browsers send two signs for each."""
    return text.replace("\r\n", "\n")
