"""A contact is proved with a code sent to it, before anything changes: what addresses and numbers share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect

from regulars.identity import facade as identity
from regulars.identity.facade import CodeUse
from regulars.kit.errors import Refusal, TooMany
from regulars.store.forms import CodeForm
from regulars.store.rendering import show
from regulars.store.visits import MemberVisit, StoreRequest, is_demo


@dataclass(frozen=True, slots=True)
class Contact:
    """A kind of contact. `name` is that of the field; `page` asks for the code.

    `send` sends a code to a contact, within the transaction that issues it. `change` makes the proved contact
    theirs and answers what to say; both raise what their rooms refuse.
    """

    name: str
    page: str
    tries: identity.Limit
    send: Callable[[str, str, MemberVisit], object]
    change: Callable[[str, MemberVisit], str]

    @property
    def proof(self) -> str:
        """Under which name the session keeps what is to be proved."""
        return f"store_{self.name}_proof"


def send_code(
    request: StoreRequest,
    visit: MemberVisit,
    contact: Contact,
    to: str,
    limits: Sequence[tuple[identity.Limit, str]],
) -> HttpResponseBase:
    """Issue a code and send it, both or neither, and go on to the page that asks for it.

    `limits` are counted in their order, each for its subject.
    """
    try:
        for limit, subject in limits:
            identity.take_attempt(limit=limit, subject=subject, now=visit.now)
        with transaction.atomic():
            ticket = identity.issue_sign_in_code(
                member_id=visit.member_id, now=visit.now, use=CodeUse.CONTACT
            )
            if not is_demo():
                contact.send(to, ticket.code, visit)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("store:profile")
    # In this browser's session alone: the code is worth nothing without it.
    request.session[contact.proof] = [to, ticket.number, ticket.code if is_demo() else ""]
    return redirect(f"store:{contact.page}")


def ask_for_code(request: StoreRequest, visit: MemberVisit, contact: Contact) -> HttpResponseBase:
    """Ask for the code; with it, the contact is theirs."""
    proof = request.session.get(contact.proof)
    if proof is None:
        return redirect("store:profile")
    to, ticket, demo_code = proof
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            identity.take_attempt(limit=contact.tries, subject=str(visit.member_id), now=visit.now)
            identity.check_sign_in_code(
                member_id=visit.member_id,
                ticket=ticket,
                code=form.cleaned_data["code"],
                now=visit.now,
                use=CodeUse.CONTACT,
            )
        except (TooMany, identity.SignInCodeWrong) as refusal:
            form.add_error("code", refusal.detail)
        else:
            return _take_over(request, visit, contact, to)
    return show(
        request,
        visit,
        f"{contact.page}.html",
        form=form,
        **{contact.name: to},
        demo_code=demo_code if is_demo() else "",
        active="profile",
        status=422 if form.errors else 200,
    )


def _take_over(request: StoreRequest, visit: MemberVisit, contact: Contact, to: str) -> HttpResponseBase:
    del request.session[contact.proof]
    try:
        messages.success(request, contact.change(to, visit))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect("store:profile")
