"""Signing in with a code by e-mail, and out again.

Whether an address belongs to a member is never told: known or not, the same page follows, the same limits
hold, and a wrong code gets the same answer.
"""

from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from regulars.activity.facade import EventInput
from regulars.earning import facade as earning
from regulars.identity import facade as identity
from regulars.kit.actor import SYSTEM
from regulars.kit.errors import TooMany
from regulars.members import facade as members
from regulars.store import sessions
from regulars.store.forms import CodeForm, EmailForm
from regulars.store.pages.examples import list_examples
from regulars.store.rendering import show
from regulars.store.views.codes import NO_TICKET, count_code, enter_with_code, issue_code
from regulars.store.visits import StoreRequest, Visit, for_everyone, is_demo

NEXT_LENGTH_MAX = 2_000
SIGN_UP = "sign_up"
OWN_ID = "web-"
"""Before the id of who joined here: theirs are the points for signing up."""


@for_everyone
def sign_in(request: StoreRequest, visit: Visit) -> HttpResponseBase:
    """Ask for an address; send a code to it where it is a member's."""
    if visit.member is not None:
        return redirect("store:home")
    form = EmailForm(request.POST if request.method == "POST" else None)
    # In the form, not in a session: a page that is only looked at writes nothing.
    wanted = (request.POST if request.method == "POST" else request.GET).get("next", "")[:NEXT_LENGTH_MAX]
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].strip().lower()
        try:
            count_code(request, email, visit.now)
        except TooMany as refusal:
            form.add_error(None, refusal.detail)
        else:
            ticket = _send_code(email, visit)
            sessions.begin_attempt(
                request,
                email=email,
                ticket=ticket.number,
                wanted=wanted,
                demo_code=ticket.code if is_demo() else "",
            )
            return redirect("store:sign_in_code")
    examples = list_examples(visit.programme, visit.now) if is_demo() else ()
    status = 200 if not form.errors else 422
    return show(
        request,
        visit,
        "sign_in.html",
        form=form,
        page={
            "examples": examples,
            "next": wanted,
            "over": "over" in request.GET,
            "may_join": members.is_registration_open(),
        },
        active="sign_in",
        status=status,
    )


@sensitive_post_parameters("code")
@for_everyone
def sign_in_code(request: StoreRequest, visit: Visit) -> HttpResponseBase:
    """Ask for the code; let in whoever has it."""
    email = request.session.get(sessions.EMAIL)
    if email is None:
        return redirect("store:sign_in")
    ticket = request.session.get(sessions.TICKET, 0)

    def enter(member: members.MemberProfile) -> HttpResponseBase:
        wanted = request.session.get(sessions.NEXT, "")
        sessions.sign_in(request, member.id, visit.now)
        thank_for_joining(member, visit)
        # Not redirect(): it would take a bare word for the name of a page.
        return HttpResponseRedirect(wanted if _is_ours(request, wanted) else resolve_url("store:home"))

    form = CodeForm(request.POST if request.method == "POST" else None)
    entered = enter_with_code(
        request,
        visit,
        form,
        email,
        check=lambda code: _check_code(email, ticket, code, visit),
        enter=enter,
    )
    if entered is not None:
        return entered
    return show(
        request,
        visit,
        "sign_in_code.html",
        form=form,
        email=email,
        demo_code=request.session.get(sessions.DEMO_CODE, "") if is_demo() else "",
        active="sign_in",
        status=200 if not form.errors else 422,
    )


@require_POST
@for_everyone
def sign_out(request: StoreRequest, visit: Visit) -> HttpResponseBase:
    """Forget the member."""
    sessions.sign_out(request, visit.now)
    return redirect("store:home")


@require_POST
@for_everyone
def demo_sign_in(request: StoreRequest, visit: Visit) -> HttpResponseBase:
    """In a demonstration: look around as one of the example members."""
    if not is_demo():
        raise Http404
    wanted = request.POST.get("member", "")
    for example in list_examples(visit.programme, visit.now):
        if example.external_id == wanted:
            sessions.sign_in(request, example.member_id, visit.now)
            return redirect("store:home")
    raise Http404


def thank_for_joining(member: members.MemberProfile, visit: Visit) -> int:
    """Give what the programme gives for signing up; answer how many points that is, 0 the second time.

    Done at each sign-in of who joined here, so that nobody misses it whose first one was cut short.
    """
    if not member.external_id.startswith(OWN_ID) or visit.programme is None:
        return 0
    event = EventInput(
        external_id=f"sign-up-{member.external_id}",
        member_id=member.id,
        kind=SIGN_UP,
        occurred_at=member.joined_at,
    )
    (outcome,) = earning.submit_events(actor=SYSTEM, now=visit.now, batch=[event])
    return outcome.points if outcome.status is earning.SubmitStatus.ACCEPTED else 0


def _send_code(email: str, visit: Visit) -> identity.SignInTicket:
    """Send a code where somebody has the address; a ticket that opens nothing where nobody has."""
    member = members.find_member(members.IdentityKind.EMAIL, email)
    if member is None:
        return NO_TICKET
    text = _(
        "Your code is %(code)s. It is good for ten minutes and for one sign-in.\n\n"
        "If you did not ask for it, ignore this message: nobody gets in without the code."
    )
    return issue_code(member, email, text, visit)


def _check_code(email: str, ticket: int, code: str, visit: Visit) -> members.MemberProfile:
    """The member whose code this is. Raises SignInCodeWrong."""
    member = members.find_member(members.IdentityKind.EMAIL, email)
    if member is None:
        raise identity.SignInCodeWrong("This code is not right.")
    identity.check_sign_in_code(member_id=member.id, ticket=ticket, code=code, now=visit.now)
    return member


def _is_ours(request: StoreRequest, address: str) -> bool:
    return bool(address) and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
