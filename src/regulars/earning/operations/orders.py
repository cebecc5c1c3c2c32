"""Orders in, points out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from regulars.activity import facade as activity
from regulars.activity.facade import OrderInput, RecordedOrder, RecordStatus
from regulars.catalogue import facade as catalogue
from regulars.earning.errors import AwardTooLarge, WrongCurrency
from regulars.earning.operations import awarding
from regulars.earning.operations.awaiting import activate_by_past_events, note_awaited
from regulars.earning.operations.awarding import NO_SEGMENTS, Occurrence, Slip
from regulars.earning.operations.collector import collector_paused
from regulars.earning.operations.counters import save_counters
from regulars.earning.operations.oversized import OversizedAwards, submit_without_oversized, with_places
from regulars.earning.operations.persons import as_recorded, count_orders_before, gather_merged
from regulars.earning.operations.sliding import extend_by_activity
from regulars.earning.queries import find_awards
from regulars.earning.types import OrderOutcome, SourceKind, SubmitStatus
from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId, OrderId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency
from regulars.members import facade as members
from regulars.members.facade import MemberTraits
from regulars.rules import facade as rules
from regulars.rules.facade import Basket, BasketLine, Schedule
from regulars.tiers import facade as tiers


def submit_orders(
    *,
    actor: Actor,
    now: datetime,
    batch: Sequence[OrderInput],
    segments: Mapping[MemberId, frozenset[str]] = NO_SEGMENTS,
) -> list[OrderOutcome]:
    """Record orders and give the points they earn: all of the batch in one transaction, each order once.

    A row that cannot be is refused with its reason and stops no other, one that would give too much as
    well; a repeat answers as the first time did. Orders are judged in order of time within each member, by
    the programme in force at their time; what one uses up of caps or adds to a tier counts for the next.

    Locks, in order: keys of the new orders, members' tier status, members' points wallets (each
    ascending), budgets. Raises NoProgramme.
    """
    with collector_paused(len(batch)):
        return submit_without_oversized(
            lambda oversized: _submit(actor, now, batch, segments, oversized),
        )


def _submit(
    actor: Actor,
    now: datetime,
    batch: Sequence[OrderInput],
    segments: Mapping[MemberId, frozenset[str]],
    oversized: Mapping[int, AwardTooLarge],
) -> list[OrderOutcome]:
    schedule = rules.load_schedule()
    schedule.at(now)
    refused = [_refuse(order, schedule, oversized.get(place)) for place, order in enumerate(batch)]
    fit = [order for index, order in enumerate(batch) if refused[index] is None]
    traits = members.get_traits({order.member_id for order in fit})
    fit, traits = as_recorded(fit, traits, activity.find_order_owners)
    recorded = iter(activity.record_orders(actor=actor, now=now, batch=fit, known_members=traits))
    rows = [refused[index] or next(recorded) for index in range(len(batch))]
    new = {
        row.order_id: order
        for row, order in zip(rows, batch, strict=True)
        if row.status is RecordStatus.NEW and row.order_id is not None
    }
    slips: list[Slip] = []
    if new:
        try:
            slips = _award(actor=actor, now=now, new=new, schedule=schedule, traits=traits, segments=segments)
        except OversizedAwards as found:
            raise with_places(found, [row.order_id for row in rows]) from None
    return _answer(rows, slips)


def _refuse(order: OrderInput, schedule: Schedule, oversized: AwardTooLarge | None) -> RecordedOrder | None:
    """A refusal where the order is not in the programme's money, or was found to give too much.

    What else is wrong, activity says.
    """
    if oversized is not None:
        return RecordedOrder(order.external_id, RecordStatus.REFUSED, refusal=oversized)
    if order.occurred_at.utcoffset() is None:
        return None
    currency = schedule.at(order.occurred_at).currency
    if order.currency == currency:
        return None
    detail = f"The programme counts in {currency}, not in {order.currency}."
    refusal = WrongCurrency(detail, field="currency", currency=currency)
    return RecordedOrder(order.external_id, RecordStatus.REFUSED, refusal=refusal)


def _award(
    *,
    actor: Actor,
    now: datetime,
    new: Mapping[OrderId, OrderInput],
    schedule: Schedule,
    traits: Mapping[MemberId, MemberTraits],
    segments: Mapping[MemberId, frozenset[str]],
) -> list[Slip]:
    programme_now = schedule.at(now)
    member_ids = sorted({order.member_id for order in new.values()})
    last = max(order.occurred_at for order in new.values())
    standings = tiers.load_standings(member_ids, programme_now, last)
    ledger.lock_wallets(member_ids, Currency.POINTS)
    evaluated, counters, moved = awarding.evaluate(
        occurrences=_list_occurrences(new, schedule),
        traits=traits,
        segments=segments,
        standings=standings,
        orders_before=count_orders_before(member_ids, gather_merged(traits), excluding=new.keys()),
        programme_now=programme_now,
    )
    slips = awarding.post(actor=actor, now=now, kind=SourceKind.ORDER, evaluated=evaluated)
    awarding.keep(now=now, kind=SourceKind.ORDER, slips=slips)
    save_counters(counters)
    tiers.save_standings(programme=programme_now, standings=moved, now=now)
    activate_by_past_events(actor=actor, now=now, waiting=note_awaited(slips))
    extend_by_activity(actor=actor, now=now, kind=SourceKind.ORDER, slips=slips)
    return slips


def _list_occurrences(new: Mapping[OrderId, OrderInput], schedule: Schedule) -> list[Occurrence]:
    """The baskets of new orders, each line with what the catalogue knows of its product."""
    traits = catalogue.find_traits({line.sku for order in new.values() for line in order.lines})
    unknown: tuple[str, tuple[str, ...]] = ("", ())
    occurrences = []
    for order_id, order in new.items():
        lines = tuple(
            [
                BasketLine(line_no, sku, quantity, amount, kind, *(traits.get(sku) or unknown))
                for line_no, sku, quantity, amount, _discount, kind in order.lines
            ]
        )
        occurrences.append(
            Occurrence(
                member_id=order.member_id,
                occurred_at=order.occurred_at,
                source_id=order_id,
                reference=order.external_id,
                programme=schedule.at(order.occurred_at),
                what=Basket(order.occurred_at, lines, order.store, order.channel, order.attributes),
            )
        )
    return occurrences


def _answer(rows: Sequence[RecordedOrder], slips: Sequence[Slip]) -> list[OrderOutcome]:
    awards = {slip.occurrence.source_id: (slip.award_id, slip.points) for slip in slips}
    repeated = {row.order_id for row in rows if row.order_id is not None} - awards.keys()
    awards |= find_awards(SourceKind.ORDER, repeated)
    outcomes = []
    for row in rows:
        if row.order_id is None:
            outcomes.append(OrderOutcome(row.external_id, SubmitStatus.REFUSED, row.refusal))
            continue
        status = SubmitStatus.ACCEPTED if row.status is RecordStatus.NEW else SubmitStatus.REPEATED
        award_id, points = awards[row.order_id]
        outcomes.append(OrderOutcome(row.external_id, status, None, points, award_id, row.order_id))
    return outcomes
