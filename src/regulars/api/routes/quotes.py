"""What a basket would earn, and why."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router

from regulars.api.auth import ApiKey
from regulars.api.refs import resolve_member
from regulars.api.replies import once, reply
from regulars.api.routes.activity import number_lines
from regulars.api.schemas.activity import CreditOut, QuoteIn, QuoteOut
from regulars.api.schemas.points import PartOut, ShareOut
from regulars.earning import facade as earning
from regulars.identity.facade import Scope
from regulars.kit.clock import utc_now
from regulars.ledger.facade import Currency
from regulars.rules.facade import Basket, BasketLine, Evaluation, Part, explain

router = Router(tags=["Quote"])


@router.post("/quote", auth=ApiKey(Scope.MEMBERS_READ), response=QuoteOut)
@once
def quote_basket(request: HttpRequest, quote: QuoteIn) -> HttpResponse:
    """What this basket would earn, rule by rule and line by line. Nothing is recorded."""
    now = utc_now()
    member_id = resolve_member(quote.member) if quote.member is not None else None
    evaluation = earning.quote(member_id=member_id, basket=_basket(quote, now), now=now)
    return reply(_tell(evaluation, {number: line.sku for number, line in number_lines(quote.lines)}))


def _basket(quote: QuoteIn, now: datetime) -> Basket:
    lines = tuple(
        BasketLine(number, line.sku, line.quantity, line.amount, line.kind)
        for number, line in number_lines(quote.lines)
    )
    return Basket(
        occurred_at=quote.occurred_at or now,
        lines=lines,
        store=quote.store,
        channel=quote.channel,
        attributes=quote.attributes,
    )


def _tell(evaluation: Evaluation, skus: dict[int, str]) -> QuoteOut:
    return QuoteOut(
        points=evaluation.points_of(Currency.POINTS),
        programme_version=evaluation.version,
        credits=[
            CreditOut(
                currency=posting.currency,
                points=posting.amount,
                activates_at=posting.activates_at,
                awaits=posting.awaits,
                expires_at=posting.expires_at,
                parts=[_tell_part(part, skus) for part in posting.parts],
            )
            for posting in evaluation.postings
        ],
        notes=[explain(note) for note in evaluation.notes],
    )


def _tell_part(part: Part, skus: dict[int, str]) -> PartOut:
    shares = [
        ShareOut(line_no=number, sku=skus.get(number, ""), points=points) for number, points in part.shares
    ]
    return PartOut(rule=part.rule, points=part.points, sentence=explain(part.explanation), shares=shares)
