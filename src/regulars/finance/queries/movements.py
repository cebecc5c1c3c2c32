"""What moved in a period, so that opening + movements = closing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from regulars.finance import policies
from regulars.finance.queries.liability import compare, compare_stored
from regulars.finance.queries.reading import (
    Flow,
    list_point_costs,
    read_due,
    read_flows,
    read_stored,
    snapshot,
    sum_effects,
)
from regulars.finance.types import Movement, Movements, Period, Position, Step, Stretch
from regulars.ledger.facade import Currency


def get_movements(
    *, period: Period, now: datetime, currency: Currency = Currency.POINTS, step: Step | None = None
) -> Movements:
    """What was booked in a period, with the balances before and after; with a step, by day or month too.

    A period that is not over yet ends now. The same number of queries for any number of entries.
    Raises PeriodInvalid.
    """
    policies.check_period(period, now)
    period = policies.end_by(period, now)
    with snapshot():
        costs = list_point_costs() if currency is Currency.POINTS else []
        flows = read_flows(period, [currency], step)
        opening_due, opening_lots = read_due(period.start, currency)
        closing_due, closing_lots = read_due(period.end, currency)
        stored = read_stored(currency)
    within = [flow for flow in flows if flow.phase == 1]
    opening = sum_effects([flow for flow in flows if flow.phase == 0])
    closing = opening + sum_effects(within)
    since = sum_effects([flow for flow in flows if flow.phase == 2])
    first = policies.cost_before(costs, period.start, period.zone)
    last = policies.cost_before(costs, period.end, period.zone)
    opening_points, due = opening.booked - opening_due, opening_due - closing_due
    movements = _movements_of(within)
    opened, *values, due_money = policies.value_in_turn(
        [opening_points, *(one.change.booked for one in movements), due], last
    )
    before = policies.value_of(opening_points, first or last)
    return Movements(
        currency=currency,
        period=period,
        is_final=policies.is_final(period.end, now),
        opening=opening,
        opening_due=opening_due,
        movements=tuple(replace(one, money=value) for one, value in zip(movements, values, strict=True)),
        closing=closing,
        closing_due=closing_due,
        opening_money=before,
        closing_money=policies.value_of(closing.booked - closing_due, last),
        revaluation=None if before is None or opened is None else opened - before,
        due_money=due_money,
        cost=last,
        stretches=_stretches(opening, within) if step else (),
        tie_outs=(
            *compare("opening_lots", opening, opening_lots),
            *compare("lots", closing, closing_lots),
            *compare_stored(closing + since, stored),
        ),
    )


def _movements_of(flows: Iterable[Flow]) -> list[Movement]:
    groups: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        groups[policies.line_of(flow.kind, flow.debit, flow.credit)].append(flow)
    return [
        Movement(
            line=line,
            entries=sum(flow.entries for flow in groups[line]),
            points=sum(flow.points for flow in groups[line]),
            of_before=sum(flow.of_before for flow in groups[line]),
            change=sum_effects(groups[line]),
        )
        for line in sorted(groups, key=policies.place_of)
    ]


def _stretches(opening: Position, flows: Iterable[Flow]) -> tuple[Stretch, ...]:
    """The days or months in which anything moved, in order, each with its closing balances."""
    groups: dict[date, list[Flow]] = defaultdict(list)
    for flow in flows:
        if flow.first_day is not None:
            groups[flow.first_day].append(flow)
    made, so_far = [], opening
    for first_day in sorted(groups):
        so_far += sum_effects(groups[first_day])
        made.append(Stretch(first_day, tuple(_movements_of(groups[first_day])), so_far))
    return tuple(made)
