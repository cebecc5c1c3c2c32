"""The widget at work, in debug and in a demonstration: a page as a shop's own, and a backend that signs."""

from datetime import timedelta

import jwt
from django.http import Http404, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from regulars.ledger import facade as ledger
from regulars.store.pages.examples import list_examples
from regulars.store.rendering import show
from regulars.store.visits import StoreRequest, Visit, for_everyone
from regulars.widget import facade as widget

TOKEN_LIFE = timedelta(minutes=5)


@require_safe
@for_everyone
def demo(request: StoreRequest, visit: Visit) -> HttpResponse:
    """The widget in each of its states, for one of the example members."""
    _require_demonstration()
    examples = list_examples(visit.programme, visit.now)
    chosen = next((one for one in examples if one.external_id == request.GET.get("member")), None)
    return show(
        request,
        visit,
        "widget_demo.html",
        examples=examples,
        chosen=chosen or (examples[0] if examples else None),
        script=request.build_absolute_uri(static("design/dist/widget.js")),
        points=ledger.get_balance(visit.member.id, visit.now).active if visit.member else 0,
        active="widget",
    )


@require_safe
@for_everyone
def demo_token(request: StoreRequest, visit: Visit) -> HttpResponse:
    """What a shop's backend does: a token for whoever is signed in. Here, for an example member alone."""
    _require_demonstration()
    wanted = request.GET.get("member", "")
    if wanted not in {one.external_id for one in list_examples(visit.programme, visit.now)}:
        return HttpResponse(status=204)
    issued_at = int(visit.now.timestamp())
    token = jwt.encode(
        {
            "sub": f"external:{wanted}",
            "iss": f"{request.scheme}://{request.get_host()}",
            "aud": widget.AUDIENCE,
            "iat": issued_at,
            "exp": issued_at + int(TOKEN_LIFE.total_seconds()),
        },
        widget.get_demo_private_key(),
        algorithm=widget.ALGORITHM,
        headers={"kid": widget.DEMO_KID},
    )
    return JsonResponse({"token": token})


def _require_demonstration() -> None:
    if not widget.may_demonstrate():
        raise Http404("The widget is shown at work in debug and in a demonstration.")
