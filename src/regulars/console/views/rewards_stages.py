"""What becomes of a reward: published, withdrawn, put away, fetched back, copied; told before it is done."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from regulars.catalogue import facade as catalogue
from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_brand import BaseForm
from regulars.console.pages.rewards_stages import Consequence, tell_archiving, tell_offering, tell_withdrawing
from regulars.identity.facade import Permission


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a reward: what is asked, what it does, what is said when it is done."""

    question: Promise
    button: Promise
    variant: str
    done: Promise
    tell: Callable[[Desk, catalogue.Offer], list[Consequence]]
    carry_out: Callable[..., catalogue.RewardInfo]


OFFER = Stage(
    gettext_lazy("Publish “%(name)s”?"),
    gettext_lazy("Publish"),
    "primary",
    gettext_lazy("“%(name)s” is published."),
    tell_offering,
    catalogue.offer_reward,
)
WITHDRAW = Stage(
    gettext_lazy("Take “%(name)s” out of the store?"),
    gettext_lazy("Take it out"),
    "destructive",
    gettext_lazy("“%(name)s” is a draft again."),
    tell_withdrawing,
    catalogue.withdraw_reward,
)
ARCHIVE = Stage(
    gettext_lazy("Put “%(name)s” away?"),
    gettext_lazy("Archive it"),
    "destructive",
    gettext_lazy("“%(name)s” is in the archive."),
    tell_archiving,
    catalogue.archive_reward,
)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.CATALOGUE_MANAGE)
def publish(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Let members have it."""
    return _step(request, desk, code, OFFER)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.CATALOGUE_MANAGE)
def withdraw(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Take it out of the store."""
    return _step(request, desk, code, WITHDRAW)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.CATALOGUE_MANAGE)
def archive(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Put it away."""
    return _step(request, desk, code, ARCHIVE)


@require_POST
@at_desk(Permission.CATALOGUE_MANAGE)
def restore(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Fetch it back from the archive, as a draft."""
    catalogue.restore_reward(actor=desk.actor, now=desk.now, code=code, base=_base(request))
    messages.success(request, _("It is back, as a draft."))
    return redirect("console:reward", code)


@require_POST
@at_desk(Permission.CATALOGUE_MANAGE)
def duplicate(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Make a draft that says the same, under a code of its own; nothing of it was taken."""
    known = catalogue.get_reward(code).decided
    name = _("%(name)s (copy)") % {"name": known.name}
    copy = replace(
        known, code=catalogue.find_free_code(code), name=name[:160], published=False, archived=False
    )
    catalogue.save_reward(actor=desk.actor, now=desk.now, reward=copy, base=0)
    messages.success(request, _("This is the copy, a draft. It has its own code and its own stock."))
    return redirect("console:reward", copy.code)


def _step(request: HttpRequest, desk: Desk, code: str, stage: Stage) -> HttpResponse:
    offer = catalogue.get_offer(code, desk.now)
    name = {"name": catalogue.say_now(offer.info.decided).name}
    if request.method == "POST":
        stage.carry_out(actor=desk.actor, now=desk.now, code=code, base=_base(request))
        messages.success(request, stage.done % name)
        return redirect("console:reward", code)
    return show(
        request,
        desk,
        "console/reward_stage.html",
        offer=offer,
        stage=stage,
        question=stage.question % name,
        name=name["name"],
        consequences=stage.tell(desk, offer),
        active="rewards",
    )


def _base(request: HttpRequest) -> int:
    form = BaseForm(request.POST)
    return int(form.cleaned_data["base"]) if form.is_valid() else -1
