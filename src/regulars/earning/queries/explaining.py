"""Every entry explains itself: which rule gave how much, for which product; or what a return took."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from regulars.activity import facade as activity
from regulars.activity.facade import EventSummary, OrderDetail, ReturnSummary
from regulars.catalogue import facade as catalogue
from regulars.earning.details import KeptPart, KeptPosting
from regulars.earning.errors import UnknownAward
from regulars.earning.models import Reversal
from regulars.earning.queries.awards import AwardRow, find_award_rows
from regulars.earning.types import (
    AwardView,
    PartView,
    PostingView,
    ReversalView,
    ShareView,
    Source,
    SourceKind,
    parse_source,
)
from regulars.kit.ids import EventId, JournalSeq, MemberId, OrderId, ReturnId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency
from regulars.rules import facade as rules

POINTS = Currency.POINTS.value
NAMES_SHOWN = 3


def explain_award(source: Source) -> AwardView:
    """Why one order or event gave what it gave, or what one return took. Raises UnknownAward."""
    views = explain_sources([source])
    if source not in views:
        raise UnknownAward("Nothing was awarded for that.", source=str(source))
    return views[source]


def explain_entry(*, member_id: MemberId, currency: Currency, seq: JournalSeq) -> AwardView:
    """Why one journal entry is there, where an order, event or return caused it; its `posting_of` is the part
    that this entry is about. Raises UnknownAward, EntryNotFound."""
    source = parse_source(ledger.get_entry(member_id, currency, seq).source)
    if source is None:
        raise UnknownAward("The entry came neither from an order nor from an event or a return.")
    return explain_award(source)


def explain_sources(sources: Iterable[Source]) -> dict[Source, AwardView]:
    """Why each of these gave or took what it did, for a page of history: the same few queries for any number.

    Sources without an award are left out.
    """
    return _explain(sources, in_full=True)


def summarise_sources(sources: Iterable[Source]) -> dict[Source, AwardView]:
    """The same for a glance: orders are not read line by line, and shares of lines carry no names.

    What came back is told of the returns asked for, not of the orders; of what counts for tiers nothing is.
    """
    return _explain(sources, in_full=False)


def _explain(sources: Iterable[Source], *, in_full: bool) -> dict[Source, AwardView]:
    wanted = set(sources)
    returns = activity.get_returns([ReturnId(one.id) for one in wanted if one.kind is SourceKind.RETURN])
    events = activity.get_events([EventId(one.id) for one in wanted if one.kind is SourceKind.EVENT])
    returned_ids = {back.order_id for back in returns.values()}
    order_ids = {OrderId(one.id) for one in wanted if one.kind is SourceKind.ORDER}
    orders = activity.get_orders(order_ids | returned_ids if in_full else returned_ids)
    if not in_full:
        brief = activity.get_order_summaries(order_ids - returned_ids)
        orders |= {number: OrderDetail(order, ()) for number, order in brief.items()}
    order_awards = find_award_rows(SourceKind.ORDER, orders.keys())
    event_awards = find_award_rows(SourceKind.EVENT, events.keys())
    if not in_full:
        order_awards = {number: _without_qualifying(award) for number, award in order_awards.items()}
        event_awards = {number: _without_qualifying(award) for number, award in event_awards.items()}
    awards = [*order_awards.values(), *event_awards.values()]
    told = awards if in_full else [order_awards[number] for number in returned_ids if number in order_awards]
    reversals = _list_reversals(told)
    names = _name_products(orders.values())
    views: dict[Source, AwardView] = {}
    for source in wanted:
        if source.kind is SourceKind.RETURN and source.id in returns:
            back = returns[ReturnId(source.id)]
            award = order_awards[back.order_id]
            views[source] = _view_return(
                source=source,
                back=back,
                order=orders[back.order_id],
                award=award,
                reversals=reversals[award.award_id],
                names=names,
            )
        elif source.kind is SourceKind.ORDER and source.id in order_awards:
            award = order_awards[source.id]
            views[source] = _view_award(
                source=source,
                order=orders[OrderId(source.id)],
                award=award,
                reversals=reversals[award.award_id],
                names=names,
            )
        elif source.kind is SourceKind.EVENT and source.id in event_awards:
            award = event_awards[source.id]
            views[source] = _view_award(
                source=source,
                event=events[EventId(source.id)],
                award=award,
                reversals=reversals[award.award_id],
                names=names,
            )
    return views


def _without_qualifying(award: AwardRow) -> AwardRow:
    """The award with its credits of points alone: what counts for tiers says the same again."""
    postings = tuple(posting for posting in award.kept.postings if posting.currency == POINTS)
    return replace(award, kept=replace(award.kept, postings=postings))


def _list_reversals(awards: Sequence[AwardRow]) -> Mapping[int, list[Reversal]]:
    found: dict[int, list[Reversal]] = defaultdict(list)
    if not awards:
        return found
    rows = Reversal.objects.filter(award_id__in=[award.award_id for award in awards])
    for row in rows.order_by("id"):
        found[row.award_id].append(row)
    return found


def _name_products(orders: Iterable[OrderDetail]) -> Mapping[str, str]:
    skus = {line.sku for order in orders for line in order.lines}
    return {sku: product.name for sku, product in catalogue.find_products(skus).items()}


def _view_award(
    *,
    source: Source,
    award: AwardRow,
    reversals: Sequence[Reversal],
    names: Mapping[str, str],
    order: OrderDetail | None = None,
    event: EventSummary | None = None,
) -> AwardView:
    skus = {line.line_no: line.sku for line in order.lines} if order else {}
    reference = order.order.external_id if order else event.external_id if event else ""
    postings = tuple(_view_posting(posting, reversals, skus, names) for posting in award.kept.postings)
    return AwardView(
        award_id=award.award_id,
        source=source,
        reference=reference,
        member_id=award.member_id,
        occurred_at=award.occurred_at,
        programme_version=award.programme_version,
        points=award.points,
        postings=postings,
        sentences=tuple(
            part.sentence for posting in postings if posting.currency == POINTS for part in posting.parts
        ),
        notes=tuple(rules.explain(note) for note in award.kept.notes),
        reversals=tuple(_view_reversal(row) for row in reversals),
        order=order.order if order else None,
        event_kind=event.kind if event else "",
    )


def _view_posting(
    posting: KeptPosting, reversals: Sequence[Reversal], skus: Mapping[int, str], names: Mapping[str, str]
) -> PostingView:
    return PostingView(
        currency=posting.currency,
        seq=JournalSeq(posting.seq),
        amount=posting.amount,
        reversed=sum(
            row.amount - row.waived
            for row in reversals
            if (row.currency, row.award_seq) == (posting.currency, posting.seq)
        ),
        parts=tuple(_view_part(part, skus, names) for part in posting.parts),
        activates_at=posting.activates_at,
        awaits=posting.awaits,
        expires_at=posting.expires_at,
    )


def _view_part(part: KeptPart, skus: Mapping[int, str], names: Mapping[str, str]) -> PartView:
    shares = []
    for line_no, points in part.shares:
        sku = skus.get(line_no, "")
        shares.append(ShareView(line_no, sku, names.get(sku, sku), points))
    return PartView(part.rule, part.points, rules.explain(part.explanation), tuple(shares))


def _view_return(
    *,
    source: Source,
    back: ReturnSummary,
    order: OrderDetail,
    award: AwardRow,
    reversals: Sequence[Reversal],
    names: Mapping[str, str],
) -> AwardView:
    own = tuple(_view_reversal(row) for row in reversals if row.return_id == back.id)
    points = [view for view in own if view.currency == POINTS]
    return AwardView(
        award_id=award.award_id,
        source=source,
        reference=back.external_id,
        member_id=award.member_id,
        occurred_at=back.occurred_at,
        programme_version=award.programme_version,
        points=-sum(view.amount - view.waived for view in points),
        postings=(),
        sentences=(_say_return(back, order, names),),
        notes=tuple(_say_shortfall(points)),
        reversals=own,
        order=order.order,
    )


def _say_return(back: ReturnSummary, order: OrderDetail, names: Mapping[str, str]) -> str:
    skus = {line.line_no: line.sku for line in order.lines}
    told = [names.get(skus[line_no], skus[line_no]) for line_no, _quantity, _amount in back.lines]
    params: dict[str, Any] = {"order": order.order.external_id, "products": ", ".join(told[:NAMES_SHOWN])}
    if len(told) > NAMES_SHOWN:
        return _("Returned from order %(order)s: %(products)s and more") % params
    return _("Returned from order %(order)s: %(products)s") % params


def _say_shortfall(points: Sequence[ReversalView]) -> Iterable[str]:
    into_debt = sum(view.into_debt for view in points)
    waived = sum(view.waived for view in points)
    if into_debt:
        yield _("%(points)d of them had been spent: the next points make up for them.") % {
            "points": into_debt
        }
    if waived:
        yield _("%(points)d more would have gone back, and may be kept.") % {"points": waived}


def _view_reversal(row: Reversal) -> ReversalView:
    return ReversalView(
        currency=row.currency,
        award_seq=JournalSeq(row.award_seq),
        seq=JournalSeq(row.seq),
        amount=row.amount,
        into_debt=row.into_debt,
        waived=row.waived,
    )
