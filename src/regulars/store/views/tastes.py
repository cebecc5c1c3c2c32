"""What the recommender knows of a member, in their own hands."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from regulars.ledger import facade as ledger
from regulars.recommend import facade as recommend
from regulars.store.pages.tastes import load_taste
from regulars.store.rendering import show
from regulars.store.visits import MemberVisit, StoreRequest, for_members


@for_members
def taste(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Look at it; switch personal recommendations off and on."""
    if request.method == "POST":
        personal = request.POST.get("personal") == "yes"
        recommend.set_personal(actor=visit.actor, member_id=visit.member_id, personal=personal, now=visit.now)
        if personal:
            messages.success(request, _("Your recommendations are personal again."))
        else:
            messages.success(request, _("Personal recommendations are off. You see what is popular."))
        return redirect("store:taste")
    points = ledger.get_balance(visit.member_id, visit.now).active
    return show(request, visit, "taste.html", page=load_taste(visit), points=points, active="profile")
