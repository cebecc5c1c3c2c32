"""Notes on a member: kept, and taken away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.console.desk import Desk, at_desk
from regulars.console.forms_desk import MemberNoteForm
from regulars.identity.facade import Permission
from regulars.kit.ids import MemberId
from regulars.members import facade as members


@require_POST
@at_desk(Permission.MEMBERS_EDIT)
def write_note(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Leave a word for colleagues."""
    form = MemberNoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The note was not kept: it needs some words, and not too many."))
    else:
        members.write_note(
            actor=desk.actor,
            now=desk.now,
            member_id=MemberId(member_id),
            text=form.cleaned_data["text"],
            idempotency_key=f"console:{form.cleaned_data['key']}",
        )
        messages.success(request, _("Noted."))
    return redirect("console:member", member_id)


@require_POST
@at_desk(Permission.MEMBERS_EDIT)
def delete_note(request: HttpRequest, desk: Desk, member_id: int, note_id: int) -> HttpResponse:
    """Take a note away."""
    members.delete_note(actor=desk.actor, now=desk.now, member_id=MemberId(member_id), note_id=note_id)
    messages.success(request, _("The note is gone."))
    return redirect("console:member", member_id)
