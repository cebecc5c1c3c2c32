"""A member's own data, and what they may do with it."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.identity import facade as identity
from regulars.kit.errors import Refusal
from regulars.members import facade as members
from regulars.members.facade import PrivacyKind
from regulars.store import sessions
from regulars.store.forms import ProfileForm
from regulars.store.pages.profile import load_profile, read_consents
from regulars.store.rendering import show
from regulars.store.views.phones import can_prove_phone
from regulars.store.visits import MemberVisit, StoreRequest, for_members

REQUESTS_BY_MEMBER = identity.Limit("store_privacy", 10, timedelta(days=1))


@for_members
def profile(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Look at it, and change it."""
    form = ProfileForm(request.POST if request.method == "POST" else None, member=visit.member)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            members.change_profile(
                actor=visit.actor,
                now=visit.now,
                member_id=visit.member_id,
                given_name=told["given_name"],
                family_name=told["family_name"],
                locale=told["locale"],
                time_zone=told["time_zone"],
                birthday=told.get("birthday"),
                interests=request.POST.getlist("interest"),
            )
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
        else:
            messages.success(request, _("Saved."))
            return redirect("store:profile")
    page = load_profile(visit, _session_number(request))
    status = 422 if form.errors else 200
    return show(
        request,
        visit,
        "profile.html",
        page=page,
        form=form,
        can_prove_phone=can_prove_phone(),
        points=page.points,
        active="profile",
        status=status,
    )


@require_POST
@for_members
def consents(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Keep what the member agrees to."""
    members.save_consents(
        actor=visit.actor, now=visit.now, member_id=visit.member_id, given=read_consents(request.POST)
    )
    messages.success(request, _("Saved. You can change your mind at any time."))
    return redirect("store:profile")


@require_POST
@for_members
def privacy(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Ask for a copy or for erasure, or think again."""
    wish = request.POST.get("wish", "")
    try:
        identity.take_attempt(limit=REQUESTS_BY_MEMBER, subject=str(visit.member_id), now=visit.now)
        if wish == "stay":
            members.withdraw_request(
                actor=visit.actor, now=visit.now, member_id=visit.member_id, kind=PrivacyKind.ERASURE
            )
            messages.success(request, _("Your account stays. Nothing was deleted."))
        elif wish == "copy":
            members.request_privacy(
                actor=visit.actor, now=visit.now, member_id=visit.member_id, kind=PrivacyKind.COPY
            )
            messages.success(request, _("Your copy is being written. Look here again in a moment."))
        elif wish == "erasure":
            if request.POST.get("sure") != "on":
                messages.error(request, _("Please tick that you know what is lost."))
                return redirect("store:profile")
            members.request_privacy(
                actor=visit.actor, now=visit.now, member_id=visit.member_id, kind=PrivacyKind.ERASURE
            )
            messages.info(request, _("Your account will be deleted. Until then you can think again here."))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect("store:profile")


@for_members
def my_data(_request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """The copy that was written."""
    content = members.find_copy(visit.member_id, visit.now)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@for_members
def end_sessions(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Sign out in one other place, or in all of them; here the member stays."""
    here = _session_number(request)
    wanted = request.POST.get("session", "")
    only = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else None
    identity.end_member_sessions(member_id=visit.member_id, now=visit.now, only=only, but=here)
    messages.success(request, _("Signed out there."))
    return redirect("store:profile")


def _session_number(request: StoreRequest) -> int:
    return int(request.session.get(sessions.SESSION, 0))
