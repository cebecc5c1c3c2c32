"""Seeing the store as a member sees it: begun and ended here, kept from writing by the store itself."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.console.desk import Desk, at_desk
from regulars.identity.facade import Permission
from regulars.kit.ids import MemberId
from regulars.members import facade as members


@require_POST
@at_desk(Permission.MEMBERS_EDIT)
def look(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Open the store as the member sees it, for a quarter of an hour at most."""
    members.begin_look(request, operator=desk.operator, now=desk.now, member_id=MemberId(member_id))
    return redirect("store:home")


@require_POST
@at_desk(Permission.MEMBERS_EDIT)
def look_end(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Stop looking, and back to the member's page."""
    member_id = members.end_look(request, operator=desk.operator, now=desk.now)
    messages.success(request, _("You no longer look at the store as a member."))
    return redirect("console:member", member_id) if member_id else redirect("console:members")
