"""Choosing the language: kept with the member, who then reads it on every device, and in the browser."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from regulars.design import facade as design
from regulars.kit.actor import Actor, ActorKind
from regulars.members import facade as members
from regulars.store.visits import StoreRequest, Visit, for_everyone


@require_POST
@for_everyone
def choose_language(request: StoreRequest, visit: Visit) -> HttpResponse:
    """Keep the choice and go back to where it was made."""
    chosen = request.POST.get("language", "")
    member = visit.member
    if member is not None and design.is_known_language(chosen) and chosen != member.locale:
        members.save_members(
            actor=Actor(ActorKind.MEMBER, str(member.id)),
            now=visit.now,
            batch=[members.MemberInput(external_id=member.external_id, locale=chosen)],
        )
    response = design.lead_back(request)
    design.keep_language(response, chosen)
    return response
