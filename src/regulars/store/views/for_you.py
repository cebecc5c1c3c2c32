"""Products picked for a member: the shelves, "not for me", and what a newcomer likes."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from regulars.catalogue import facade as catalogue
from regulars.design.facade import lead_back
from regulars.kit.errors import Refusal
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.recommend import facade as recommend
from regulars.store.pages.for_you import FIRST_MAX, load_for_you, read_interests
from regulars.store.pages.suggestions import suggest_rewards
from regulars.store.rendering import show
from regulars.store.visits import MemberVisit, StoreRequest, for_members, is_part

WISHES = {
    "hide": gettext_lazy("“%(name)s” is not shown to you any more."),
    "show": gettext_lazy("“%(name)s” may be shown to you again."),
    "forget": gettext_lazy("Nothing is concluded from “%(name)s” any more."),
    "learn": gettext_lazy("“%(name)s” counts again."),
}
TOGETHER_MAX = 30


@for_members
def for_you(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """All shelves, or the first of them where home asks; only the shelves where a part is asked for."""
    first = min(_read_number(request.GET.get("first", "")), FIRST_MAX)
    page = load_for_you(visit, first=first)
    if is_part(request):
        return show(request, visit, "parts/for_you.html", page=page)
    points = ledger.get_balance(visit.member_id, visit.now).active
    rewards = () if first else suggest_rewards(visit)
    return show(request, visit, "for_you.html", page=page, rewards=rewards, points=points, active="home")


@require_POST
@for_members
def judge_product(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Not for me, and back; not to be learnt from, and back. Products of one name may come together."""
    wish = request.POST.get("wish", "")
    skus = [sku[:64] for sku in request.POST.getlist("sku")[:TOGETHER_MAX]]
    if wish == "suggest":
        return _suggest_again(request, visit, skus)
    found = catalogue.find_products(skus)
    product = next((found[sku] for sku in skus if sku in found), None)
    if product is None:
        raise recommend.ProductUnknown(_("There is no such product."))
    if wish not in WISHES:
        return redirect("store:taste")
    for sku in dict.fromkeys(skus):
        if sku in found:
            _judge(visit, sku, wish)
    said = WISHES[wish]
    if is_part(request):
        return show(
            request,
            visit,
            "parts/product_verdict.html",
            card=product,
            hidden=wish == "hide",
        )
    messages.success(request, said % {"name": product.name})
    return lead_back(request) if request.POST.get("next") else redirect("store:for_you")


def _suggest_again(request: StoreRequest, visit: MemberVisit, codes: list[str]) -> HttpResponseBase:
    """Take back what was said of rewards."""
    for one in recommend.list_dismissals(visit.member_id):
        if one.kind is recommend.DismissalKind.REWARD and one.sku in codes:
            recommend.restore_reward(actor=visit.actor, member_id=visit.member_id, code=one.sku)
            messages.success(request, _("“%(name)s” may be shown to you again.") % {"name": one.name})
    return lead_back(request)


def _judge(visit: MemberVisit, sku: str, wish: str) -> None:
    whose: dict[str, Any] = {"actor": visit.actor, "member_id": visit.member_id, "sku": sku}
    match wish:
        case "hide":
            recommend.dismiss_product(**whose, now=visit.now)
        case "show":
            recommend.restore_product(**whose)
        case "forget":
            recommend.forget_purchase(**whose, now=visit.now)
        case "learn":
            recommend.remember_purchase(**whose)


@require_POST
@for_members
def interests(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Keep what the member likes, or ask no more."""
    told = request.POST.getlist("interest") if request.POST.get("wish") != "later" else []
    if told:
        try:
            members.change_profile(
                actor=visit.actor,
                now=visit.now,
                member_id=visit.member_id,
                given_name=visit.member.given_name,
                family_name=visit.member.family_name,
                locale=visit.member.locale,
                time_zone=visit.member.time_zone,
                interests=[*read_interests(visit), *told],
            )
        except Refusal as refusal:
            messages.error(request, refusal.detail)
        else:
            messages.success(request, _("Thank you. Your shelves follow from it."))
    else:
        recommend.decline_interests(actor=visit.actor, member_id=visit.member_id, now=visit.now)
    return lead_back(request)


def _read_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 3 else 0
