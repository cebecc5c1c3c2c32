"""Publishing the draft, or an old version again: what changes, what it makes worse, a note, and from when."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms import PublishForm
from regulars.console.pages.programme_draft import find_draft, name_of, read_meaning
from regulars.console.pages.programme_warnings import Warnings, read_warnings
from regulars.identity.facade import Permission
from regulars.kit.errors import Refusal
from regulars.kit.ids import ProgrammeVersion
from regulars.rules import facade as rules
from regulars.rules.facade import ProgrammeVersionInfo


@require_http_methods(["GET", "POST"])
@at_desk(Permission.PROGRAMME_PUBLISH)
def review(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The draft before it is published."""
    draft = find_draft()
    if rules.check_programme(draft.text):
        messages.error(request, _("The draft has mistakes; mend them first."))
        return redirect("console:programme_text")

    def publish(form: PublishForm) -> ProgrammeVersionInfo:
        return rules.publish_draft(
            actor=desk.actor, now=desk.now, revision=form.cleaned_data["revision"] or 0, **_terms(form)
        )

    shown = {"draft": draft, "by": name_of(draft.saved_by)}
    return _review(request, desk, draft.text, publish, revision=draft.revision, shown=shown)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.PROGRAMME_PUBLISH)
def restore(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """An old version before it is published again as a new one."""
    old = rules.find_version(ProgrammeVersion(number))
    if old is None:
        raise rules.NoProgramme(_("There is no such version."))

    def publish(form: PublishForm) -> ProgrammeVersionInfo:
        return rules.publish_again(actor=desk.actor, now=desk.now, number=old.number, **_terms(form))

    return _review(request, desk, old.text, publish, revision=0, shown={"old": old})


def _review(
    request: HttpRequest, desk: Desk, text: str, publish: Any, *, revision: int, shown: dict[str, Any]
) -> HttpResponse:
    """Show what publishing does; publish where it was asked and everything was said."""
    latest = next(iter(rules.list_versions()), None)
    base = latest.number if latest else None
    sent = request.method == "POST"
    form = PublishForm(request.POST if sent else None, initial={"against": base, "revision": revision})
    begins: datetime = desk.now
    status = 200
    if sent:
        valid = form.is_valid()
        begins = form.cleaned_data.get("effective_from") or desk.now
        if valid and request.POST.get("step") == "publish":
            try:
                info = publish(form)
            except (rules.DraftMoved, rules.PromisesWorse, Refusal) as refusal:
                form.add_error(None, refusal.detail)
                status = 409
            else:
                return _published(request, info, latest)
        else:
            status = 422 if not valid else 200
    warnings = _warn(form, text, begins, desk.now)
    coming = latest if latest is not None and latest.effective_from > begins else None
    return show(
        request,
        desk,
        "console/programme/review.html",
        status=status,
        active="programme",
        form=form,
        meaning=read_meaning(desk, text),
        warnings=warnings,
        acknowledged=sent and warnings.fingerprint == request.POST.get("acknowledged", ""),
        against=base,
        revision=revision,
        coming=coming,
        **shown,
    )


def _warn(form: PublishForm, text: str, begins: datetime, now: datetime) -> Warnings:
    before = rules.find_version_at(begins)
    try:
        return read_warnings(
            text, before=rules.get_programme(before.number) if before else None, begins=begins, now=now
        )
    except rules.ProgrammeInvalid as refusal:
        form.add_error(None, refusal.detail) if form.is_bound else None
        return Warnings((), (), "")


def _terms(form: PublishForm) -> dict[str, Any]:
    values = form.cleaned_data
    return {
        "against": values["against"],
        "note": values["note"],
        "effective_from": values["effective_from"],
        "acknowledged": values["acknowledged"],
    }


def _published(
    request: HttpRequest, info: ProgrammeVersionInfo, latest: ProgrammeVersionInfo | None
) -> HttpResponse:
    if latest is not None and info.number <= latest.number:
        messages.info(
            request, _("Nothing changed: version %(number)s says the same.") % {"number": info.number}
        )
    else:
        messages.success(request, _("Version %(number)s is published.") % {"number": info.number})
    return redirect("console:version", info.number)
